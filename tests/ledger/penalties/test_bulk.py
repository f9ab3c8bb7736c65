"""The month of a whole organisation is the single account's rule: to the kopeck, in all three countries."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okno.access.models import Organisation
from okno.ledger.models import Account, LateShare
from okno.ledger.penalties.accrual import accrued
from okno.ledger.penalties.gathering import cursor, facts_of
from okno.ledger.penalties.keys import last_day
from okno.ledger.penalties.models import PenaltyStanding
from okno.ledger.penalties.months import penalty_months
from okno.ledger.penalties.terms import OrganisationTerms, posted_months
from okno.ledger.rebuild import rebuild
from okno.ledger.verify import verify
from tests.ledger.book import Book, bill, pay
from tests.ledger.penalties.penalty_book import penalties, post_month, set_terms


@dataclass(frozen=True)
class Land:
    country: str
    currency: str
    time_zone: str
    regimes: tuple[str, ...]
    settings: tuple[tuple[str, str], ...]


RU = Land("ru", "RUB", "Europe/Moscow", ("housing", "capital_repair"), ())
KZ = Land("kz", "KZT", "Asia/Almaty", ("housing", "capital_repair", "target", "other"), ())
UA = Land("ua", "UAH", "Europe/Kyiv", ("housing",), (("contract_rate", "0.01"),))

SINCE = date(2025, 3, 1)
MONTHS = ("2025-03", "2025-04", "2025-05", "2025-06")
POSTED = ("2025-06", "2025-08", "2025-09")
MONEY = st.tuples(st.integers(30, 230), st.integers(1, 90_000_00))
LIVES = st.tuples(
    st.lists(st.integers(0, 60_000_00), min_size=len(MONTHS), max_size=len(MONTHS)), st.lists(MONEY, max_size=5)
)


def begin(land: Land) -> Book:
    organisation = Organisation.objects.create(
        name="УК",
        country=land.country,
        currency=land.currency,
        time_zone=land.time_zone,
        languages=["ru"],
        default_language="ru",
    )
    book = Book.begin(organisation, 3)
    set_terms(book, regimes=land.regimes, **dict(land.settings))
    return book


def live(book: Book, land: Land, lives: list) -> None:
    for account, (sums, payments) in zip(book.accounts, lives, strict=True):
        regimes = land.regimes * len(sums)
        book.post(
            *(
                bill(account, name, minor, regime=regimes[at])
                for at, (name, minor) in enumerate(zip(MONTHS, sums, strict=True))
            )
        )
        for day, minor in payments:
            book.post(pay(account, (SINCE + timedelta(days=day)).isoformat(), minor), kind="payments")


def standings(book: Book) -> list[tuple]:
    rows = PenaltyStanding.objects.filter(organisation=book.organisation).order_by("account", "regime")
    return list(rows.values_list("account", "regime", "settled_whole", "settled_rest", "posted_minor"))


@pytest.mark.slow
@pytest.mark.parametrize("land", [RU, KZ, UA], ids=lambda land: land.country)
def test_the_month_in_bulk_is_the_rule_of_one_account(db, land):
    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(LIVES, min_size=3, max_size=3))
    def check(lives: list) -> None:
        book = begin(land)
        live(book, land, lives)
        for name in POSTED:
            post_month(book, name)
        terms, months = OrganisationTerms(book.organisation), posted_months(book.organisation.pk)
        for account, facts in facts_of(cursor(), book.accounts).items():
            foreseen = penalty_months(facts, terms, months=months)
            assert penalties(account) == {
                charge.source_key.removeprefix("penalty:"): charge.amount_minor for charge in foreseen.charges
            }
            told = accrued(Account.objects.get(pk=account), last_day(months[-1]))
            assert [regime.not_posted_minor for regime in told.regimes] == [0] * len(told.regimes)
        assert verify(book.organisation).is_true
        kept = standings(book)
        sealed = [row for row in kept if any(row[2:])]
        PenaltyStanding.objects.filter(organisation=book.organisation).delete()
        rebuild(book.organisation)
        assert [row for row in standings(book) if any(row[2:])] == sealed
        assert not LateShare.objects.filter(organisation=book.organisation, value_on__lte=last_day(months[-1])).exists()

    check()


def test_the_owed_and_the_paid_are_counted_alike_in_kazakhstan(db):
    book = begin(KZ)
    account = book.accounts[0]
    book.post(bill(account, "2025-03", 100_000_00, due="2025-04-25"))
    book.post(pay(account, "2025-05-05", 100_000_00), kind="payments")
    post_month(book, "2025-05")
    # Ten days at the base rate of the day of payment, 16.5 %, of 365.
    assert penalties(account) == {"housing:2025-05": 452_05}


def test_without_a_clause_of_the_contract_nothing_is_posted_in_ukraine(db):
    book = begin(Land("ua", "UAH", "Europe/Kyiv", ("housing",), ()))
    account = book.accounts[0]
    book.post(bill(account, "2025-03", 100_000_00))
    post_month(book, "2025-06")
    assert penalties(account) == {}
