"""The demo's dispatcher has work in every state, and nobody who owes is held back by it."""

from datetime import UTC, datetime

import pytest

from okno.access.actor import process
from okno.debts import cycle
from okno.demo import dispatcher
from okno.outreach import holds
from okno.outreach.facts import open_cursor
from okno.requests import outages
from okno.requests.models import Rating, Request
from tests.ledger.book import Book, bill


@pytest.mark.parametrize("language", ["ru", "kk", "uk"])
def test_requests_of_every_state_stand_in_the_register(organisation, today, language):
    now = datetime(today.year, today.month, today.day, 9, tzinfo=UTC)
    organisation.default_language = language
    organisation.save()
    book = Book.begin(organisation, accounts=12)
    owing = book.accounts[:3]
    book.post(*(bill(account, "2026-09", 300_00) for account in owing))
    cycle.run(organisation, today, now)
    actor = process(organisation, "демонстрация")
    assert dispatcher.work(organisation, actor, now) == 9
    assert set(Request.objects.values_list("state", flat=True)) == {"new", "taken", "done", "reopened"}
    assert not Request.objects.filter(category="other").exists()
    assert Rating.objects.count() == 3
    assert not holds.held(open_cursor(), organisation_id=organisation.pk, account_ids=owing, day=today)
    assert outages.known(book.house.pk, now, language)
    assert dispatcher.work(organisation, actor, now) == 0
