"""What of a Russian penalty is out of time: accessory to a debt that is, or for days of delay long past.

With the claim for the debt itself the claims beside it expire, the penalty too, those of later days included (ГК РФ
ст. 207). Of a debt that was paid late the penalty of each day expires by itself, three years after that day (ПВС № 43
п. 25). A court applies neither unless the debtor asks (ст. 199), so the figure stands and the sum is told beside it.
None of these texts is in our sheet: the row is marked as not verified.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction

from okno.common.money import Currency, format_minor
from okno.law.explained import Reading, gettext_noop
from okno.law.penalty import Arrear, PenaltyQuestion, PenaltyResult, PenaltyRow
from okno.law.penalty_rows import half_up, still_open
from okno.law.penalty_spans import FOREVER, NONE, Stretch
from okno.law.ru.limitation import RULES

NORM = "ГК РФ ст. 199, 207; ПВС № 43 от 29.09.2015 п. 25–26"
_ONE_DAY = timedelta(days=1)


def told(question: PenaltyQuestion, result: PenaltyResult) -> tuple[Reading, ...]:
    """The row that says how much of the figure is out of time on the day asked for; none when nothing is."""
    if result.missing:
        return ()
    exact = sum((_barred(arrear, result.rows, question.as_of) for arrear in question.arrears), Fraction(0))
    if not exact:
        return ()
    why = gettext_noop("Из этой суммы %(sum)s за сроком давности: по заявлению должника суд в них откажет.")
    return (_reading(why, question.as_of, question.as_of, sum=format_minor(half_up(exact), Currency.RUB, "ru")),)


def days_after_limitation(due_on: date) -> tuple[Stretch, ...]:
    """Days after the last on which the debt due on `due_on` could be claimed, as days that do not count."""
    last = RULES.ends(due_on).value
    if last is None:
        return ()
    since = last + _ONE_DAY
    why = gettext_noop("Срок давности по долгу истёк %(day)s, с ним и по пене: дальше она не считается.")
    return (
        Stretch(
            since=since,
            until=FOREVER,
            value=NONE,
            readings=(_reading(why, since, FOREVER, day=f"{last:%d.%m.%Y}"),),
        ),
    )


def _barred(arrear: Arrear, found: Sequence[PenaltyRow], as_of: date) -> Fraction:
    """What of a bill's penalty is out of time, in minor units, not rounded."""
    if arrear.due_on >= as_of or not RULES.is_time_barred(arrear.due_on, as_of):
        # No day of delay is older than the debt itself.
        return Fraction(0)
    parts = list(_parts(arrear, [row for row in found if row.bill == arrear.ref]))
    unpaid = parts.pop() if still_open(arrear, as_of) is not None else []
    days = sum((_old_days(row, as_of) * row.exact / row.days for part in parts for row in part), Fraction(0))
    return days + sum((row.exact for row in unpaid), Fraction(0))


def _parts(arrear: Arrear, found: Sequence[PenaltyRow]) -> Iterator[list[PenaltyRow]]:
    """The rows of a bill by its parts: each begins anew with the first day of delay, what is open comes last."""
    part: list[PenaltyRow] = []
    for row in found:
        if part and row.since == arrear.due_on + _ONE_DAY:
            yield part
            part = []
        part.append(row)
    if part:
        yield part


def _old_days(row: PenaltyRow, as_of: date) -> int:
    """How many days of the row are out of time by themselves; older days always are when a later one is."""
    old, rest = 0, row.days
    while old < rest:
        middle = (old + rest + 1) // 2
        if RULES.is_time_barred(row.since + (middle - 1) * _ONE_DAY, as_of):
            old = middle
        else:
            rest = middle - 1
    return old


def _reading(why: str, since: date, until: date, **params: object) -> Reading:
    return Reading(
        since=since,
        until=until,
        why=why,
        params=params,
        norm=NORM,
        edition=RULES.ends(since).rows[0].edition,
        verified=False,
    )
