"""The columns of a trial balance as a page shows them: those that hold nothing anywhere are left out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from okno.ledger.months.models import ClosedMonth
from okno.ledger.months.turnover import NAMES, Turnover, total


@dataclass(frozen=True, slots=True)
class Column:
    """A figure of the month: its key in addresses, its heading, and what it says to the closing balance."""

    key: str
    title: str | Promise
    told: str | Promise
    is_rare: bool = False

    def of(self, sums: Turnover) -> int:
        """Minor units."""
        return int(getattr(sums, f"{self.key}_minor"))


COLUMNS = (
    Column("opening", gettext_lazy("На начало"), gettext_lazy("Долг на начало месяца; с минусом переплата")),
    Column("introduced", gettext_lazy("Введено"), gettext_lazy("Сальдо, с которого начат учёт"), is_rare=True),
    Column("charged", gettext_lazy("Начислено"), gettext_lazy("Начислено за этот месяц")),
    Column(
        "recalculated",
        gettext_lazy("Перерасчёт"),
        gettext_lazy("Доначислено без снятого, и начисления за другие месяцы"),
        is_rare=True,
    ),
    Column("penalty", gettext_lazy("Пеня"), gettext_lazy("Пеня, проведённая в этом месяце"), is_rare=True),
    Column("paid", gettext_lazy("Оплачено"), gettext_lazy("Пришло денег; долг на столько меньше")),
    Column(
        "reversed",
        gettext_lazy("Сторно"),
        gettext_lazy("Возвращено из прежних месяцев: оплата прибавляет долг, начисление убавляет"),
        is_rare=True,
    ),
    Column("closing", gettext_lazy("На конец"), gettext_lazy("Долг на конец месяца; с минусом переплата")),
)


def sums_of(closed: ClosedMonth) -> Turnover:
    """What a closed month came to."""
    return Turnover(**{name: getattr(closed, name) for name in NAMES})


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a column: `url` turns the order, `order` is ascending, descending or none."""

    column: Column
    url: str
    order: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row: what it is of, where it leads, its figures."""

    key: int
    title: str
    note: str
    url: str
    sums: Turnover
    figures: Sequence[tuple[Column, int]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A trial balance on a page."""

    headings: Sequence[Heading]
    lines: Sequence[Line]
    total: Sequence[tuple[Column, int]]
    first: str | Promise

    @property
    def width(self) -> int:
        """How many columns are drawn."""
        return len(self.headings) + 1


@dataclass(frozen=True, slots=True)
class Row:
    """What a row is of, before its figures are laid out."""

    key: int
    title: str
    url: str
    sums: Turnover
    note: str = ""


def sheet(rows: Iterable[Row], *, first: str | Promise, sort: str, query: str) -> Sheet:
    """Lay the rows out under the columns that hold something.

    `first` is the heading of the first column; `sort` is a column's key, with a minus for the largest first ("" keeps
    the order of `rows`); `query` is the address line without the order.
    """
    kept = list(rows)
    sums = total(row.sums for row in kept)
    columns = [column for column in COLUMNS if not column.is_rare or any(column.of(row.sums) for row in kept)]
    by = next((column for column in columns if column.key == sort.removeprefix("-")), None)
    if by is not None:
        kept.sort(key=lambda row: by.of(row.sums), reverse=sort.startswith("-"))
    return Sheet(
        headings=[_heading(column, sort, query) for column in columns],
        lines=[Line(row.key, row.title, row.note, row.url, row.sums, _figures(columns, row.sums)) for row in kept],
        total=_figures(columns, sums),
        first=first,
    )


def _figures(columns: Sequence[Column], sums: Turnover) -> list[tuple[Column, int]]:
    return [(column, column.of(sums)) for column in columns]


def _heading(column: Column, sort: str, query: str) -> Heading:
    if sort.removeprefix("-") != column.key:
        turned, order = f"-{column.key}", "none"
    elif sort.startswith("-"):
        turned, order = column.key, "descending"
    else:
        turned, order = f"-{column.key}", "ascending"
    return Heading(column, f"?{query}{'&' if query else ''}sort={turned}", order)
