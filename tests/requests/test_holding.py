"""A flat with a serious open request is not reminded of its debt; a trifle, or the neighbours' leak, holds nobody."""

import pytest

from okno.outreach import holds
from okno.outreach.facts import open_cursor
from okno.requests import register
from tests.ledger.book import Book


@pytest.fixture
def held(organisation, account, today):
    def ask(*accounts: int) -> dict[int, str]:
        found = holds.held(
            open_cursor(), organisation_id=organisation.pk, account_ids=accounts or (account.pk,), day=today
        )
        return {pk: one.why for pk, one in found.items()}

    return ask


def test_a_serious_open_request_holds_the_account(asked, held, account):
    asked("течёт кран")
    assert held() == {account.pk: "Открыта заявка № 1"}


def test_a_request_about_the_flat_holds_its_account_too(asked, held, account):
    asked("течёт кран", account_id=None)
    assert account.pk in held()


def test_a_dangerous_one_holds_whatever_its_category(asked, held, account):
    asked("что-то случилось", category="other", urgency="danger")
    assert account.pk in held()


def test_a_trifle_holds_nobody(asked, held):
    asked("перегорела лампочка в подъезде")
    assert held() == {}


def test_a_request_about_the_whole_house_holds_nobody(asked, held):
    asked("течёт крыша", flat_id=None, account_id=None)
    assert held() == {}


def test_a_neighbour_is_not_held(asked, held, organisation):
    asked("течёт кран")
    assert held(*Book.begin(organisation).accounts) == {}


def test_when_it_is_done_reminders_go_on(asked, held, actor, now):
    register.finish(actor, asked("течёт кран").pk, now=now)
    assert held() == {}
