"""Registers of payments: a file a bank a month, and the one that arrives on the day of the demo."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import TextIO

from okno.common.days import add_months, month_of, months_between

from .amounts import plainly
from .books import STATEMENT, Books
from .expected import FileExpected, TodayExpected
from .plan import PUNCTUAL, Plan

_LINES_AT_ONCE = 5_000
_SPOILT_MONTHS = 3
#: Of a hundred debtors, how many pay on the day of the demo, and how many of those only a part.
_PAY_TODAY = 22
_PAY_PART = 25


@dataclass
class _Line:
    """A line beside the true payments: what is wrong with it is known to the writer."""

    text: str
    amount: int
    good: bool = True
    in_sum: bool = True


def write_registers(books: Books, month: date, folder: Path, *, until_day: int) -> Iterator[FileExpected]:
    """Write the month's registers, one a bank; `until_day` is the last day they cover."""
    plan = books.plan
    lent = plan.place
    made_on = month.replace(day=until_day)
    counts, sums, firsts = [0] * len(lent.banks), [0] * len(lent.banks), [0] * len(lent.banks)
    for paid in books.payments():
        if paid.way != STATEMENT:
            firsts[paid.way] = firsts[paid.way] or paid.amount
            counts[paid.way] += 1
            sums[paid.way] += paid.amount
    for bank, name in enumerate(lent.banks):
        path = folder / f"register-{made_on:%Y-%m-%d}-{bank + 1}.txt"
        expected = FileExpected(f"registers/{path.name}", "register")
        extra = _spoilt_lines(plan, month, bank, firsts[bank]) if counts[bank] else []
        count = counts[bank] + len(extra)
        total = sums[bank] + sum(line.amount for line in extra if line.in_sum)
        with path.open("w", encoding=lent.encoding, newline="") as file:
            file.write(f"#BANK;{name}\r\n#DATE;{made_on:%d.%m.%Y}\r\n#COUNT;{count}\r\n#SUM;{plainly(total)}\r\n")
            _write_lines(file, _bank_lines(books, month, bank, extra))
            file.write(f"={count};{plainly(total)}\r\n")
        expected.rows = count
        expected.good = counts[bank] + sum(line.good for line in extra)
        expected.bad = count - expected.good
        expected.unmatched = sum(line.good for line in extra)
        expected.unmatched_minor = sum(line.amount for line in extra if line.good)
        expected.sum_minor = sums[bank] + expected.unmatched_minor
        yield expected


def write_register_today(books: Books, folder: Path) -> tuple[FileExpected, TodayExpected]:
    """Write the register of the day of the demo: some of those who still owe pay, most of them all of it."""
    plan = books.plan
    today = plan.town.today
    path = folder / f"register-{today:%Y-%m-%d}.txt"
    expected = FileExpected(f"today/{path.name}", "register_today")
    told = TodayExpected(expected.name)
    lines = [line for line, *_ in sorted(_payments_today(books, told), key=lambda pair: pair[1])]
    strangers = _strangers(plan, today, 0, Random(f"{plan.town.seed}:strangers today"))
    expected.rows = expected.good = len(lines) + len(strangers)
    expected.unmatched = len(strangers)
    expected.unmatched_minor = sum(line.amount for line in strangers)
    expected.sum_minor = told.sum_minor + expected.unmatched_minor
    with path.open("w", encoding=plan.place.encoding, newline="") as file:
        total = plainly(expected.sum_minor)
        file.write(f"#BANK;{plan.place.banks[0]}\r\n#DATE;{today:%d.%m.%Y}\r\n")
        file.write(f"#COUNT;{expected.rows}\r\n#SUM;{total}\r\n")
        _write_lines(file, iter([*lines, *(line.text for line in strangers)]))
        file.write(f"={expected.rows};{total}\r\n")
    return expected, told


def _payments_today(books: Books, told: TodayExpected) -> Iterator[tuple[str, int]]:
    plan = books.plan
    rnd = Random(f"{plan.town.seed}:today")
    for index, owed in enumerate(books.balance):
        if owed <= 0 or plan.kind[index] == PUNCTUAL or rnd.randrange(100) >= _PAY_TODAY:
            continue
        part = rnd.randrange(100) < _PAY_PART and owed > 20_000
        amount = owed * rnd.randrange(30, 70) // 100 if part else owed
        (told.in_part if part else told.in_full).append(plan.number(index))
        told.sum_minor += amount
        second = rnd.randrange(25_200, 32_400)
        line = _line(plan, plan.town.today, second, f"9{index:08d}", index, amount, month=None)
        yield line, second


