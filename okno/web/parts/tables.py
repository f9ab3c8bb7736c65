"""Lists declared once: columns, search, filters, order, paging, sums, saved views, bulk deeds, files.

A page writes a subclass with `columns` and `rows()`, makes it from the request and hands `table.page()` to
`<c-table :page="page" />` (or calls `responses.list_page`). The state of a list is its address alone.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar
from urllib.parse import urlencode

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import Count, Model, QuerySet, Sum
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString

from okno.access.models import Membership
from okno.access.roles import may
from okno.web.parts import cells, keyset, words
from okno.web.parts.cells import Badge, Clock, Column, Kind
from okno.web.parts.filters import Choice, DayRange, Filter, Flag, MoneyRange

__all__ = [
    "Badge",
    "BulkAction",
    "Choice",
    "Clock",
    "Column",
    "DayRange",
    "Flag",
    "Kind",
    "MoneyRange",
    "Page",
    "Table",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkAction:
    """A deed over marked rows. `url` is a page that takes them by POST and shows the effect first."""

    key: str
    title: str | Promise
    url: Callable[[], str]
    icon: str = ""
    hotkey: str = ""
    permission: str = ""
    variant: str = ""

    @property
    def address(self) -> str:
        return self.url()


@dataclass(frozen=True, slots=True)
class Cell:
    """The inside of one cell."""

    column: Column
    html: SafeString


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row as it is shown; `group` is told when it differs from the row before."""

    key: int
    cells: list[Cell]
    amount: int | None
    tone: str
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """The head of a column: `order` is ascending, descending or none; `url` turns it."""

    column: Column
    url: str
    order: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A filter with its present value, for the toolbar."""

    filter: Filter
    values: tuple[str, ...]
    options: list[tuple[str, str | Promise]]


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """A filter in force and the address without it."""

    text: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnChoice:
    """A column that can be put on or off, and the address with the other choice."""

    column: Column
    on: bool
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Everything a list shows. Sums and the total are of the whole selection, not of the rows shown."""

    table: "Table[Any]"
    headings: list[Heading]
    lines: list[Line]
    total: int
    sums: list[tuple[Column, int, bool]]
    """With whether any of the values summed up rests on a norm nobody has verified."""
    more: str
    controls: list[Control]
    in_force: list[InForce]
    bulk: list[BulkAction]
    choice_of_columns: list[ColumnChoice]
    query: str
    text: str
    currency: str

    @property
    def narrowed(self) -> bool:
        return bool(self.in_force or self.text)

    @property
    def has_ranges(self) -> bool:
        return any(control.filter.control in {"money", "days"} for control in self.controls)

    @property
    def sort(self) -> str:
        """The order as the address tells it."""
        return self.table.query.get("sort", "")

    @property
    def columns_told(self) -> str:
        """The choice of columns as the address tells it."""
        return self.table.query.get("columns", "")

    @property
    def width(self) -> int:
        """How many columns are drawn."""
        return len(self.headings) + bool(self.bulk)

    @property
    def total_sum(self) -> str:
        """The sum of the amount over the whole selection, in words."""
        found = [value for column, value, _doubted in self.sums if column.total == self.table.amount]
        return words.money_text(found[0]) if found else ""


RowModel = TypeVar("RowModel", bound=Model)


