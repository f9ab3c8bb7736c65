"""A month of penalties is posted from the desk: what it comes to is seen first, and it is done once."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from okno.ledger.models import Bill
from okno.ledger.penalties import terms
from okno.ledger.penalties.models import PenaltyMonth, Posting
from okno.ledger.penalties.terms import Terms
from okno.web.desk.penalties import posting
from tests.conftest import _member
from tests.ledger.penalties.penalty_book import actor
from tests.web.accounts.conftest import enter

pytestmark = pytest.mark.django_db

ADDRESS = "/desk/penalties/posting/"


def body(response, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()[:1500]
    return response.content.decode().replace("\xa0", " ").replace("\u202f", " ")


@pytest.fixture
def monthly(street):
    """The organisation posts penalties of housing once a month."""
    wanted = Terms(regime="housing", since=date(2026, 1, 1), posting=Posting.MONTHLY)
    terms.change(actor(street.organisation), wanted, reason="проверка")
    return street


def test_without_terms_there_is_nothing_to_post_and_the_page_says_so(desk, street):
    page = body(desk.get(ADDRESS))
    assert "Проводить нечего" in page
    assert "Провести пени" not in page


def test_what_is_seen_is_what_is_posted_and_only_once(desk, monthly):
    page = desk.get(f"{ADDRESS}?month=2026-10")
    told = page.context["told"]
    assert told.bills > 0
    for _time in range(2):
        assert desk.post(ADDRESS, {"month": "2026-10"}).status_code == 302
    run = PenaltyMonth.objects.get()
    assert (run.bills, run.posted_minor) == (told.bills, told.minor)
    assert Bill.objects.filter(kind="penalty").count() == told.bills
    page = body(desk.get(f"{ADDRESS}?month=2026-10"))
    assert "показать лицевые счета" in page
    tile = body(desk.get(f"/desk/accounts/{Bill.objects.filter(kind='penalty').first().account_id}/penalties/tile/"))
    assert "в долге уже " in tile, "a posted penalty is part of the debt beside it, not more"
    listed = desk.get("/desk/accounts/?penalty_month=2026-10-01")
    assert len(listed.context["page"].lines) == told.accounts


def test_a_sum_that_rests_on_a_norm_nobody_has_read_is_marked_before_it_is_posted(desk, monthly):
    """The key rate of this October is not entered: the cap is taken in its place."""
    page = desk.get(f"{ADDRESS}?month=2026-10")
    assert not page.context["told"].is_verified
    assert "Среди норм есть непроверенные" in body(page)
    assert "по 31.10.2026 включительно и ещё не проведено" in body(page)
    page = desk.get(f"{ADDRESS}?month=2026-08")
    assert page.context["told"].is_verified
    assert "Среди норм есть непроверенные" not in body(page)


def test_a_month_that_goes_on_is_refused_in_words(desk, monthly):
    assert "Месяц ещё идёт" in body(desk.post(ADDRESS, {"month": "2026-11"}), 422)
    assert not PenaltyMonth.objects.exists()


def test_many_accounts_are_left_to_a_worker_and_the_page_watches(desk, monthly, monkeypatch):
    monkeypatch.setattr(posting, "AT_ONCE", 0)
    assert desk.post(ADDRESS, {"month": "2026-10"}).status_code == 302
    assert not PenaltyMonth.objects.exists()
    assert "okno-progress" in body(desk.get(f"{ADDRESS}?month=2026-10&begun=1"))
    told = desk.get(f"{ADDRESS}progress/?month=2026-10").json()
    assert (told["finished"], told["text"]) == (False, "ждёт очереди")
    monkeypatch.setattr(posting, "AT_ONCE", 1000)
    desk.post(ADDRESS, {"month": "2026-10"})
    told = desk.get(f"{ADDRESS}progress/?month=2026-10").json()
    assert told["finished"]
    assert told["location"].endswith("month=2026-10")


def test_who_may_not_post_sees_nothing_of_it(street, organisation):
    client = enter(_member(organisation, "debt_specialist", "looks@example.org", "Денис Долгов"))
    assert client.get(ADDRESS).status_code == 403
    assert client.post(ADDRESS, {"month": "2026-10"}).status_code == 403


def test_the_page_asks_the_database_within_the_limit(desk, monthly):
    with CaptureQueriesContext(connection) as asked:
        body(desk.get(f"{ADDRESS}?month=2026-10"))
    assert len(asked) <= 15, "\n".join(query["sql"][:110] for query in asked)
