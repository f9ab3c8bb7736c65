"""The register of payments a bank or a collecting agent sends: lines of payments between control totals.

#BANK;АО Пример            #DATE;05.10.2026           #COUNT;2           #SUM;1234,56
04.10.2026;14:05:00;000123;10000042;Иванов И. И.;ул. Лесная, д. 5, кв. 12;09.2026;1000,00;"Оплата; кв. 12"
=2;1234,56
"""

import csv
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from okno.common.days import NotADay, parse_day, parse_month
from okno.common.money import NotAnAmount, parse_minor, plain_minor

from .cells import Cells, amount_minor
from .limits import DEFAULT_LIMITS, Limits, Unreadable, too_big
from .records import PaymentRecord, Problem, Remark
from .sniff import Sniffed
from .source import Source, open_text
from .tables import Cell

_FIELDS = ("paid_on", "time", "operation", "account_number", "name", "address", "stated_month", "amount", "purpose")
_LONGEST_KEY = 100


class RegisterRow(NamedTuple):
    """A payment and the number of its line in the file, from 1."""

    number: int
    payment: PaymentRecord


class BadLine(NamedTuple):
    """A line set aside: its number, the cells as they came, and what is wrong."""

    number: int
    cells: Mapping[str, Cell]
    problems: list[Problem]


@dataclass
class Register:
    """A register while it is read: iterate to get payments and bad lines; the header fields are known at
    once.

    `remarks` (control totals) are complete only when the iteration has ended. Amounts are minor units;
    `None` means that
    the file does not say.
    """

    bank: str
    made_on: date | None
    header_count: int | None
    header_sum_minor: int | None
    unknown: Mapping[str, str]
    lines: Iterator["RegisterRow | BadLine"] = field(repr=False)
    footer_count: int | None = None
    footer_sum_minor: int | None = None
    good: int = 0
    bad: int = 0
    sum_minor: int = 0
    remarks: list[Remark] = field(default_factory=list)

    def __iter__(self) -> Iterator["RegisterRow | BadLine"]:
        return self.lines


def read_register(source: Source, *, sniffed: Sniffed, today: date, limits: Limits = DEFAULT_LIMITS) -> Register:
    """Open a register. Lines are read as they are asked for, so a file of a million payments stays on the
    disk.

    `today` is the day after which a payment would lie in the future. Raises `Unreadable` when the file is no
    register.
    """
    lines = _csv_lines(source, sniffed, limits)
    header: dict[str, str] = {}
    first: tuple[int, list[str]] | None = None
    for number, cells in lines:
        if not cells[0].startswith("#"):
            first = (number, cells)
            break
        header[cells[0].removeprefix("#").strip().upper()] = ";".join(cells[1:]).strip()
    if first is None or not header:
        raise Unreadable(
            "wrong_format",
            reason_ru="В реестре нет ни одной строки с платежами."
            if header
            else "Это не реестр: нет строк, начинающихся с «#».",
            what_to_do="Проверьте файл. Реестр в Excel или CSV загружайте как таблицу.",
        )
    register = Register(
        bank=header.pop("BANK", ""),
        made_on=None,
        header_count=None,
        header_sum_minor=None,
        unknown=header,
        lines=iter(()),
    )
    _read_header(register, header)
    register.lines = _payments(register, first, lines, today)
    return register


def _csv_lines(source: Source, sniffed: Sniffed, limits: Limits) -> Iterator[tuple[int, list[str]]]:
    """Lines with their numbers. Each is taken apart alone, so an unclosed quote spoils one line only."""
    with open_text(source, sniffed.encoding or "cp1251") as text:
        for number, line in enumerate(text, start=1):
            if number > limits.max_rows:
                raise too_big(f"больше {limits.max_rows} строк", f"{limits.max_rows}")
            if len(line) > limits.max_cell_letters:
                raise too_big(f"строка {number} длиннее {limits.max_cell_letters} знаков", f"{limits.max_cell_letters}")
            line = line.rstrip("\r\n")
            if not line.strip():
                continue
            yield number, next(csv.reader([line], delimiter=";"))


def _read_header(register: Register, header: dict[str, str]) -> None:
    try:
        if "DATE" in header:
            register.made_on = parse_day(header.pop("DATE"))
    except NotADay as error:
        register.remarks.append(Remark("bad_header", f"Дата реестра: {error}", needs_person=True))
    register.header_count = _count(register, header.pop("COUNT", ""))
    register.header_sum_minor = _sum(register, header.pop("SUM", ""))


def _count(register: Register, text: str) -> int | None:
    if not text:
        return None
    if text.strip().isdecimal():
        return int(text)
    register.remarks.append(
        Remark("bad_control", f"Число платежей в реестре не читается: «{text}».", needs_person=True)
    )
    return None


def _sum(register: Register, text: str) -> int | None:
    if not text:
        return None
    try:
        return parse_minor(text)
    except NotAnAmount as error:
        register.remarks.append(Remark("bad_control", f"Сумма реестра не читается: {error}", needs_person=True))
        return None


