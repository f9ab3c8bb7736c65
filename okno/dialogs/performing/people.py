"""Deeds about the person: wrong numbers, wishes, people who moved or died, and the wish to be called another day."""

from collections.abc import Mapping
from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from okno.debts import holding
from okno.debts.models import HoldReason
from okno.dialogs import asked
from okno.dialogs.models import CallBack, Direction
from okno.dialogs.performing.deed import Deed, DeedDone, noted
from okno.people import wishes
from okno.people.models import Phone

_MORNING = time(9)


def wrong_number(deed: Deed) -> str:
    """The number is a stranger's: it is marked for the person we looked for, and for nobody else."""
    return _mark_phones(deed, is_wrong=True, reason=deed.words or _("Сказали в звонке: чужой номер"))


def do_not_call(deed: Deed) -> str:
    """The number is not rung again; the person neither, when it was surely the person who asked."""
    reason = deed.words or _("Просьба в звонке")
    made = _mark_phones(deed, do_not_call=True, reason=reason)
    is_known = deed.call.direction == Direction.IN or deed.call.slots.get("confirmed")
    if deed.call.person_id and (is_known or made == "noted"):
        wishes.ask_not_to_call(deed.actor, deed.call.person_id, reason=reason)
        return f"person:{deed.call.person_id}"
    return made


def owner_changed(deed: Deed) -> str:
    """Sold, or another owner: the number is left alone, and somebody looks at who owns the flat."""
    sold = deed.value("how") == "sold"
    told = _("Говорят, что квартира продана") if sold else _("Говорят, что собственник другой")
    words = "; ".join(filter(None, (str(told), deed.words)))
    _mark_phones(deed, do_not_call=True, reason=words)
    return _look_at_it(deed, words)


def died(deed: Deed) -> str:
    """Nobody is called about this person until somebody has looked."""
    words = "; ".join(filter(None, (_("Говорят, что человек умер"), deed.words)))
    if deed.call.person_id:
        wishes.found_dead(deed.actor, deed.call.person_id, reason=words)
    return _look_at_it(deed, words)


def call_later(deed: Deed) -> str:
    """A call of a campaign is repeated on the day by the dialler; whoever called us is owed a call of ours."""
    if deed.call.contact_id:
        return "noted"
    zone = ZoneInfo(deed.call.organisation.time_zone)
    by_hour = asked.moment(deed.value("on"), deed.value("at"), deed.value("minutes"), zone, deed.action.created_at)
    morning = datetime.combine(deed.on() or deed.day, _MORNING, zone)
    is_day = not (deed.value("at") or deed.value("minutes"))
    due = max(morning if is_day or by_hour is None else by_hour, deed.now)
    owed, _made = CallBack.objects.get_or_create(
        call=deed.call,
        defaults={
            "organisation": deed.call.organisation,
            "phone": deed.call.address,
            "person_id": deed.call.person_id,
            "account": deed.account_or_none,
            "words": deed.words,
            "created_at": deed.now,
            "due_at": due,
        },
    )
    return f"call_back:{owed.pk}"


def language(deed: Deed) -> str:
    """Who was surely spoken to is spoken to in this language the next time too."""
    call = deed.call
    if call.person_id is None or not (call.direction == Direction.IN or (call.dialog or {}).get("confirmed")):
        return "noted"
    wishes.ask_for_language(deed.actor, call.person_id, str(deed.value("language")), reason=_("Попросили в звонке"))
    return f"person:{call.person_id}"


def _look_at_it(deed: Deed, words: str) -> str:
    if deed.account_or_none is None:
        return "noted"
    made = holding.hold(deed.account.pk, HoldReason.PERSON, deed.made_by, deed.action.created_at, words)
    return f"hold:{made.pk}"


def _mark_phones(deed: Deed, *, reason: str, is_wrong: bool = False, do_not_call: bool = False) -> str:
    """Mark the number of the call; of a person we looked for only theirs, of a caller nobody knows everybody's."""
    rows = Phone.objects.filter(organisation=deed.call.organisation, number=deed.call.address)
    if deed.call.person_id:
        rows = rows.filter(person=deed.call.person_id)
    marked = ""
    for phone in rows.order_by("pk"):
        wishes.mark_phone(
            deed.actor,
            phone.pk,
            is_wrong=is_wrong or phone.is_wrong,
            do_not_call=do_not_call or phone.do_not_call,
            reason=reason,
        )
        marked = marked or f"phone:{phone.pk}"
    return marked or "noted"


DEEDS: Mapping[str, DeedDone] = {
    "wrong_number": wrong_number,
    "do_not_call": do_not_call,
    "owner_changed": owner_changed,
    "died": died,
    "call_later": call_later,
    "language": language,
    "third_party": noted,
    "not_home": noted,
    "child": noted,
}
