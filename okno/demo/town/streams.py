"""The same bills and payments as records, without files: for benchmarks of any size."""

from collections.abc import Iterator
from datetime import date, time

from okno.common.days import add_months, month_of, months_between
from okno.exchange.formats.records import PaymentRecord, TurnoverRecord
from okno.exchange.formats.register import payment_key

from .books import STATEMENT, Books
from .plan import Plan, Town
from .registers import last_paid_day


def stream_bills(town: Town) -> Iterator[tuple[date, TurnoverRecord]]:
    """Every bill as (month, record), month after month. No spoilt rows."""
    plan = Plan(town)
    books = Books(plan)
    codes = tuple(plan.place.turnover.services)
    for number, month in enumerate(town.bill_months):
        for index, opening, services, billed, recalculated, paid, closing in books.month(month):
            yield (
                month,
                TurnoverRecord(
                    number=plan.number(index),
                    address=plan.house(index).address,
                    flat=plan.flat(index),
                    name=plan.name(index, number),
                    opening_minor=opening,
                    services={code: amount for code, amount in zip(codes, services, strict=True) if amount},
                    billed_minor=billed,
                    recalculated_minor=recalculated,
                    paid_minor=paid,
                    closing_minor=closing,
                ),
            )


def stream_payments(town: Town) -> Iterator[PaymentRecord]:
    """Every payment up to the day before `today` in the order they were made. No spoilt rows, all accounts exist."""
    plan = Plan(town)
    books = Books(plan)
    for month in town.bill_months:
        for _ in books.month(month):
            pass
        yield from _payments(books, month)
    this_month = month_of(town.today)
    if until_day := last_paid_day(this_month, town.today):
        books.unfinished_month(this_month, until_day=until_day)
        yield from _payments(books, this_month)


def _payments(books: Books, month: date) -> Iterator[PaymentRecord]:
    plan = books.plan
    lent = plan.place
    sources = (*lent.banks, lent.own_account)
    before = add_months(month, -1)
    number = months_between(plan.town.first_month, month)
    for count, (second, index, amount, way, states_month) in enumerate(books.payments(), start=1):
        paid_on = month.replace(day=second // 86_400 + 1)
        minute, seconds = divmod(second % 86_400, 60)
        yield PaymentRecord(
            key=payment_key(sources[way], f"{number:03d}{count:07d}", paid_on),
            paid_on=paid_on,
            time=None if way == STATEMENT else time(minute // 60, minute % 60, seconds),
            account_number=plan.number(index),
            name=plan.name(index),
            address=f"{plan.house(index).address}, {lent.flat} {plan.flat(index)}",
            stated_month=before if states_month else None,
            amount_minor=amount,
            purpose=lent.purpose,
        )
