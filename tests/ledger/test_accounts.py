"""Opening and closing accounts, the services an organisation starts with, how fresh the payments are."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from okno.access.actor import process
from okno.ledger.accounts import AccountRefused, NewAccount, close, open_accounts
from okno.ledger.feeds import freshness, received
from okno.ledger.models import Account, Balance, Regime, Service
from okno.ledger.services import install_defaults


def rows(book, *numbers: str) -> list[NewAccount]:
    flat = Account.objects.get(pk=book.accounts[0]).flat_id
    return [NewAccount(number=number, flat_id=flat, opened_on=date(2020, 1, 1)) for number in numbers]


def test_an_account_is_born_with_its_balance(book):
    ids = open_accounts(book.organisation, rows(book, "А-1", "А-2"))
    assert sorted(ids) == ["А-1", "А-2"]
    assert Balance.objects.filter(account__in=ids.values(), version=0, open_minor=0).count() == 2


def test_the_same_list_twice_changes_nothing(book):
    first = open_accounts(book.organisation, rows(book, "А-1", "А-2"))
    again = open_accounts(book.organisation, rows(book, "А-2", "А-1", "А-1", "А-3"))
    assert again.items() >= first.items()
    assert Balance.objects.filter(account__in=again.values()).count() == 3


def test_a_long_list_is_taken_in_pieces(book, monkeypatch):
    monkeypatch.setattr("okno.ledger.accounts.AT_ONCE", 2)
    assert len(open_accounts(book.organisation, rows(book, *"12345"))) == 5


def test_neighbours_may_have_the_same_number(book, neighbours_book):
    ours = open_accounts(book.organisation, rows(book, "А-1"))
    theirs = open_accounts(neighbours_book.organisation, rows(neighbours_book, "А-1"))
    assert ours["А-1"] != theirs["А-1"]


def test_an_account_is_closed_once_and_not_before_it_was_opened(book):
    actor = process(book.organisation, "проверка")
    account = open_accounts(book.organisation, rows(book, "А-1"))["А-1"]
    with pytest.raises(AccountRefused, match="раньше этого дня"):
        close(actor, account, on=date(2019, 12, 31), reason="продан")
    assert close(actor, account, on=date(2026, 11, 1), reason="продан").closed_on == date(2026, 11, 1)
    with pytest.raises(AccountRefused, match="уже закрыт"):
        close(actor, account, on=date(2026, 11, 2), reason="продан")


def test_another_organisations_account_is_not_closed(book, neighbours_book):
    with pytest.raises(AccountRefused, match="нет"):
        close(process(book.organisation, "проверка"), neighbours_book.accounts[0], on=date(2026, 1, 1), reason="-")


def test_services_are_installed_by_country_and_only_once(organisation, other_organisation):
    services = install_defaults(organisation)
    assert services["heating"].name == "Отопление"
    assert services["capital_repair"].regime == Regime.CAPITAL_REPAIR
    Service.objects.filter(organisation=organisation, code="heating").update(name="Тепло")
    assert install_defaults(organisation)["heating"].name == "Тепло"
    assert install_defaults(other_organisation)["maintenance"].name == "Взносы на содержание"


def test_an_older_file_never_makes_a_feed_staler(organisation):
    noon = datetime(2026, 11, 18, 12, tzinfo=UTC)
    received(organisation, "Банк", noon, noon)
    received(organisation, "Банк", noon - timedelta(days=3), noon + timedelta(hours=1))
    with connection.cursor() as cursor:
        (feed,) = freshness(cursor.cursor, organisation.pk)
    assert feed == ("Банк", True, noon, noon + timedelta(hours=1))


def test_feeds_of_neighbours_are_not_seen(organisation, other_organisation):
    noon = datetime(2026, 11, 18, 12, tzinfo=UTC)
    received(other_organisation, "Банк", noon, noon)
    with connection.cursor() as cursor:
        assert freshness(cursor.cursor, organisation.pk) == []