def _payments(
    register: Register, first: tuple[int, list[str]], rest: Iterator[tuple[int, list[str]]], today: date
) -> Iterator[RegisterRow | BadLine]:
    seen: dict[str, tuple[int, PaymentRecord]] = {}
    line: tuple[int, list[str]] | None = first
    while line is not None:
        number, cells = line
        line = next(rest, None)
        if cells[0].startswith("="):
            register.footer_count = _count(register, cells[0].removeprefix("="))
            register.footer_sum_minor = _sum(register, cells[1] if len(cells) > 1 else "")
            continue
        payment, raw, problems = _payment(register, cells, today)
        register.sum_minor += _readable_amount(raw) if payment is None else payment.amount_minor
        if payment is not None:
            problems = _repeat(payment, seen.get(payment.key))
        if payment is None or problems:
            register.bad += 1
            yield BadLine(number, raw, problems)
        else:
            seen[payment.key] = (number, payment)
            register.good += 1
            yield RegisterRow(number, payment)
    register.remarks.extend(_control(register))


def _payment(
    register: Register, cells: list[str], today: date
) -> tuple[PaymentRecord | None, dict[str, Cell], list[Problem]]:
    raw: dict[str, Cell] = {name: cell.strip() or None for name, cell in zip(_FIELDS, cells, strict=False)}
    if len(cells) != len(_FIELDS):
        reason = f"В строке {len(cells)} полей, а нужно {len(_FIELDS)}: проверьте «;» и кавычки."
        return None, raw, [Problem("", "wrong_width", reason, ";".join(cells)[:200])]
    payment, problems = payment_of(raw, bank=register.bank, today=today)
    return payment, raw, problems


def payment_of(raw: Mapping[str, Cell], *, bank: str, today: date) -> tuple[PaymentRecord | None, list[Problem]]:
    """A payment out of one line given as field → cell; also for a line mended on the screen.

    Fields: paid_on, time, operation, account_number, name, address, stated_month, amount, purpose; `key` is given by
    our own export and stands in place of what bank, operation and day make.
    """
    cells = Cells(raw, today=today)
    paid_on = cells.day("paid_on")
    if paid_on is None and not cells.problems:
        cells.complain("paid_on", "missing", "Не указана дата платежа. Впишите её, например 05.10.2026.")
    amount = cells.amount("amount")
    if amount is not None and amount <= 0:
        cells.complain(
            "amount",
            "not_positive",
            "Сумма платежа должна быть больше нуля. Возврат проводите отдельно, отменой платежа.",
        )
    key = cells.text("key", longest=_LONGEST_KEY)
    operation = cells.text("operation", longest=64, called="" if key else "номер операции")
    payment = PaymentRecord(
        key=key or payment_key(bank, operation, paid_on),
        paid_on=paid_on or date.min,
        time=cells.clock("time"),
        account_number=cells.text("account_number", longest=64),
        name=cells.text("name"),
        address=cells.text("address"),
        stated_month=_stated_month(cells, raw),
        amount_minor=amount or 0,
        purpose=cells.text("purpose", longest=2000),
    )
    return (None, cells.problems) if cells.problems else (payment, [])


def payment_key(*parts: object) -> str:
    """The identity of an operation out of its parts, at most 100 signs; a long one ends in a digest of the whole."""
    key = "|".join("" if part is None else str(part) for part in parts)
    if len(key) <= _LONGEST_KEY:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()[:32]
    return f"{key[: _LONGEST_KEY - len(digest) - 1]}|{digest}"


def _stated_month(cells: Cells, raw: Mapping[str, Cell]) -> date | None:
    cell = raw.get("stated_month")
    if cell is None:
        return None
    try:
        return _month(cell if isinstance(cell, str | date) else str(cell))
    except NotADay as error:
        cells.complain("stated_month", "bad_month", f"{error} Нужно так: 09.2026, или оставьте пустым.")
        return None


_month = lru_cache(maxsize=4_096)(parse_month)


def _readable_amount(raw: Mapping[str, Cell]) -> int:
    """The amount of a line, good or bad: control totals cover every line the bank wrote."""
    try:
        return amount_minor(raw.get("amount"))
    except NotAnAmount:
        return 0


def _repeat(payment: PaymentRecord, earlier: tuple[int, PaymentRecord] | None) -> list[Problem]:
    """One operation twice in one file is one payment; the second line waits for a person."""
    if earlier is None:
        return []
    number, first = earlier
    if first == payment:
        message = (
            f"Повтор строки {number}: та же операция. Если плательщик и вправду платил дважды, измените номер операции."
        )
        return [Problem("operation", "repeat", message, payment.key)]
    message = f"Номер операции тот же, что в строке {number}, а сведения другие. Уточните номер операции в банке."
    return [Problem("operation", "same_number", message, payment.key)]


def _control(register: Register) -> Iterator[Remark]:
    counted, summed = register.good + register.bad, register.sum_minor
    pairs = (
        ("в начале", register.header_count, register.header_sum_minor),
        ("в конце", register.footer_count, register.footer_sum_minor),
    )
    for where, count, total in pairs:
        if count is not None and count != counted:
            yield Remark("count_differs", f"Платежей {where} заявлено {count}, а строк {counted}.", needs_person=True)
        if total is not None and total != summed:
            unread = f" Не прочитано строк: {register.bad}." if register.bad else ""
            stated, found = plain_minor(total).replace(".", ","), plain_minor(summed).replace(".", ",")
            yield Remark(
                "sum_differs", f"Сумма {where} заявлена {stated}, а по строкам {found}.{unread}", needs_person=True
            )
    if register.footer_count is None and register.footer_sum_minor is None:
        yield Remark("no_footer", "Нет последней строки с итогом: возможно, файл оборван.", needs_person=True)
    if register.header_count is None and register.header_sum_minor is None:
        yield Remark("no_control", "В начале реестра не указаны число и сумма платежей.", needs_person=True)
