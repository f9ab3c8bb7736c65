"""Rows of a turnover file: the one kind that comes by the million, so its path is short.

A row is read once in a hurry; only when something does not add up is it read again by `_complaints`, field
by field, to
tell the person what.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from operator import itemgetter

from okno.common.money import NotAnAmount, grouped_minor

from .cells import Cells, amount_minor, shown
from .headers import Columns, fold
from .records import Problem, Remark, TurnoverRecord, TurnoverTotals
from .tables import Cell, Row

Outcome = TurnoverRecord | TurnoverTotals | list[Problem] | None

#: The shape nearly every sum of a turnover has: two decimals, and thousands parted by spaces or not at all.
_PLAIN = r"-?+(?:[0-9]{1,12}+(?=[.,])|[0-9]{1,3}+(?:[ \u00a0\u202f][0-9]{3}){1,3}+)[.,][0-9][0-9]"
_PLAIN_SUMS = re.compile(rf"(?:{_PLAIN}\|)*+{_PLAIN}").fullmatch
_NOTHING = "0,00"
#: Far below where a sum is too large: such numbers of a workbook carry all of their digits.
_PLAINLY = 10**13
_TIDY = re.compile(r"[^\s\x00-\x1f\ufffd]+(?: [^\s\x00-\x1f\ufffd]+)*").fullmatch
_LONGEST = 300

#: Fields that hold sums, and the name of each in complaints.
_SUMS = {
    "opening": "сальдо на начало",
    "billed": "начислено",
    "recalculated": "перерасчёт",
    "paid": "оплачено",
    "closing": "сальдо на конец",
}
_NEVER_NEGATIVE = ("billed",)


def _minors(cells: Sequence[Cell]) -> list[int]:
    """Minor units of the cells; an empty one is nothing. Raises `NotAnAmount`.

    A row whose sums all have the plain shape is read in one go, three times as fast as cell by cell.
    """
    try:
        joined = "|".join([cell or _NOTHING for cell in cells])  # type: ignore[misc]
    except TypeError:
        return [_minor(cell) for cell in cells]
    if not _PLAIN_SUMS(joined):
        return [amount_minor(cell) if cell is not None else 0 for cell in cells]
    joined = joined.replace(",", "").replace(" ", "").replace(".", "").replace("\u00a0", "").replace("\u202f", "")
    return [*map(int, joined.split("|"))]


def _minor(cell: Cell) -> int:
    """Minor units of one cell. The numbers of a workbook are nearly all whole kopecks, which needs no closer look."""
    if cell is None:
        return 0
    if isinstance(cell, int) or (isinstance(cell, Decimal) and cell.is_finite()):
        hundredfold = cell * 100
        if -_PLAINLY < hundredfold < _PLAINLY and (minor := int(hundredfold)) == hundredfold:
            return minor
    return amount_minor(cell)


def turnover_converter(columns: Columns) -> Callable[[Row], Outcome]:
    """A function that turns the rows of one turnover file into records, closing totals and complaints.

    It gives None for rows that mean nothing: sub-headings, subtotals of houses, the second line of a header.
    """
    at = dict(columns.fields)
    number_at = at.get("number", 0)
    # A field the file has not is read from a cell put after the last one, which is always empty.
    services = [(column, code) for column, code, _ in columns.services]
    width = 1 + max([*at.values(), *(column for column, _ in services)], default=0)
    codes = [code for _, code in services]
    sums_of = itemgetter(*(at.get(field, width) for field in _SUMS), *(column for column, _ in services))
    texts_of = itemgetter(*(at.get(field, width) for field in ("address", "flat", "name")))
    billed_at, bills, closes = at.get("billed", width), "billed" in at, "closing" in at
    total_words = tuple(fold(word) for word in columns.total_words)

    def convert_row(row: Row) -> Outcome:
        cells = row.cells
        cells = (*cells[:width], *(None,) * (width + 1 - len(cells)), None)
        number = cells[number_at]
        if number.__class__ is not str or not number.isdecimal() or len(number) > 64:
            if (total := _total_kind(cells, total_words)) is not None:
                return _totals(columns, cells) if total == "whole" else None
            if number is None and not any(re.search("[1-9]", shown(cell)) for cell in sums_of(cells)):
                return None
            if found := _complaints(columns, cells):
                return found
            number = shown(number).strip()
        try:
            opening, billed, recalculated, paid, closing, *amounts = _minors(sums_of(cells))
        except NotAnAmount:
            return _complaints(columns, cells)
        if not bills:
            billed = sum(amounts)
        due = opening + billed + recalculated - paid
        if not closes:
            closing = due
        address, flat, name = map(_text, texts_of(cells))
        if (
            closing != due
            or billed < 0
            or (amounts and (sum(amounts) != billed or min(amounts) < 0))
            or (bills and cells[billed_at] is None)
            or address is None
            or flat is None
            or name is None
        ):
            return _complaints(columns, cells)
        services_of_row = _by_code(codes, amounts)
        return TurnoverRecord(
            number, address, flat, name, opening, services_of_row, billed, recalculated, paid, closing
        )

    return convert_row


def _by_code(codes: Sequence[str], amounts: Sequence[int]) -> dict[str, int]:
    """Amounts by service without zeros. Columns of one service are added together."""
    by_code: dict[str, int] = {}
    for code, amount in zip(codes, amounts, strict=True):
        if amount:
            by_code[code] = by_code.get(code, 0) + amount
    return by_code


def _text(cell: Cell) -> str | None:
    """A text as it stands when it is tidy; None when it needs a closer look."""
    if cell is None:
        return ""
    text = cell if cell.__class__ is str else str(cell)
    if len(text) <= _LONGEST and _TIDY(text):
        return text
    tidied = " ".join(text.split())
    return tidied if len(tidied) <= _LONGEST and (not tidied or _TIDY(tidied)) else None


def _total_kind(cells: Sequence[Cell], total_words: Sequence[str]) -> str | None:
    """ "whole" for the totals of the file, "part" for those of a house ("Итого по дому …"), None for other rows."""
    first = next((cell for cell in cells if cell is not None), None)
    if not isinstance(first, str):
        return None
    folded = fold(first)
    if folded in total_words:
        return "whole"
    return "part" if folded.startswith(tuple(f"{word} " for word in total_words)) else None


def _complaints(columns: Columns, cells: Sequence[Cell]) -> list[Problem]:
    """Everything that is wrong with a row, in words."""
    raw = columns.raw(cells)
    read = Cells(raw, today=date.max)
    read.account("number")
    for field in ("address", "flat", "name"):
        read.text(field, longest=_LONGEST)
    if "billed" in raw and raw["billed"] is None:
        read.complain("billed", "missing", "Не указано, сколько начислено. Впишите сумму, хотя бы 0,00.")
    sums = {field: _sum(read, raw, field) for field in _SUMS if field in raw}
    services = {field: _sum(read, raw, field) for field in raw if field.startswith("service:")}
    for field in (*_NEVER_NEGATIVE, *services):
        amount = sums.get(field, services.get(field))
        if amount is not None and amount < 0:
            read.complain(field, "negative", "Сумма меньше нуля. Уменьшение начисления ставьте в столбец перерасчёта.")
    if not read.problems:
        _balance_complaints(read, sums, services)
    return read.problems


def _sum(read: Cells, raw: Mapping[str, Cell], field: str) -> int:
    return 0 if raw[field] is None else read.amount(field) or 0


def _balance_complaints(read: Cells, sums: Mapping[str, int], services: Mapping[str, int]) -> None:
    added = sum(services.values())
    billed = sums.get("billed", added)
    if services and added != billed:
        read.complain(
            "billed",
            "services_differ",
            f"Услуги в сумме дают {grouped_minor(added)}, а начислено {grouped_minor(billed)}. Исправьте одно из двух.",
        )
    due = sums.get("opening", 0) + billed + sums.get("recalculated", 0) - sums.get("paid", 0)
    if "closing" in sums and sums["closing"] != due:
        read.complain(
            "closing",
            "balance_differs",
            f"Сальдо на конец должно быть {grouped_minor(due)} (начало + начислено + перерасчёт − оплачено), "
            f"а стоит {grouped_minor(sums['closing'])}. Исправьте строку.",
        )


def _totals(columns: Columns, cells: Sequence[Cell]) -> TurnoverTotals:
    """The closing totals; a total that cannot be read counts as not given."""
    raw = columns.raw(cells)
    services: dict[str, int] = {}
    for field, cell in raw.items():
        if field.startswith("service:") and (amount := _readable(cell)) is not None:
            code = field.split(":")[1]
            services[code] = services.get(code, 0) + amount
    opening, billed, recalculated, paid, closing = [_readable(raw.get(field)) for field in _SUMS]
    return TurnoverTotals(opening, services, billed, recalculated, paid, closing)


def _readable(cell: Cell) -> int | None:
    try:
        return None if cell is None else amount_minor(cell)
    except NotAnAmount:
        return None


class TurnoverSums:
    """Adds up the records of one file, to be compared with its row of totals."""

    def __init__(self) -> None:
        self.records = 0
        self.services: dict[str, int] = {}
        self._sums = dict.fromkeys(_SUMS, 0)

    def add(self, record: TurnoverRecord) -> None:
        """Count one good record in."""
        sums, services = self._sums, self.services
        self.records += 1
        sums["opening"] += record.opening_minor
        sums["billed"] += record.billed_minor
        sums["recalculated"] += record.recalculated_minor
        sums["paid"] += record.paid_minor
        sums["closing"] += record.closing_minor
        for code, amount in record.services.items():
            services[code] = services.get(code, 0) + amount

    def as_totals(self) -> TurnoverTotals:
        """The sums so far."""
        return TurnoverTotals(
            opening_minor=self._sums["opening"],
            services=dict(self.services),
            billed_minor=self._sums["billed"],
            recalculated_minor=self._sums["recalculated"],
            paid_minor=self._sums["paid"],
            closing_minor=self._sums["closing"],
        )

    def compare(
        self, totals: TurnoverTotals | None, *, set_aside: int, headings: Mapping[str, str] | None = None
    ) -> list[Remark]:
        """What does not agree with the file's own totals.

        `set_aside` is how many rows were refused: a difference is expected then, and still shown. `headings` are the
        file's own words for its services, by code.
        """
        named = headings or {}
        if totals is None:
            return [Remark("no_totals", "В файле нет строки «Итого»: сверить суммы не с чем.", needs_person=False)]
        stated = (
            totals.opening_minor,
            totals.billed_minor,
            totals.recalculated_minor,
            totals.paid_minor,
            totals.closing_minor,
        )
        found = [
            (name, given, self._sums[field])
            for (field, name), given in zip(_SUMS.items(), stated, strict=True)
            if given is not None
        ]
        found += [
            (named.get(code, f"услуга {code}"), given, self.services.get(code, 0))
            for code, given in totals.services.items()
        ]
        differing = [
            f"«{name}» {grouped_minor(given)} против {grouped_minor(counted)}"
            for name, given, counted in found
            if given != counted
        ]
        if not differing:
            return []
        why = f" Отложено строк: {set_aside}." if set_aside else ""
        message = f"Итоги файла расходятся с суммой прочитанных строк: {'; '.join(differing)}.{why}"
        return [Remark("totals_differ", message, needs_person=not set_aside)]
