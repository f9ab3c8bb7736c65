"""A penalty explained, as people read it: the figure, each bill with its rows and its picture, what is missing.

Nothing is counted here. The rows are the law's own, put together where they are alike (`okno.law.penalty_digest`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from babel.numbers import format_decimal
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.common.money import Currency
from okno.law import dated
from okno.law.explained import Reading
from okno.law.penalty import Arrear, Line, LineTotal, PenaltyLaw, PenaltyQuestion, PenaltyResult, PenaltyRow
from okno.law.penalty_digest import digest
from okno.web.parts import words
from okno.web.parts.delay import Delay, delay, last_late_day

SHOWN = {"penalty": 36, "three_percent": 12, "inflation": 12}
"""Rows of a bill that a page shows at once: years of monthly indices of many bills would be thousands."""

LINES = {
    "penalty": gettext_lazy("Пеня"),
    "three_percent": gettext_lazy("3 % годовых"),
    "inflation": gettext_lazy("Инфляционные потери"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a row is what it is; `doubt` says why it counts as not checked, and is empty when it is."""

    text: str
    norm: str
    edition: date
    doubt: str
    policy: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RowShown:
    """Days in a row; `exact` is in minor units, `formula` the same as a sum on paper. `counts` is off on free days."""

    since: date
    until: date
    days: int
    base_minor: int
    rate: str
    share: str
    exact: Fraction
    formula: str
    counts: bool
    reasons: tuple[Reason, ...]
    #: The other reading of the two has no such row.
    differs: bool = False

    @property
    def doubts(self) -> bool:
        return any(reason.doubt for reason in self.reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class BillTold:
    """A bill as the reader knows it: its name and the address of its page, "" when it has none."""

    title: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """The earlier rows of a bill that a page leaves out, and their sum."""

    count: int
    exact: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class BillShown:
    """A bill with its rows on one line of the claim. `exact` is None when a value is missing for one of its days."""

    title: str
    url: str
    arrear: Arrear
    days_late: int
    rows: tuple[RowShown, ...]
    exact: Fraction | None
    delay: Delay | None
    folded: Folded | None = None
    differs: bool = False

    @property
    def doubts(self) -> bool:
        return any(row.doubts for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineShown:
    """One line of the claim: the penalty, and in Ukraine 3 % a year and the inflation loss."""

    line: Line
    title: str
    minor: int | None
    exact: Fraction | None
    bills: tuple[BillShown, ...]

    @property
    def costly(self) -> list[BillShown]:
        """Bills that cost something, or that cannot be counted, or that another reading counts otherwise."""
        return [bill for bill in self.bills if bill.exact != 0 or bill.differs]

    @property
    def free(self) -> list[BillShown]:
        """Bills that were late and cost nothing."""
        return [bill for bill in self.bills if bill.exact == 0 and not bill.differs]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A value that is missing: whose (`name`), its title, and the first day it is needed for."""

    name: str
    title: str
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The whole answer for a screen or for paper."""

    as_of: date
    total_minor: int | None
    verified: bool
    lines: tuple[LineShown, ...]
    gaps: tuple[Gap, ...]
    notes: tuple[Reason, ...]

    @property
    def cited(self) -> list[Reason]:
        """Of the notes those that a norm stands behind."""
        return [note for note in self.notes if not note.policy]

    @property
    def penalty(self) -> LineShown:
        """The line "penalty"."""
        return next(line for line in self.lines if line.line == "penalty")

    @property
    def others(self) -> list[LineShown]:
        """The lines beside the penalty that have something to say."""
        return [line for line in self.lines if line.line != "penalty" and line.bills]


def explanation(
    result: PenaltyResult,
    arrears: Sequence[Arrear],
    as_of: date,
    *,
    titles: Mapping[str, BillTold] | None = None,
    whole: str = "",
) -> Explanation:
    """The result in words. `titles` name the bills by their `ref`; without a name the due day is told.

    Bills that were never late are left out. Of long bills the earlier rows are folded, but not of the bill `whole`.
    """
    teller = _Teller(result=result, arrears=arrears, as_of=as_of, titles=titles or {}, whole=whole)
    return Explanation(
        as_of=as_of,
        total_minor=result.total_minor,
        verified=result.verified,
        lines=tuple(teller.line(total) for total in result.lines),
        gaps=_gaps(result),
        notes=tuple(_reason(reading) for reading in result.readings),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Teller:
    """What is told of each line and bill of one result."""

    result: PenaltyResult
    arrears: Sequence[Arrear]
    as_of: date
    titles: Mapping[str, BillTold]
    whole: str

    def line(self, total: LineTotal) -> LineShown:
        own: dict[str, list[PenaltyRow]] = {}
        for row in self.result.rows:
            if row.line == total.line:
                own.setdefault(row.bill, []).append(row)
        ordered = sorted(self.arrears, key=lambda one: (one.due_on, one.ref))
        bills = [self._bill(arrear, own.get(arrear.ref, []), total.line) for arrear in ordered]
        return LineShown(
            line=total.line,
            title=str(LINES[total.line]),
            minor=total.minor,
            exact=total.exact,
            bills=tuple(bill for bill in bills if bill.days_late and (bill.rows or self.result.missing)),
        )

    def _bill(self, arrear: Arrear, rows: Sequence[PenaltyRow], line: Line) -> BillShown:
        last = last_late_day(arrear, self.as_of)
        told = self.titles.get(arrear.ref)
        # Rows that are rounded one by one stand one by one: together they would not sum up to the figure.
        joined = list(rows) if self.result.settings.get("rounding") == "rows" else list(digest(rows))
        kept = joined if arrear.ref == self.whole else joined[-SHOWN[line] :]
        left = joined[: len(joined) - len(kept)]
        return BillShown(
            title=told.title if told else _("Срок %(day)s") % {"day": words.day_text(arrear.due_on)},
            url=told.url if told else "",
            arrear=arrear,
            days_late=(last - arrear.due_on).days if last else 0,
            rows=tuple(_row(row) for row in kept),
            exact=sum((row.exact for row in rows), Fraction(0)) if _is_whole(arrear, rows, self.as_of) else None,
            delay=delay(arrear, rows, self.as_of) if line == "penalty" else None,
            folded=Folded(count=len(left), exact=sum((row.exact for row in left), Fraction(0))) if left else None,
        )


def _is_whole(arrear: Arrear, rows: Sequence[PenaltyRow], as_of: date) -> bool:
    """Whether the rows speak of every day of every late kopeck: a value that is missing leaves days without a row."""
    told = sum(row.base_minor * row.days for row in rows)
    late = [(paid.amount_minor, paid.on) for paid in arrear.paid if paid.on <= as_of]
    still_open = arrear.amount_minor - sum(amount for amount, _on in late)
    asked = [*late, (still_open, as_of)]
    return told == sum(amount * max(0, (on - arrear.due_on).days) for amount, on in asked)


def _row(row: PenaltyRow) -> RowShown:
    rate, share = rate_text(row.rate, yearly=row.share != 1), str(row.share) if row.share not in {0, 1} else ""
    factors = [plain_money(row.base_minor), rate, share, str(row.days)]
    return RowShown(
        since=row.since,
        until=row.until,
        days=row.days,
        base_minor=row.base_minor,
        rate=rate,
        share=share,
        exact=row.exact,
        formula=" × ".join(factor for factor in factors if factor),
        counts=bool(row.share),
        reasons=tuple(_reason(reading) for reading in row.readings),
    )


def _reason(reading: Reading) -> Reason:
    return Reason(
        text=reading_text(reading),
        norm=reading.norm,
        edition=reading.edition,
        doubt="" if reading.verified else _doubt(reading),
        policy=reading.basis == "policy",
    )


def reading_text(reading: Reading) -> str:
    """The reason in the language of the page."""
    return _(reading.why) % {name: _param(value) for name, value in reading.params.items()}


def _param(value: object) -> object:
    if isinstance(value, date):
        return words.day_text(value)
    if isinstance(value, Decimal | float):
        return format_decimal(value, locale=words.language())
    return value


def _doubt(reading: Reading) -> str:
    """Why the reading counts as not checked: what is doubtful about the value itself, else that it is our reading."""
    return reading.doubt or _("это наше прочтение, его никто не подтвердил")


def _gaps(result: PenaltyResult) -> tuple[Gap, ...]:
    """What is missing, each value once with the first day it is needed for."""
    first: dict[str, date] = {}
    for missing in result.missing:
        first[missing.name] = min(missing.day, first.get(missing.name, missing.day))
    return tuple(Gap(name=name, title=norm_title(name), day=day) for name, day in first.items())


def norm_title(name: str) -> str:
    """What the value is called, in the language of the page."""
    titles = {norm.name: norm.title for norm in dated.listed()}.get(name)
    return (titles.get(words.language()) or titles["ru"]) if titles else name


def differing(one: Explanation, other: Explanation) -> tuple[Explanation, Explanation]:
    """The two with every row, and every bill, marked that the other one has not."""
    return _marked(one, other), _marked(other, one)


def _marked(one: Explanation, other: Explanation) -> Explanation:
    known = {
        (line.line, bill.arrear.ref): {_face(row) for row in bill.rows} for line in other.lines for bill in line.bills
    }
    lines = []
    for line in one.lines:
        bills = (_marked_bill(bill, known.get((line.line, bill.arrear.ref), set())) for bill in line.bills)
        lines.append(replace(line, bills=tuple(bills)))
    return replace(one, lines=tuple(lines))


def _marked_bill(bill: BillShown, known: Collection[object]) -> BillShown:
    rows = tuple(replace(row, differs=_face(row) not in known) for row in bill.rows)
    return replace(bill, rows=rows, differs=any(row.differs for row in rows))


def _face(row: RowShown) -> object:
    return row.since, row.until, row.base_minor, row.rate, row.share, row.exact


def rate_text(rate: Fraction, *, yearly: bool) -> str:
    """«9,5 %» a year, «0,01 % в день»; nothing for days that do not count."""
    if not rate:
        return ""
    percent = format_decimal(Decimal(rate.numerator * 100) / Decimal(rate.denominator), locale=words.language())
    return f"{percent}\u00a0%" if yearly else _("%(percent)s %% в день") % {"percent": percent}


def plain_money(minor: int) -> str:
    """«10 000,00» without the sign of the currency."""
    return words.money_text(minor).rpartition("\u00a0")[0]


def grows_by(law: PenaltyLaw, question: PenaltyQuestion, minor: int | None) -> int | None:
    """What one more day would add to the figure `minor`; None where one of the two days has none."""
    after = law.explain(replace(question, as_of=question.as_of + timedelta(days=1))).total_minor
    return None if after is None or minor is None else after - minor


def exact_money(exact: Fraction, *, of: Currency | None = None) -> SafeString:
    """An exact sum of minor units to the hundredth of a kopeck: «27,87» with a quieter «,…67» behind."""
    ten_thousandths = round(exact * 100)
    whole = words.money_text(ten_thousandths // 100, of=of).rpartition("\u00a0")[0]
    rest = ten_thousandths % 100
    return format_html('<span class="money"><b>{}</b><span class="minor">{:02}</span></span>', whole, rest)
