"""What people decided about an account's penalty: waivers and pauses, as the page tells them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Model, OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.translation import gettext as _

from okno.access.models import Membership
from okno.access.roles import may
from okno.ledger.penalties.models import PauseCause, PenaltyPause, PenaltyWaiver, WaiverState
from okno.ledger.penalties.words import waiver_in_words
from okno.web.parts import words

TONES = {
    WaiverState.GIVEN: "plan",
    WaiverState.KEPT: "good",
    WaiverState.BROKEN: "warn",
    WaiverState.TAKEN_BACK: "idle",
}
R = TypeVar("R", bound=Model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A waiver or a pause. `url` is where it is taken back or ended, "" where it cannot be; `holds`: today as well."""

    icon: str
    title: str
    reason: str
    author: str
    on: date
    state: str
    tone: str
    holds: bool
    url: str
    deed: str
    ended: str


def read_along() -> dict[str, ArraySubquery]:
    """Annotations that bring an account's decisions with the account, in the same query."""
    return {
        "told_waivers": _rows(PenaltyWaiver.objects.order_by("-given_on", "-pk")),
        "told_pauses": _rows(PenaltyPause.objects.order_by("-since", "-pk")),
    }


def _rows(rows: QuerySet[Any]) -> ArraySubquery:
    columns = {field.attname: field.attname for field in rows.model._meta.concrete_fields}
    return ArraySubquery(rows.filter(account=OuterRef("pk")).values(told=JSONObject(**columns)))


def decisions(membership: Membership, account: Any, day: date) -> list[Decision]:
    """All of them, those that hold today first; `account` was read with `read_along`."""
    pauses = [_pause(membership, _made(PenaltyPause, row), day) for row in account.told_pauses]
    waivers = [_waiver(membership, _made(PenaltyWaiver, row)) for row in account.told_waivers]
    return sorted([*pauses, *waivers], key=lambda one: (not one.holds, -one.on.toordinal()))


def _made(model: type[R], row: Mapping[str, Any]) -> R:
    return model(**{field.attname: field.to_python(row[field.attname]) for field in model._meta.concrete_fields})


def _waiver(membership: Membership, waiver: PenaltyWaiver) -> Decision:
    state = WaiverState(waiver.state)
    may_undo = state != WaiverState.TAKEN_BACK and may(membership, "penalties.waive")
    currency = membership.organisation.currency
    is_given = waiver.pay_by is None or state == WaiverState.KEPT
    waived = _("Прощено: %(what)s") if is_given else _("Обещано простить: %(what)s")
    return Decision(
        icon="gift",
        title=waived % {"what": waiver_in_words(waiver, currency=currency)},
        reason=waiver.reason,
        author=waiver.author,
        on=waiver.given_on,
        state=_("действует") if state == WaiverState.GIVEN and waiver.pay_by is None else _waits(waiver, state),
        tone=TONES[state],
        holds=state in {WaiverState.GIVEN, WaiverState.KEPT},
        url=reverse("desk:penalty_waiver_back", args=[waiver.pk]) if may_undo else "",
        deed=_("Отменить"),
        ended=waiver.taken_back_reason,
    )


def _waits(waiver: PenaltyWaiver, state: WaiverState) -> str:
    return _("ждёт оплаты") if state == WaiverState.GIVEN else str(state.label)


def _pause(membership: Membership, pause: PenaltyPause, day: date) -> Decision:
    goes_on = pause.until is None or pause.until >= day
    may_end = goes_on and may(membership, "penalties.pause")
    return Decision(
        icon="circle-pause",
        title=_("Не считается: %(cause)s, %(days)s") % {"cause": PauseCause(pause.cause).label, "days": _days(pause)},
        reason=pause.reason,
        author=pause.author,
        on=pause.since,
        state=_("идёт") if goes_on else _("кончилось"),
        tone="plan" if goes_on else "idle",
        holds=goes_on,
        url=reverse("desk:penalty_pause_end", args=[pause.pk]) if may_end else "",
        deed=_("Возобновить"),
        ended=pause.ended_reason,
    )


def _days(pause: PenaltyPause) -> str:
    since = words.day_text(pause.since)
    if pause.until is None:
        return _("с %(since)s") % {"since": since}
    return _("с %(since)s по %(until)s") % {"since": since, "until": words.day_text(pause.until)}
