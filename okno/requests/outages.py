"""What is off in a house and what a caller is told of it, in the caller's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from okno.access import trail
from okno.access.actor import Actor
from okno.houses.models import House
from okno.jobs import signals
from okno.requests import categories
from okno.requests.models import Outage


class OutageRefused(Exception):
    """The outage cannot be written so; the message says why."""


@dataclass(frozen=True, slots=True)
class Told:
    """An outage as a caller hears it; `until` is None while nobody knows."""

    outage_id: int
    category: str
    words: str
    since: datetime
    until: datetime | None
    planned: bool
    said: str
    """The words and the term that is promised, by the house's clock; a term that has passed is not told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOutage:
    """What is off. `house_ids` is empty when `everywhere`; `words` has at least the organisation's own language."""

    category: str
    words: Mapping[str, str]
    since: datetime
    house_ids: Sequence[int] = ()
    everywhere: bool = False
    planned: bool = False
    until: datetime | None = None


def known(house_id: int, at: datetime, language: str) -> tuple[Told, ...]:
    """What is off in the house at that moment, the newest first; what was written in another language is told in it."""
    house = House.objects.select_related("organisation").get(pk=house_id)
    rows = going_on(house.organisation_id, at).filter(Q(everywhere=True) | Q(houses=house)).order_by("-since", "-pk")
    return tuple(_told(one, house, at, language) for one in rows.distinct())


def _told(outage: Outage, house: House, at: datetime, language: str) -> Told:
    words = words_of(outage, language, house.organisation.default_language)
    term = ""
    if outage.until is not None and outage.until > at:
        until = outage.until.astimezone(ZoneInfo(house.time_zone))
        with translation.override(language):
            term = _("Обещают до %(time)s %(day)s.") % {"time": f"{until:%H:%M}", "day": f"{until:%d.%m.%Y}"}
    return Told(
        outage_id=outage.pk,
        category=outage.category,
        words=words,
        since=outage.since,
        until=outage.until,
        planned=outage.planned,
        said=f"{words} {term}".strip(),
    )


def going_on(organisation_id: int, at: datetime) -> QuerySet[Outage]:
    """Outages that have begun and not ended; one whose expected end has passed goes on until somebody ends it."""
    begun = Outage.objects.filter(organisation_id=organisation_id, since__lte=at)
    return begun.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=at))


def words_of(outage: Outage, language: str, default: str) -> str:
    """The words in `language`, else in the organisation's, else in whatever they were written in."""
    told: Mapping[str, str] = outage.words
    return told.get(language) or told.get(default) or next(iter(told.values()))


def begin(actor: Actor, told: NewOutage, *, now: datetime) -> Outage:
    """Write an outage, so that callers of these houses hear of it first. Raises `OutageRefused`, `UnknownCategory`."""
    assert actor.organisation is not None
    categories.get(told.category)
    words = {language: text.strip() for language, text in told.words.items() if text.strip()}
    if not words:
        raise OutageRefused(_("Напишите, что услышит житель: хотя бы на одном языке"))
    if told.until is not None and told.until <= told.since:
        raise OutageRefused(_("Отключение не может закончиться раньше, чем началось"))
    houses = list(House.objects.filter(organisation=actor.organisation, pk__in=told.house_ids))
    if not houses and not told.everywhere:
        raise OutageRefused(_("Выберите дома, которых касается отключение, или все дома"))
    with transaction.atomic():
        outage = Outage.objects.create(
            organisation=actor.organisation,
            everywhere=told.everywhere,
            category=told.category,
            planned=told.planned,
            words=words,
            since=told.since,
            until=told.until,
            created_at=now,
            created_by=actor.user,
        )
        outage.houses.set([] if told.everywhere else houses)
        _tell(actor, outage, "outage.begun", _("Отключение: %(words)s"))
    return outage


def expect(actor: Actor, outage_id: int, until: datetime | None) -> Outage:
    """Say until when it is expected to last; None: nobody knows. Raises `OutageRefused`."""
    with transaction.atomic():
        outage = _locked(actor, outage_id)
        if until is not None and until <= outage.since:
            raise OutageRefused(_("Отключение не может закончиться раньше, чем началось"))
        if outage.until != until:
            outage.until = until
            outage.save(update_fields=["until"])
            _tell(actor, outage, "outage.expected", _("Изменён срок отключения: %(words)s"))
    return outage


def end(actor: Actor, outage_id: int, *, at: datetime) -> Outage:
    """It is over; ended twice it ended the first time. Raises `OutageRefused` for an end before the beginning."""
    with transaction.atomic():
        outage = _locked(actor, outage_id)
        if outage.ended_at is None:
            if at < outage.since:
                raise OutageRefused(_("Отключение не может закончиться раньше, чем началось"))
            outage.ended_at = at
            outage.save(update_fields=["ended_at"])
            _tell(actor, outage, "outage.ended", _("Отключение закончилось: %(words)s"))
    return outage


def _locked(actor: Actor, outage_id: int) -> Outage:
    outage = (
        Outage.objects.select_for_update(of=("self",)).filter(organisation=actor.organisation, pk=outage_id).first()
    )
    if outage is None:
        raise OutageRefused(_("Такого отключения в организации нет"))
    return outage


def _tell(actor: Actor, outage: Outage, verb: str, sentence: str) -> None:
    language = outage.organisation.default_language
    trail.record(actor, verb, sentence % {"words": words_of(outage, language, language)}, subject=("outage", outage.pk))
    signals.send(outage.organisation_id, ["requests"])
