"""What calls brought: the funnel, promises kept, readings taken, what a result cost, and two arms compared honestly."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import reduce
from math import sqrt
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import (
    CharField,
    Count,
    Exists,
    F,
    FloatField,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Ceil, Coalesce, Concat, TruncDate

from okno.debts.models import Promise, PromiseState
from okno.dialogs.models import Call, CallAction, CallState, Direction, MinutePrice, Mode
from okno.ledger.models import Payment
from okno.telephony.leg import Kind

PAID_WITHIN = timedelta(days=14)
"""Money that came within so many days after a talk is shown beside it; it does not prove that the talk brought it."""
GOOD = frozenset(
    {"promised", "paid", "plan", "heard", "confirmed", "done", "rated", "moved", "reopened", "taken", "given"}
)
"""Ends of a dialog that are what it was made for."""
TOLD = ("debt_told", "heard_to_the_end", "reading", "rating", "confirm_visit", "move_visit")
"""Actions that say: the person heard what the call was about."""
SURE = 1.96
"""95 of 100 in the normal distribution: the width of the ranges that are shown."""


class By(StrEnum):
    """What the rows of a table of results stand for."""

    SCENARIO = "scenario"
    ARM = "arm"
    CAMPAIGN = "campaign"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Row:
    """Counts of calls of one scenario, arm, campaign or day; sums in minor units, talk in seconds.

    Each step of the funnel is counted of the calls that reached it, whatever came after. `cost_minor` is None where
    the price of a minute was not entered.
    """

    key: Any
    calls: int
    answered: int
    right: int
    told: int
    promised: int
    kept: int
    broken: int
    paid: int
    good: int
    with_person: int
    machines: int
    talk_seconds: int
    cost_minor: int | None

    @property
    def answered_share(self) -> float | None:
        return _share(self.answered, self.calls)

    @property
    def good_share(self) -> float | None:
        return _share(self.good, self.answered)

    @property
    def person_share(self) -> float | None:
        return _share(self.with_person, self.answered)

    @property
    def kept_share(self) -> float | None:
        """Of promises whose day has come."""
        return _share(self.kept, self.kept + self.broken)

    @property
    def result_minor(self) -> int | None:
        """What one good result cost."""
        return None if self.cost_minor is None or not self.good else round(self.cost_minor / self.good)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def between(calls: QuerySet[Call], since: date, until: date, time_zone: str) -> QuerySet[Call]:
    """Calls that began on these days, both included, as days are in the time zone."""
    zone = ZoneInfo(time_zone)
    first = datetime.combine(since, time.min, zone)
    return calls.filter(started_at__gte=first, started_at__lt=datetime.combine(until + timedelta(1), time.min, zone))


def table(calls: QuerySet[Call], by: By, time_zone: str, price: MinutePrice | None) -> list[Row]:
    """One row for each scenario, arm, campaign or day among the ended calls, the most calls (or first day) first."""
    keys: dict[By, Any] = {
        By.SCENARIO: F("scenario"),
        By.ARM: Concat(F("scenario"), Value(" "), F("arm"), output_field=CharField()),
        By.CAMPAIGN: F("campaign"),
        By.DAY: TruncDate("started_at", tzinfo=ZoneInfo(time_zone)),
    }
    rows = _counted(_marked(calls).annotate(key=keys[by]).values("key"))
    told = [_row(row, price) for row in rows]
    return sorted(told, key=lambda row: row.key if by is By.DAY else -row.calls)


def total(calls: QuerySet[Call], price: MinutePrice | None) -> Row:
    """The same counts of all of them together."""
    rows = list(_counted(_marked(calls).annotate(key=Value(0)).values("key")))
    return _row(rows[0], price) if rows else _row(dict.fromkeys(_COUNTED, 0), price)


_COUNTED = (
    "key", "calls", "answered", "right", "told", "promised", "kept", "broken", "paid", "good", "with_person",
    "machines", "talk_seconds", "line_minutes", "agent_seconds",
)  # fmt: skip


def _marked(calls: QuerySet[Call]) -> QuerySet[Call]:
    """Ended calls with what came of each."""
    actions = CallAction.objects.filter(call=OuterRef("pk"))
    promises = Promise.objects.filter(
        account=OuterRef("account"), made_by__startswith=Concat(Value("call:"), Cast(OuterRef("uid"), TextField()))
    )
    payments = Payment.objects.filter(
        account=OuterRef("account"),
        kind="payment",
        reversed_by=None,
        value_on__gte=OuterRef("began_on"),
        value_on__lte=OuterRef("paid_until"),
    )
    ended = calls.filter(state__in=[CallState.ENDED, CallState.LOST]).annotate(
        began_on=TruncDate("started_at"), paid_until=TruncDate(F("started_at") + Value(PAID_WITHIN))
    )
    return ended.annotate(
        was_told=Exists(actions.filter(kind__in=TOLD)),
        was_promised=Exists(actions.filter(kind="promise")),
        was_kept=Exists(promises.filter(state=PromiseState.KEPT)),
        was_broken=Exists(promises.filter(state=PromiseState.BROKEN)),
        was_paid=Exists(payments),
    )


def _counted(rows: Any) -> Iterable[dict[str, Any]]:
    answered = Q(answered_at__isnull=False)
    person = answered & ~Q(picked_up__in=["machine", "screening"])
    right = person & (Q(dialog__confirmed=True) | Q(was_told=True) | Q(direction=Direction.IN))
    staff = Q(agent__isnull=False) | Q(result="transferred")
    minutes = Ceil(Cast(F("seconds"), FloatField()) / 60)
    counted: Iterable[dict[str, Any]] = rows.order_by().annotate(
        calls=Count("pk"),
        answered=Count("pk", filter=answered),
        right=Count("pk", filter=right),
        told=Count("pk", filter=right & Q(was_told=True)),
        promised=Count("pk", filter=Q(was_promised=True)),
        kept=Count("pk", filter=Q(was_kept=True)),
        broken=Count("pk", filter=Q(was_broken=True)),
        paid=Count("pk", filter=Q(was_paid=True, was_promised=True)),
        good=Count("pk", filter=Q(result__in=GOOD)),
        with_person=Count("pk", filter=answered & staff),
        machines=Count("pk", filter=answered & Q(picked_up__in=["machine", "screening"])),
        talk_seconds=Coalesce(Sum("seconds"), 0, output_field=IntegerField()),
        line_minutes=Coalesce(Sum(minutes), 0.0),
        agent_seconds=Coalesce(Sum("seconds", filter=Q(agent__isnull=False)), 0, output_field=IntegerField()),
    )
    return counted


def _row(told: dict[str, Any], price: MinutePrice | None) -> Row:
    line_minutes, agent_seconds = round(told.pop("line_minutes")), told.pop("agent_seconds")
    cost = None
    if price is not None:
        cost = line_minutes * price.line_minor + -(-agent_seconds * price.agent_minor // 60)
    return Row(**told, cost_minor=cost)


@dataclass(frozen=True, slots=True)
class Readings:
    """Calls for readings: how many were answered, how many brought every reading, and how many readings came."""

    answered: int
    complete: int
    readings: int

    @property
    def share(self) -> float | None:
        return _share(self.complete, self.answered)


def readings(calls: QuerySet[Call]) -> Readings:
    """How completely calls of the readings scenario were finished."""
    told = calls.filter(scenario="readings", answered_at__isnull=False).aggregate(
        answered=Count("pk"), complete=Count("pk", filter=Q(result="done"))
    )
    taken = CallAction.objects.filter(call__in=calls, kind="reading", failed="").count()
    return Readings(told["answered"], told["complete"], taken)


@dataclass(frozen=True, slots=True)
class Compared:
    """Two arms of a scenario by the share of good results among answered calls, each with its likely range.

    `better` is "A", "B" or "" while the ranges meet: then there is no telling yet.
    """

    a: tuple[float, float, float]
    b: tuple[float, float, float]
    better: str


def side_by_side(calls: QuerySet[Call]) -> QuerySet[Call]:
    """The robot's calls of each scenario since its second arm first spoke: what A said alone before proves nothing."""
    spoken = calls.filter(mode=Mode.ROBOT)
    began = spoken.filter(arm="B").order_by().values_list("scenario").annotate(first=Min("started_at"))
    both = [Q(scenario=scenario, started_at__gte=first) for scenario, first in began]
    return spoken.filter(reduce(or_, both)) if both else spoken.none()


def compare(a: Row, b: Row) -> Compared | None:
    """Arm A against arm B; None while one has no answered call."""
    if not a.answered or not b.answered:
        return None
    one, two = wilson(a.good, a.answered), wilson(b.good, b.answered)
    better = "A" if one[0] > two[1] else "B" if two[0] > one[1] else ""
    return Compared((a.good / a.answered, *one), (b.good / b.answered, *two), better)


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The range in which the true share likely lies (Wilson 1927), 95 of 100."""
    share, square = part / whole, SURE * SURE
    middle = share + square / (2 * whole)
    spread = SURE * sqrt(share * (1 - share) / whole + square / (4 * whole * whole))
    below = 1 + square / whole
    return max(0.0, (middle - spread) / below), min(1.0, (middle + spread) / below)


def outcomes(calls: QuerySet[Call]) -> dict[str, int]:
    """How many attempts ended how, by `okno.telephony.leg.Kind`."""
    rows = calls.filter(state__in=[CallState.ENDED, CallState.LOST]).values_list("outcome").annotate(n=Count("pk"))
    told = dict(rows.order_by())
    known = {kind.value: told.get(kind.value, 0) for kind in Kind}
    return {code: count for code, count in known.items() if count}
