"""An import's file as a stream of records and bad rows, whatever its format."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from okno.common import clock
from okno.exchange import mapping
from okno.exchange.formats import statement_1c
from okno.exchange.formats.cells import shown
from okno.exchange.formats.fields import converter
from okno.exchange.formats.headers import HEADER_ROWS, Columns
from okno.exchange.formats.records import PaymentRecord, Problem, Record, Remark, TurnoverTotals
from okno.exchange.formats.register import BadLine, read_register
from okno.exchange.formats.tables import Cell, Row, read_table
from okno.exchange.formats.turnover import TurnoverSums
from okno.exchange.models import FileKind, Import
from okno.exchange.receiving import is_table, path_of, sniffed_of

_SHOWN_OF_DOCUMENT = 9


class Bad(NamedTuple):
    """A row set aside: its number, its cells by field, the whole row as it came, and what is wrong."""

    number: int
    fields: Mapping[str, str]
    row: list[str]
    problems: list[Problem]


class NotUnderstood(Exception):
    """The columns are not known yet: a person has to say which is which."""


@dataclass
class Reading:
    """One pass over a file. `remarks`, `feed` and `facts` are whole only when the rows have ended."""

    kind: str
    rows: Iterator[tuple[int, Record] | Bad]
    expected: int = 0
    remarks: list[Remark] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    feed: tuple[str, datetime] | None = None


def read(source: Import, *, today: date) -> Reading:
    """Open the import's file. A table nobody explained yet is recognised here, and the import (not saved) says how.

    Raises `Unreadable` (also while the rows are read) and `NotUnderstood`.
    """
    if is_table(source):
        return _table(source, today)
    return _statement(source, today) if source.kind == FileKind.STATEMENT else _register(source, today)


def _table(source: Import, today: date) -> Reading:
    table = read_table(path_of(source), sniffed=sniffed_of(source))
    head = list(islice(table, HEADER_ROWS))
    if not source.mapping.get("certain"):
        mapping.note(source, mapping.understand(source.organisation, head), head)
    if not mapping.is_ready(source):
        raise NotUnderstood
    header_row = source.mapping["header_row"]
    rows = chain((row for row in head if row.number > header_row), table)
    reading = Reading(kind=source.kind, rows=iter(()), expected=_expected(source, head))
    heading = next((row.cells for row in head if row.number == header_row), ())
    reading.rows = _records(source, reading, rows, today, heading)
    return reading


def _headings(columns: Columns, heading: Sequence[Cell]) -> dict[str, str]:
    """The file's own words for its services, by code; of several columns of one service, the first."""
    return {
        code: shown(heading[column]).strip()
        for column, code, _regime in reversed(columns.services)
        if column < len(heading) and shown(heading[column]).strip()
    }


def _expected(source: Import, head: list[Row]) -> int:
    """About how many rows a text table holds, by the length of its first ones; 0 for a workbook: it does not say."""
    if source.sniffed["dialect"] is None or not head:
        return 0
    # A letter is a byte in the encodings of accounting programs; UTF-8 takes up to two, so this may be twice too many.
    length = sum(sum(len(shown(cell)) + 1 for cell in row.cells) + 1 for row in head)
    return int(source.file_size / length * len(head))


def _records(
    source: Import, reading: Reading, rows: Iterator[Row], today: date, heading: Sequence[Cell]
) -> Iterator[tuple[int, Record] | Bad]:
    columns = Columns.from_json(source.mapping["columns"])
    convert = converter(columns, country=source.organisation.country, today=today)
    sums, totals, bad, paid, payments = TurnoverSums(), None, 0, 0, 0
    is_turnover = source.kind == FileKind.TURNOVER
    for row in rows:
        outcome = convert(row)
        if outcome is None:
            continue
        if isinstance(outcome, list):
            bad += 1
            fields = {name: shown(cell) for name, cell in columns.raw(row.cells).items()}
            yield Bad(row.number, fields, [shown(cell) for cell in row.cells], outcome)
        elif isinstance(outcome, TurnoverTotals):
            totals = outcome
        else:
            if is_turnover:
                sums.add(outcome)  # type: ignore[arg-type]
            elif isinstance(outcome, PaymentRecord):
                paid, payments = paid + outcome.amount_minor, payments + 1
            yield row.number, outcome
    if source.kind == FileKind.REGISTER:
        reading.facts = {"paid": paid, "rows": payments + bad}
    if is_turnover:
        reading.remarks += sums.compare(totals, set_aside=bad, headings=_headings(columns, heading))
        counted = sums.as_totals()
        reading.facts = {
            "opening": counted.opening_minor,
            "billed": counted.billed_minor,
            "recalculated": counted.recalculated_minor,
            "paid": counted.paid_minor,
            "closing": counted.closing_minor,
        }


