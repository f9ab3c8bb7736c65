"""Deeds that serve a resident: readings, requests, ratings, visits."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from uuid import UUID, uuid5

from django.utils.translation import gettext as _

from okno.dialogs.live import call_backs
from okno.dialogs.performing.deed import Deed, DeedDone, Unperformable, noted
from okno.houses.models import Meter, MeterReading
from okno.requests import ratings, register
from okno.requests.models import Request, RequestSource, Urgency
from okno.requests.register import NewRequest

SOURCE = "call"
"""Of a reading told to the robot; its evidence names the call."""

MAKES_A_REQUEST = ("request", "danger", "complaint")


def reading(deed: Deed) -> str:
    """Keep a reading; told again in the same day's calls, the later one is meant."""
    meter = Meter.objects.filter(organisation=deed.call.organisation, pk=deed.value("meter")).first()
    if meter is None:
        raise Unperformable(_("Такого счётчика в организации нет"))
    try:
        value = Decimal(str(deed.value("value")))
    except InvalidOperation as error:
        raise Unperformable(_("Показание не читается: %(value)s") % {"value": deed.value("value")}) from error
    kept, _made = MeterReading.objects.update_or_create(
        meter=meter,
        taken_on=deed.day,
        tariff=int(deed.value("tariff") or 1),
        source=SOURCE,
        defaults={"value": value, "evidence": deed.made_by, "doubtful": bool(deed.value("doubtful"))},
    )
    return f"reading:{kept.pk}"


def request(deed: Deed) -> str:
    return f"request:{_open(deed, str(deed.value('text') or ''), str(deed.value('category') or '')).pk}"


def danger(deed: Deed) -> str:
    """A request at once where the place is known; where it is not, the person is called back first of all."""
    words = str(deed.value("text") or "")
    if deed.account_or_none is None and deed.call.house_id is None:
        owed = call_backs.owe(deed.call, deed.now, words=_("Опасно: %(words)s") % {"words": words})
        return f"call_back:{owed.pk}"
    made = _open(deed, words or _("Опасность"), str(deed.value("category") or ""), urgency=Urgency.DANGER)
    return f"request:{made.pk}"


def complaint(deed: Deed) -> str:
    """A request for whoever answers for complaints; of an unknown caller a call-back."""
    if not deed.words:
        return "noted"
    if deed.account_or_none is None and deed.call.house_id is None:
        return f"call_back:{call_backs.owe(deed.call, deed.now, words=deed.words).pk}"
    return f"request:{_open(deed, deed.words, 'complaint').pk}"


def _place(deed: Deed) -> str:
    """Where it is; words in which no place was recognised stand as the resident said them."""
    place = str(deed.value("place") or "").strip()
    if not place or not deed.value("place_as_said"):
        return place
    mark = _("(со слов)")
    return f"{place[: register.PLACE_SIGNS - len(mark) - 1]} {mark}"


def _open(deed: Deed, text: str, category: str, *, urgency: str = "") -> Request:
    account, call = deed.account_or_none, deed.call
    house = account.flat.house_id if account else call.house_id
    if house is None:
        raise Unperformable(_("Неизвестно, о каком доме речь"))
    told = NewRequest(
        house_id=house,
        flat_id=account.flat_id if account else None,
        account_id=account.pk if account else None,
        person_id=call.person_id,
        phone=call.address if call.address.startswith("+") else "",
        place=_place(deed),
        category=category,
        urgency=urgency or str(deed.value("urgency") or ""),
        text=text,
        language=call.language,
        source=RequestSource.CALL,
        call_uid=_uid(deed),
    )
    return register.open_request(deed.actor, told, now=deed.action.created_at)


def _uid(deed: Deed) -> UUID:
    """The call's own for its first request; a call that asks for more has one of its own for each."""
    before = deed.call.actions.filter(kind__in=MAKES_A_REQUEST, number__lt=deed.action.number)
    return uuid5(deed.call.uid, str(deed.action.number)) if before.exists() else deed.call.uid


def _request(deed: Deed) -> Request:
    number = str(deed.value("request") or "")
    found = Request.objects.filter(organisation=deed.call.organisation, number=number) if number.isdigit() else None
    one = found.first() if found is not None else None
    if one is None:
        raise Unperformable(_("Заявки № %(number)s в организации нет") % {"number": number or "—"})
    return one


def _rate(deed: Deed, *, done: bool | None = None, score: int | None = None, comment: str = "") -> str:
    kept = ratings.rate(
        deed.actor,
        _request(deed),
        language=deed.call.language,
        now=deed.action.created_at,
        done=done,
        score=score,
        comment=comment,
        call_uid=deed.call.uid,
    )
    return f"rating:{kept.pk}"


def work_done(deed: Deed) -> str:
    return _rate(deed, done=True)


def rating(deed: Deed) -> str:
    return _rate(deed, score=int(deed.value("score")))


def comment(deed: Deed) -> str:
    return _rate(deed, comment=deed.words)


def reopen(deed: Deed) -> str:
    return _rate(deed, done=False, comment=deed.words)


def confirm_visit(deed: Deed) -> str:
    return _of_visit(deed, _("Житель будет дома"))


def cancel_visit(deed: Deed) -> str:
    return _of_visit(deed, _("Житель отказался от визита"))


def move_visit(deed: Deed) -> str:
    """The day is the resident's wish; the hour is told by a dispatcher."""
    on, at = deed.on(), deed.value("at")
    day = f"{on:%d.%m.%Y}" if on else "—"
    told = _("Житель просит перенести визит на %(day)s") % {"day": f"{day}, {at}" if at else day}
    call_backs.owe(deed.call, deed.now, words=told)
    return _of_visit(deed, told)


def _of_visit(deed: Deed, sentence: str) -> str:
    """A line about the request; a visit without one is kept by the call itself."""
    if not str(deed.value("request") or "").isdigit():
        return "noted"
    one = _request(deed)
    register.note(deed.actor, one, sentence)
    return f"request:{one.pk}"


DEEDS: Mapping[str, DeedDone] = {
    "reading": reading,
    "no_reading": noted,
    "request": request,
    "danger": danger,
    "complaint": complaint,
    "work_done": work_done,
    "rating": rating,
    "comment": comment,
    "reopen": reopen,
    "no_rating": noted,
    "confirm_visit": confirm_visit,
    "cancel_visit": cancel_visit,
    "move_visit": move_visit,
    "heard_to_the_end": noted,
}