def _write_lines(file: TextIO, lines: Iterator[str]) -> None:
    while batch := list(islice(lines, _LINES_AT_ONCE)):
        file.write("\r\n".join(batch) + "\r\n")


def _bank_lines(books: Books, month: date, bank: int, extra: list[_Line]) -> Iterator[str]:
    """The bank's payments in their order; the lines beside them stand among the first ones."""
    plan = books.plan
    stated = add_months(month, -1)
    prefix = f"{months_between(plan.town.first_month, month):03d}"
    own = (paid for paid in books.payments() if paid.way == bank)
    for count, paid in enumerate(own, start=1):
        day = month.replace(day=paid.second // 86_400 + 1)
        operation = f"{prefix}{count:07d}"
        line = _line(
            plan,
            day,
            paid.second % 86_400,
            operation,
            paid.account,
            paid.amount,
            month=stated if paid.states_month else None,
        )
        yield line
        if count == 1:
            for spoilt in extra:
                yield spoilt.text or line


def _line(
    plan: Plan, day: date, second: int, operation: str, index: int, amount: int, *, month: date | None, number: str = ""
) -> str:
    """One payment. Some pay for a relative; some purposes hold the very mark that parts the cells."""
    lent = plan.place
    flat = plan.flat(index)
    payer = plan.relative(index, amount) if amount % 13 == 0 else plan.name(index)
    number = number or plan.number(index)
    period = f"{month:%m.%Y}" if month else ""
    purpose = lent.purpose
    if amount % 5 == 0:
        purpose = f'"{lent.purpose}; {lent.account_words} {number}"'
    minute, second = divmod(second, 60)
    hour, minute = divmod(minute, 60)
    return (
        f"{day.day:02d}.{day.month:02d}.{day.year};{hour:02d}:{minute:02d}:{second:02d};{operation};{number};{payer};"
        f"{plan.house(index).address}, {lent.flat} {flat};{period};{amount // 100},{amount % 100:02d};{purpose}"
    )


def _strangers(plan: Plan, day: date, bank: int, rnd: Random) -> list[_Line]:
    """Payments that name no account there is: two digits swapped with the right address, and a number of nobody."""
    lines = []
    index = rnd.randrange(len(plan))
    number = plan.number(index)
    swapped = next(
        (
            f"{number[:place]}{number[place + 1]}{number[place]}{number[place + 2 :]}"
            for place in range(len(number) - 2, 2, -1)
            if number[place] != number[place + 1]
        ),
        number[:-1],
    )
    # A swap may give the number of a neighbour; then a digit is missing instead.
    if int(swapped[2:7] or 0) <= len(plan.houses) and 0 < int(swapped[7:]) <= 999:
        swapped = number[:-2] + number[-1]
    for operation, wrong in ((f"8{bank}00001", swapped), (f"8{bank}00002", f"{plan.place.account_prefix}999990001")):
        amount = rnd.randrange(100_000, 900_000)
        text = _line(plan, day, 36_000, operation, index, amount, month=None, number=wrong)
        lines.append(_Line(text, amount))
    return lines


def _spoilt_lines(plan: Plan, month: date, bank: int, first_amount: int) -> list[_Line]:
    """What real registers of the last months hold besides payments: strangers, a line sent twice, broken lines."""
    number = months_between(plan.town.first_month, month)
    if number < plan.town.months - _SPOILT_MONTHS:
        return []
    rnd = Random(f"{plan.town.seed}:spoilt:{number}:{bank}")
    lines = _strangers(plan, month, bank, rnd)
    if bank == 0:
        # No text stands for "the first line once more".
        lines.insert(0, _Line("", first_amount, good=False))
    if bank == 1:
        good = _line(plan, month, 40_000, f"8{bank}00003", rnd.randrange(len(plan)), 123_400, month=None)
        no_such_day = good.replace(f"{month:%d.%m}", "31.02", 1)
        lines.append(_Line(no_such_day, 123_400, good=False))
        # The agent's program garbled the sum and left it out of its own total.
        garbled = good.replace(f"8{bank}00003", f"8{bank}00004").replace("1234,00", "1 2З4.ОО")
        lines.append(_Line(garbled, 123_400, good=False, in_sum=False))
    return lines


def last_paid_day(month: date, today: date) -> int:
    """The last day of the month that registers sent before `today` cover; 0 when there is none."""
    after = add_months(month, 1)
    return ((after if after <= month_of(today) else today) - timedelta(days=1)).day if today > month else 0