def _register(source: Import, today: date) -> Reading:
    register = read_register(path_of(source), sniffed=sniffed_of(source), today=today)
    reading = Reading(kind=source.kind, rows=iter(()), expected=register.header_count or 0)
    zone = ZoneInfo(source.organisation.time_zone)

    def rows() -> Iterator[tuple[int, Record] | Bad]:
        latest: datetime | None = None
        for line in register:
            if isinstance(line, BadLine):
                cells = {name: shown(cell) for name, cell in line.cells.items()}
                yield Bad(line.number, cells, list(cells.values()), line.problems)
                continue
            moment = _moment(line.payment, zone)
            latest = moment if latest is None else max(latest, moment)
            yield line.number, line.payment
        reading.remarks += register.remarks
        reading.facts = {"bank": register.bank, "paid": register.sum_minor, "rows": register.good + register.bad}
        reading.feed = _coverage(register.bank or _("Реестр платежей"), register.made_on, latest, zone)

    reading.rows = rows()
    return reading


def _moment(payment: PaymentRecord, zone: ZoneInfo) -> datetime:
    return datetime.combine(payment.paid_on, payment.time or time(), zone)


def _coverage(name: str, made_on: date | None, latest: datetime | None, zone: ZoneInfo) -> tuple[str, datetime] | None:
    """Until when the file speaks for its source: the whole of a day that is over, else up to its last payment."""
    day_is_over = datetime.combine(made_on + timedelta(days=1), time(), zone) if made_on else None
    if day_is_over is not None and day_is_over <= clock.now():
        return name[:100], day_is_over
    return (name[:100], latest) if latest is not None else None


def _statement(source: Import, today: date) -> Reading:
    statement = statement_1c.read_statement(path_of(source), sniffed=sniffed_of(source))
    reading = Reading(kind=source.kind, rows=iter(()), expected=len(statement.documents))
    outgoing = list(statement.outgoing())
    reading.remarks += statement.remarks
    if outgoing:
        text = ngettext(
            "Списаний в выписке: %(count)s документ. Он не проводится.",
            "Списаний в выписке: %(count)s документов. Они не проводятся.",
            len(outgoing),
        ) % {"count": len(outgoing)}
        reading.remarks.append(Remark("outgoing", text, needs_person=False))
    ends = [section.until for section in statement.sections if section.until]
    zone = ZoneInfo(source.organisation.time_zone)
    account = statement.own_accounts[0] if statement.own_accounts else ""

    def rows() -> Iterator[tuple[int, Record] | Bad]:
        paid = 0
        latest: datetime | None = None
        for document, outcome in statement.payments(today=today):
            if isinstance(outcome, list):
                fields = _fields_of_document(document)
                yield Bad(document.line, fields, list(fields.values())[:_SHOWN_OF_DOCUMENT], outcome)
                continue
            paid += outcome.amount_minor
            moment = _moment(outcome, zone)
            latest = moment if latest is None else max(latest, moment)
            yield document.line, outcome
        reading.facts = {
            "account": account,
            "paid": paid,
            "outgoing": sum(document.amount_minor or 0 for document in outgoing),
            "outgoing_rows": len(outgoing),
        }
        reading.feed = _coverage(account, max(ends) if ends else None, latest, zone)

    reading.rows = rows()
    return reading


def _fields_of_document(document: statement_1c.Document) -> dict[str, str]:
    """A bad document under the names of a register's line, by which it is mended; its two accounts come last."""
    keys = document.keys
    return {
        "paid_on": keys.get("ДатаПоступило", ""),
        "time": "",
        "operation": document.number,
        "account_number": statement_1c.find_account_number(document.purpose),
        "name": document.payer,
        "address": "",
        "stated_month": "",
        "amount": keys.get("Сумма", ""),
        "purpose": document.purpose,
        "payer_account": document.payer_account,
        "receiver_account": document.receiver_account,
    }
