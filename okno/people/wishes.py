"""What people ask for and what is found out about them: hours, channel, language, silence, consents, wrong numbers.

Every change leaves a line in the trail; the rows' history keeps before and after.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from okno.access import trail
from okno.access.actor import Actor
from okno.access.models import Language
from okno.people.models import Channel, Consent, Person, Phone, Vulnerability


class WishRefused(Exception):
    """The change cannot be made; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How a person wants to be reached. Hours are of the house's clock, the end is not included; both or none."""

    language: str = ""
    preferred_channel: str = ""
    hours_since: time | None = None
    hours_until: time | None = None
    do_not_call: bool = False
    vulnerabilities: Sequence[str] = ()


def change(actor: Actor, person_id: int, wishes: Wishes, *, reason: str = "") -> Person:
    """Take the person's wishes over as they are given. Raises WishRefused (not ours, hours out of order)."""
    if (wishes.hours_since is None) != (wishes.hours_until is None):
        raise WishRefused(_("Назовите и начало, и конец удобных часов — или ни то ни другое"))
    if wishes.hours_since and wishes.hours_until and wishes.hours_since >= wishes.hours_until:
        raise WishRefused(_("Удобные часы заканчиваются раньше, чем начинаются"))
    with transaction.atomic():
        person = _person(actor, person_id)
        values: Mapping[str, Any] = {
            "language": wishes.language,
            "preferred_channel": wishes.preferred_channel,
            "hours_since": wishes.hours_since,
            "hours_until": wishes.hours_until,
            "do_not_call": wishes.do_not_call,
            "vulnerabilities": sorted(set(wishes.vulnerabilities)),
        }
        changed = {name: value for name, value in values.items() if getattr(person, name) != value}
        if not changed:
            return person
        for name, value in changed.items():
            setattr(person, name, value)
        person.save(update_fields=list(changed))
        trail.record(
            actor,
            "person.wishes_changed",
            _("%(person)s: %(changes)s")
            % {"person": person.full_name, "changes": "; ".join(_told(name, value) for name, value in changed.items())},
            subject=("person", person.pk),
            reason=reason,
        )
    return person


def _told(name: str, value: Any) -> str:
    if name == "do_not_call":
        return _("просит не звонить") if value else _("снова можно звонить")
    if name == "vulnerabilities":
        named = ", ".join(str(Vulnerability(flag).label) for flag in value)
        return _("особые отметки: %(named)s") % {"named": named or _("сняты")}
    if name == "preferred_channel":
        return _("удобный канал: %(channel)s") % {"channel": Channel(value).label if value else _("любой")}
    if name == "hours_since":
        return _("удобные часы с %(time)s") % {"time": f"{value:%H:%M}"} if value else _("удобные часы сняты")
    if name == "hours_until":
        return _("удобные часы до %(time)s") % {"time": f"{value:%H:%M}"} if value else _("конец часов снят")
    return _("язык: %(language)s") % {"language": value or _("как у организации")}


def mark_phone(actor: Actor, phone_id: int, *, is_wrong: bool, do_not_call: bool, reason: str = "") -> Phone:
    """Say of a number whether it is a stranger's and whether it may be rung. Raises WishRefused."""
    with transaction.atomic():
        phone = (
            Phone.objects.select_for_update(of=("self",))
            .select_related("person")
            .filter(organisation=actor.organisation, pk=phone_id)
            .first()
        )
        if phone is None:
            raise WishRefused(_("Такого телефона в организации нет"))
        if (phone.is_wrong, phone.do_not_call) == (is_wrong, do_not_call):
            return phone
        phone.is_wrong, phone.do_not_call = is_wrong, do_not_call
        phone.save(update_fields=["is_wrong", "do_not_call"])
        marks = [_("чужой номер")] * is_wrong + [_("не звонить")] * do_not_call
        trail.record(
            actor,
            "person.phone_marked",
            _("%(person)s, %(phone)s: %(marks)s")
            % {
                "person": phone.person.full_name,
                "phone": phone.number,
                "marks": ", ".join(marks) or _("отметки сняты"),
            },
            subject=("person", phone.person_id),
            reason=reason,
        )
    return phone


def ask_not_to_call(actor: Actor, person_id: int, *, reason: str = "") -> Person:
    """The person asks not to be called any more; told again it changes nothing. Raises WishRefused."""
    return _mark(actor, person_id, "do_not_call", True, _("%(person)s: просит не звонить"), reason)


def ask_for_language(actor: Actor, person_id: int, language: str, *, reason: str = "") -> Person:
    """The person asks to be spoken to in this language from now on. Raises WishRefused."""
    sentence = _("%(person)s: просит говорить на языке «%(language)s»")
    return _mark(actor, person_id, "language", language, sentence, reason, language=Language(language).label)


def found_dead(actor: Actor, person_id: int, *, reason: str = "") -> Person:
    """We were told that the person has died: nobody is called until it is looked at. Raises WishRefused."""
    with transaction.atomic():
        told = _person(actor, person_id).vulnerabilities
        marks = sorted({*told, Vulnerability.DECEASED.value})
        return _mark(actor, person_id, "vulnerabilities", marks, _("%(person)s: сообщили о смерти"), reason)


def _mark(actor: Actor, person_id: int, field: str, value: Any, sentence: str, reason: str, **told: Any) -> Person:
    with transaction.atomic():
        person = _person(actor, person_id)
        if getattr(person, field) != value:
            setattr(person, field, value)
            person.save(update_fields=[field])
            trail.record(
                actor,
                "person.wishes_changed",
                sentence % {"person": person.full_name, **told},
                subject=("person", person.pk),
                reason=reason,
            )
    return person


def record_consent(actor: Actor, person_id: int, *, channel: str, given: bool, on: date, source: str) -> Consent:
    """Write down a consent given or withdrawn on a day; none is ever edited. The same one twice is one.

    Raises WishRefused (not ours, no source).
    """
    if not source.strip():
        raise WishRefused(_("Назовите источник согласия: анкета, звонок, заявление"))
    with transaction.atomic():
        person = _person(actor, person_id)
        consent, made = Consent.objects.get_or_create(
            organisation=person.organisation,
            person=person,
            channel=channel,
            given=given,
            on=on,
            source=source.strip(),
        )
        if made:
            sentence = (
                _("%(person)s: согласие дано, %(channel)s (%(source)s)")
                if given
                else _("%(person)s: согласие отозвано, %(channel)s (%(source)s)")
            )
            trail.record(
                actor,
                "person.consent",
                sentence % {"person": person.full_name, "channel": Channel(channel).label, "source": source.strip()},
                subject=("person", person.pk),
            )
    return consent


def _person(actor: Actor, person_id: int) -> Person:
    person = (
        Person.objects.select_for_update(of=("self",)).filter(organisation=actor.organisation, pk=person_id).first()
    )
    if person is None:
        raise WishRefused(_("Такого человека в организации нет"))
    return person
