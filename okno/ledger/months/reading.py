"""The trial balance as people read it: a closed month as it was packed, an open one counted now."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from okno.access.models import Organisation
from okno.common.days import month_of, month_range
from okno.ledger.months import turnover
from okno.ledger.months.closed import first_month, foundation, standing
from okno.ledger.months.models import SUMS, ClosedMonth
from okno.ledger.months.turnover import NAMES, AccountTurnover, LineTurnover, Turnover


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthState:
    """A month of the books. `state`: going (not over), open, closed. `history` is every time it was closed, the latest
    first; a month closed as part of a later one has none."""

    month: date
    state: str
    history: Sequence[ClosedMonth] = ()

    @property
    def closed(self) -> ClosedMonth | None:
        """The month as it is closed now."""
        return next((closed for closed in self.history if closed.reopened_at is None), None)

    @property
    def reopened(self) -> int:
        """How often it was opened again."""
        return sum(closed.reopened_at is not None for closed in self.history)


def course(organisation: Organisation, today: date) -> list[MonthState]:
    """Every month from the first entry to the one of `today`, the newest first."""
    first = first_month(organisation)
    if first is None:
        return []
    held: dict[date, list[ClosedMonth]] = defaultdict(list)
    found = ClosedMonth.objects.filter(organisation=organisation).select_related("closed_by", "reopened_by")
    for closed in found.order_by("-pk"):
        held[closed.month].append(closed)
    last = max((month for month, rows in held.items() if rows[0].reopened_at is None), default=None)
    going = month_of(today)
    return [
        MonthState(
            month=month,
            state="closed" if last is not None and month <= last else "open" if month < going else "going",
            history=held.get(month, ()),
        )
        for month in reversed(list(month_range(min(first, going), going)))
    ]


def turn(states: Sequence[MonthState]) -> MonthState | None:
    """Of the months as `course` gives them the one to close now; None when none waits.

    The one after the last closed month; where none is closed yet, the last that is over: it closes all before it.
    """
    waiting = [state for state in states if state.state == "open"]
    if not waiting:
        return None
    return waiting[-1] if any(state.closed for state in states) else waiting[0]


def by_house(
    organisation: Organisation, month: date, *, houses: Sequence[int] | None = None, line: str = ""
) -> dict[int, Turnover]:
    """The month (its first day) of each house (None: all), of one `line` of it ("": all)."""
    closed = standing(organisation, month)
    if not line and closed is None:
        return turnover.by_house(organisation.pk, month, houses=houses)
    found: dict[int, Turnover] = {}
    if not line and closed is not None:
        known = closed.houses.order_by("house_id")
        found = dict.fromkeys(
            (known if houses is None else known.filter(house__in=houses)).values_list("house_id", flat=True), Turnover()
        )
    for row in by_line(organisation, month, houses=houses):
        if not line or row.line == line:
            found[row.key] = found.get(row.key, Turnover()) + row.sums
    return found


def by_line(organisation: Organisation, month: date, *, houses: Sequence[int] | None = None) -> list[LineTurnover]:
    """The month (its first day) of each service of each house."""
    closed = standing(organisation, month)
    if closed is None:
        before = foundation(organisation, month)
        return turnover.by_line(organisation.pk, month, houses=houses, closed_id=before.pk if before else None)
    rows = closed.lines.order_by("house_id", "line")
    if houses is not None:
        rows = rows.filter(house__in=houses)
    return [
        LineTurnover(house_id, line, _sums(sums))
        for house_id, line, *sums in rows.values_list("house_id", "line", *NAMES)
    ]


def by_account(
    organisation: Organisation, month: date, *, houses: Sequence[int] | None = None
) -> list[AccountTurnover]:
    """The month (its first day) of each account, house by house."""
    closed = standing(organisation, month)
    if closed is None:
        return turnover.by_account(organisation.pk, month, houses=houses)
    with connection.cursor() as cursor:
        cursor.execute(_PACKED, {"closed": closed.pk, "houses": None if houses is None else list(houses)})
        return [AccountTurnover(account_id, house_id, _sums(sums)) for account_id, house_id, *sums in cursor.fetchall()]


def _sums(row: Sequence[int]) -> Turnover:
    return Turnover(**dict(zip(NAMES, row, strict=True)))


_PACKED = f"""
SELECT account.id, house.house_id, {", ".join(f"account.{name}" for name in SUMS)}
FROM ledger_closedhouse AS house
CROSS JOIN LATERAL unnest(house.accounts, {", ".join(f"house.{name}" for name in SUMS)})
    AS account(id, {", ".join(SUMS)})
WHERE house.closed_id = %(closed)s AND (%(houses)s::bigint[] IS NULL OR house.house_id = ANY(%(houses)s))
ORDER BY house.house_id, account.id"""
