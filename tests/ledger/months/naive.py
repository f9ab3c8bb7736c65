"""The month of accounts and services counted the long way: forwards from the first row, one row after another."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from fractions import Fraction

from okno.law.allocation import split_by_lines
from okno.ledger.models import Account, Allocation, Bill, Entry, Payment
from okno.ledger.months.turnover import ADVANCE, NAMES, Turnover

Sums = dict[str, int]
Split = Callable[[dict[str, int], int], dict[str, int]]


def proportionally(lines: dict[str, int], minor: int) -> dict[str, int]:
    """`minor` over the lines as the law splits it; the same rule goes on beyond what a bill may get."""
    total = sum(lines.values())
    if 0 <= minor <= total:
        return split_by_lines(minor, lines)
    exact = {line: Fraction(minor * amount, total) for line, amount in lines.items()}
    shares = {line: value.__floor__() for line, value in exact.items()}
    short = minor - sum(shares.values())
    for line in sorted(lines, key=lambda line: exact[line] - shares[line], reverse=True)[:short]:
        shares[line] += 1
    return shares


class History:
    """Everything the ledger holds of an organisation, in the order it was posted."""

    def __init__(self, organisation_id: int) -> None:
        self.month = {pk: day.replace(day=1) for pk, day in Entry.objects.values_list("pk", "accounted_on")}
        self.bills = list(Bill.objects.filter(organisation=organisation_id).order_by("pk"))
        self.payments = list(Payment.objects.filter(organisation=organisation_id).order_by("pk"))
        self.moves = list(Allocation.objects.filter(organisation=organisation_id).order_by("pk"))
        accounts = Account.objects.filter(organisation=organisation_id).select_related("flat")
        self.house = {account.pk: account.flat.house_id for account in accounts}

    def posted(self, row: Bill | Payment) -> date:
        return self.month[row.entry_id]

    def undone(self, row: Bill | Payment) -> date | None:
        return None if row.reversed_by_id is None else self.month[row.reversed_by_id]

    def by_account(self, month: date) -> dict[int, Turnover]:
        found: dict[int, Sums] = {account: dict.fromkeys(NAMES, 0) for account in self.house}
        for row, sign in [*((bill, 1) for bill in self.bills), *((payment, -1) for payment in self.payments)]:
            sums, posted, undone = found[row.account_id], self.posted(row), self.undone(row)
            if posted < month and (undone is None or undone >= month):
                sums["opening_minor"] += sign * row.amount_minor
            if posted == month and undone != month:
                column = column_of(row, month)
                sums[column] += row.amount_minor * (1 if column == "paid_minor" else sign)
            if posted < month and undone == month:
                sums["charges_reversed_minor" if sign > 0 else "payments_reversed_minor"] += row.amount_minor
        return {account: closed(sums) for account, sums in found.items()}

    def by_line(self, month: date, split: Split = proportionally) -> dict[tuple[int, str], Turnover]:
        found: dict[tuple[int, str], Sums] = defaultdict(lambda: dict.fromkeys(NAMES, 0))
        for house, line, column, minor in self._line_facts(month, split):
            found[house, line][column] += minor
        return {key: closed(sums) for key, sums in found.items() if any(sums.values())}

    def _line_facts(self, month: date, split: Split) -> Iterator[tuple[int, str, str, int]]:
        payments = {payment.pk: payment for payment in self.payments}
        bills = {bill.pk: bill for bill in self.bills}
        before: dict[int, int] = defaultdict(int)
        within: dict[int, Sums] = defaultdict(lambda: defaultdict(int))
        advance: dict[int, Sums] = defaultdict(lambda: defaultdict(int))
        for payment in self.payments:
            house, posted, undone = self.house[payment.account_id], self.posted(payment), self.undone(payment)
            if posted < month and (undone is None or undone >= month):
                advance[house]["opening_minor"] -= payment.amount_minor
            if posted == month and undone != month:
                column = column_of(payment, month)
                advance[house][column] += payment.amount_minor * (1 if column == "paid_minor" else -1)
            if posted < month and undone == month:
                advance[house]["payments_reversed_minor"] += payment.amount_minor
        for move in self.moves:
            payment, bill = payments[move.payment_id], bills[move.bill_id]
            gone = [day for day in (self.undone(payment), self.undone(bill)) if day is not None]
            when = min([max(self.month[move.entry_id], self.posted(payment), self.posted(bill)), *gone])
            house = self.house[move.account_id]
            if when < month:
                before[bill.pk] += move.amount_minor
                advance[house]["opening_minor"] += move.amount_minor
            elif when == month:
                column = self._column_of_move(payment, month)
                within[bill.pk][column] += move.amount_minor
                advance[house][column] += move.amount_minor * (-1 if column == "paid_minor" else 1)
        for house, sums in advance.items():
            yield from ((house, ADVANCE, column, minor) for column, minor in sums.items())
        for bill in self.bills:
            house = self.house[bill.account_id]
            for column, minor in self._lines_of(bill, month, before[bill.pk], within[bill.pk], split):
                yield from ((house, line, column, amount) for line, amount in minor.items())

    def _lines_of(
        self, bill: Bill, month: date, got: int, within: Sums, split: Split
    ) -> Iterator[tuple[str, dict[str, int]]]:
        posted, undone, lines = self.posted(bill), self.undone(bill), dict(bill.lines)
        if posted > month or (undone is not None and undone < month) or not lines or not bill.amount_minor:
            return
        if posted < month:
            yield "opening_minor", lines
            yield "opening_minor", negative(split(lines, got))
            if undone == month:
                yield "charges_reversed_minor", lines
        elif undone != month:
            yield column_of(bill, month), lines
        taken, given = min(within.get("paid_minor", 0), 0), max(within.get("paid_minor", 0), 0)
        for column, minor in [
            ("payments_reversed_minor", within.get("payments_reversed_minor", 0)),
            ("paid_minor", taken),
            ("recalculated_minor", within.get("recalculated_minor", 0)),
            ("introduced_minor", within.get("introduced_minor", 0)),
            ("paid_minor", given),
        ]:
            sign = 1 if column == "paid_minor" else -1
            yield column, {line: sign * amount for line, amount in split(lines, got + minor).items()}
            yield column, {line: -sign * amount for line, amount in split(lines, got).items()}
            got += minor

    def _column_of_move(self, payment: Payment, month: date) -> str:
        if self.posted(payment) == month:
            return column_of(payment, month)
        return "payments_reversed_minor" if self.undone(payment) == month else "paid_minor"


def column_of(row: Bill | Payment, month: date) -> str:
    if isinstance(row, Payment):
        return {"payment": "paid_minor", "opening": "introduced_minor"}.get(row.kind, "recalculated_minor")
    if row.kind == "month":
        return "charged_minor" if row.month == month else "recalculated_minor"
    return {"opening": "introduced_minor", "penalty": "penalty_minor"}.get(row.kind, "recalculated_minor")


def negative(minor: dict[str, int]) -> dict[str, int]:
    return {line: -amount for line, amount in minor.items()}


def closed(sums: Sums) -> Turnover:
    """The columns with the closing balance that follows from them."""
    moved = Turnover(**sums)
    return Turnover(**sums | {"closing_minor": moved.opening_minor + moved.moved_minor})