class Table(Generic[RowModel]):
    """A list. Subclass it with `address`, `title`, `columns` and `rows()`; the rest has working defaults."""

    #: The name of the page that shows it (`desk:portfolio`); saved views are kept under it.
    address: ClassVar[str]
    title: ClassVar[str | Promise] = ""
    #: An instance may leave out what its person may not see.
    columns: Sequence[Column] = ()
    filters: Sequence[Filter] = ()
    bulk: ClassVar[Sequence[BulkAction]] = ()
    #: The key of a sortable column, with a minus for the other way round.
    sort: ClassVar[str] = ""
    page_size: ClassVar[int] = 100
    #: The field in minor units that is summed over marked rows; it should be the `total` of a column.
    amount: ClassVar[str] = ""

    def __init__(self, *, membership: Membership, query: QueryDict) -> None:
        self.membership = membership
        self.query = query

    # What a list says of itself.

    def rows(self) -> QuerySet[RowModel]:
        """All rows the person may see, with the annotations that columns read."""
        raise NotImplementedError

    def search(self, rows: QuerySet[RowModel], text: str) -> QuerySet[RowModel]:
        """Rows that match the words of the search box; without it the box is not drawn."""
        raise NotImplementedError

    def row_url(self, row: RowModel) -> str:
        """Where Enter leads; "" for lists that open nothing. The first column becomes the link."""
        return ""

    def row_tone(self, row: RowModel) -> str:
        """late or warn for a row that must be seen."""
        return ""

    def group(self, row: RowModel) -> str:
        """The heading this row stands under, when the order of the list makes groups; "" for none."""
        return ""

    # What follows from it.

    @property
    def searchable(self) -> bool:
        return type(self).search is not Table.search

    @property
    def anchor(self) -> str:
        """The id of the list in the page."""
        return "list-" + self.address.replace(":", "-")

    def chosen_columns(self) -> list[Column]:
        """Columns in the order declared, as the address tells, else those not hidden."""
        told = self.query.get("columns", "")
        keys = set(told.split(",")) if told else {column.key for column in self.columns if not column.hidden}
        return [column for column in self.columns if column.key in keys] or list(self.columns[:1])

    def order(self) -> keyset.Order:
        """The order in force; a column that is not sortable is not obeyed."""
        for told in (self.query.get("sort", ""), self.sort):
            column = self._sortable(told.removeprefix("-"))
            if column is not None:
                return keyset.Order(column.sort, told.startswith("-"), column.nullable)
        return keyset.Order("pk")

    def selection(self) -> QuerySet[RowModel]:
        """All rows that pass the search and the filters, in no order."""
        rows = self.rows()
        text = self.query.get("q", "").strip()
        if text and self.searchable:
            rows = self.search(rows, text)
        for narrowing in self.filters:
            rows = narrowing.apply(rows, self.query)
        return rows

    def page(self) -> Page:
        """What is shown now. Two queries: the totals and the rows; a continuation asks for the rows alone.

        Raises keyset.BadCursor for a broken address.
        """
        selection, order = self.selection(), self.order()
        totals = self._totals(selection)
        rows = keyset.ordered(selection, order)
        told = self.query.get("after", "")
        if told:
            rows = keyset.after(rows, order, keyset.read_place(told))
        found = list(rows[: self.page_size + 1])
        more = len(found) > self.page_size
        found = found[: self.page_size]
        columns = self.chosen_columns()
        return Page(
            table=self,
            headings=[self._heading(column) for column in columns],
            lines=list(self._lines(columns, found)),
            total=totals.pop("count"),
            sums=[
                (column, totals[column.key] or 0, bool(totals.get(f"{column.key}_doubt")))
                for column in self.columns
                if column.total
            ],
            more=self._url(after=self._place(found[-1], order)) if more else "",
            controls=[self._control(one) for one in self.filters],
            in_force=list(self._in_force()),
            bulk=[one for one in self.bulk if not one.permission or may(self.membership, one.permission)],
            choice_of_columns=[self._column_choice(one, columns) for one in self.columns[1:]],
            query=self.state(),
            text=self.query.get("q", ""),
            currency=self.membership.organisation.currency,
        )

    def state(self) -> str:
        """The address line of what is shown, without the place in it: what a saved view keeps."""
        return self._url().removeprefix("?")

    def marked(self, post: QueryDict) -> QuerySet[RowModel]:
        """The rows that a bulk deed was asked for: the marked ones, or all that the filter finds.

        They always come out of what the person may see, so a foreign id is simply not there.
        """
        if post.get("all") == "1":
            asked = type(self)(membership=self.membership, query=QueryDict(post.get("query", "")))
            return asked.selection()
        keys = [int(word) for word in post.get("ids", "").split(",") if word.isdecimal()]
        return self.rows().filter(pk__in=keys)

    def file_columns(self) -> list[Column]:
        """The chosen columns as a file has them."""
        return [one for column in self.chosen_columns() for one in cells.in_file(column)]

    def exported(self) -> Iterator[list[Any]]:
        """Values of `file_columns` of the whole selection, row by row, for a file."""
        columns = self.file_columns()
        for row in keyset.ordered(self.selection(), self.order()).iterator(chunk_size=2000):
            yield [cells.exported(column, row) for column in columns]

    def _sortable(self, key: str) -> Column | None:
        return next((column for column in self.columns if column.key == key and column.sort), None)

    def _totals(self, selection: QuerySet[RowModel]) -> dict[str, Any]:
        asked = {column.key: Sum(column.total) for column in self.columns if column.total}
        doubts = {f"{column.key}_doubt": BoolOr(column.doubt) for column in self.columns if column.doubt}
        return selection.aggregate(count=Count("pk"), **asked, **doubts)

    def _place(self, row: RowModel, order: keyset.Order) -> str:
        value: Any = row
        for step in order.field.split("__"):
            value = getattr(value, step) if value is not None else None
        return keyset.place_of(row, value)

    def _lines(self, columns: list[Column], rows: list[RowModel]) -> Iterator[Line]:
        before = ""
        for row in rows:
            group = self.group(row)
            yield Line(
                key=row.pk,
                cells=[self._cell(column, row, first=index == 0) for index, column in enumerate(columns)],
                amount=getattr(row, self.amount) if self.amount else None,
                tone=self.row_tone(row),
                group=group if group != before else "",
            )
            before = group

    def _cell(self, column: Column, row: RowModel, *, first: bool) -> Cell:
        url = self.row_url(row) if first and column.link is None else ""
        html = cells.shown(column, row)
        return Cell(column, format_html('<a class="row-link" href="{}">{}</a>', url, html) if url else html)

    def _heading(self, column: Column) -> Heading:
        told = self.query.get("sort", "") or self.sort
        if not column.sort:
            return Heading(column=column, url="", order="")
        if told.removeprefix("-") != column.key:
            turned = f"-{column.key}" if column.numeric else column.key
            return Heading(column=column, url=self._url(sort=turned), order="none")
        falling = told.startswith("-")
        turned = column.key if falling else f"-{column.key}"
        return Heading(column=column, url=self._url(sort=turned), order="descending" if falling else "ascending")

    def _control(self, one: Filter) -> Control:
        return Control(
            filter=one,
            values=tuple(self.query.get(key, "") for key in one.keys),
            options=one.choices() if isinstance(one, Choice) else [],
        )

    def _in_force(self) -> Iterator[InForce]:
        for one in self.filters:
            chip = one.chip(self.query)
            if chip is not None:
                yield InForce(text=chip.text, url=self._url(**dict.fromkeys(chip.keys, "")))

    def _column_choice(self, column: Column, shown: list[Column]) -> ColumnChoice:
        keys = {one.key for one in shown} ^ {column.key}
        told = ",".join(one.key for one in self.columns if one.key in keys)
        return ColumnChoice(column=column, on=column in shown, url=self._url(columns=told))

    def _url(self, **changes: str) -> str:
        told = self.query.copy()
        for key in ("after", "file"):
            told.pop(key, None)
        for key, value in changes.items():
            told[key] = value
        kept = [(key, value) for key, values in told.lists() for value in values if value]
        return "?" + urlencode(sorted(kept))
