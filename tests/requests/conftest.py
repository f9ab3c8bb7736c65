"""A house with a flat and its account, and who acts."""

from datetime import UTC, datetime

import pytest

from okno.access.actor import process
from okno.ledger.models import Account
from okno.requests.models import Request
from okno.requests.register import NewRequest, open_request
from tests.ledger.book import Book


@pytest.fixture
def now(today) -> datetime:
    """Noon of today in Moscow."""
    return datetime(today.year, today.month, today.day, 9, tzinfo=UTC)


@pytest.fixture
def actor(organisation):
    return process(organisation, "проверка")


@pytest.fixture
def account(organisation) -> Account:
    book = Book.begin(organisation, accounts=1)
    return Account.objects.select_related("flat__house").get(pk=book.accounts[0])


@pytest.fixture
def asked(actor, account, now):
    """Open a request about the account's flat: `asked("течёт кран", …)`."""

    def act(text: str = "Течёт кран на кухне", **more) -> Request:
        place = {"house_id": account.flat.house_id, "flat_id": account.flat_id, "account_id": account.pk}
        return open_request(actor, NewRequest(text=text, source="desk", **{**place, **more}), now=now)

    return act
