"""Shorthand of the penalties' tests: terms, a month posted, what stands on an account."""

from datetime import date
from fractions import Fraction

from okno.access.actor import Actor, process
from okno.access.models import Organisation
from okno.ledger.models import Account, Bill, OpenBill, Payment
from okno.ledger.penalties import posting, terms
from okno.ledger.penalties.accrual import RegimeAccrued, accrued
from okno.ledger.penalties.models import PenaltyMonth, Posting
from okno.ledger.penalties.terms import Terms
from tests.ledger.book import Book, month

LONG_AGO = date(2020, 1, 1)
TODAY = date(2026, 11, 18)


def actor(organisation: Organisation) -> Actor:
    return process(organisation, "проверка")


def set_terms(
    book: Book,
    kind: Posting = Posting.MONTHLY,
    *,
    since: date = LONG_AGO,
    least: int = 0,
    regimes: tuple[str, ...] = ("housing", "capital_repair"),
    **settings: str,
) -> None:
    for regime in regimes:
        wanted = Terms(regime=regime, since=since, posting=kind, least_minor=least, settings=settings)
        terms.change(actor(book.organisation), wanted, reason="проверка")


def post_month(book: Book, name: str, **more) -> PenaltyMonth:
    return posting.post_month(actor(book.organisation), month(name), today=TODAY, **more)


def penalties(account: int) -> dict[str, int]:
    """The penalty bills that stand, by the end of their source key."""
    rows = Bill.objects.filter(account=account, kind="penalty", reversed_by=None).order_by("month", "id")
    return {row.source_key.removeprefix("penalty:"): row.amount_minor for row in rows}


def housing(account: int) -> dict[str, int]:
    """The same of housing alone, by period."""
    told = penalties(account).items()
    return {key.removeprefix("housing:"): minor for key, minor in told if key.startswith("housing:")}


def waived(account: int) -> dict[str, int]:
    """What waivers took off, as payments that stand, by period."""
    rows = Payment.objects.filter(account=account, reversed_by=None, source_key__startswith="waiver:").order_by("id")
    return {row.source_key.rpartition(":")[2]: row.amount_minor for row in rows}


def open_penalty(account: int) -> int:
    rows = OpenBill.objects.filter(account=account, kind="penalty")
    return sum(row.open_minor for row in rows)


def figure(account: int, day: date, regime: str = "housing") -> RegimeAccrued:
    told = accrued(Account.objects.get(pk=account), day)
    return next(row for row in told.regimes if row.regime == regime)


def three_hundredths(minor: int, days: int) -> int:
    """Housing at 9.5 %: so many days between the 31st and the 90th of the delay."""
    exact = Fraction(minor) * Fraction(95, 1000) * days / 300
    return int(exact + Fraction(1, 2))
