"""Who may open what: roles, another organisation, a sight narrowed to some houses; and how much a page asks."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from okno.access.models import Action
from okno.exchange.models import UnmatchedPayment
from okno.ledger.models import PaymentFeed
from tests.web.exchange.conftest import member, sign_in, turnover

pytestmark = pytest.mark.django_db

TYPO = "40100002;;2;Соколов;0,00;2000,0О;2000,00;0,00;0,00;2000,00"
MOST = 15


@pytest.fixture
def things(desk, town) -> dict[str, int]:
    """Something of each kind, by the name an address calls it."""
    source = desk.uploaded("bad.csv", turnover([TYPO]))
    desk.client.post(f"/desk/imports/{source.pk}/post/")
    return {
        "import": source.pk,
        "row": source.quarantined.get().pk,
        "payment": UnmatchedPayment.objects.get().pk,
        "feed": PaymentFeed.objects.get().pk,
    }


def seen(answer) -> int:
    """The answer read to its end; a file that nobody reads would stay open."""
    if answer.streaming:
        b"".join(answer.streaming_content)
    return int(answer.status_code)


LISTS = ("/desk/imports/", "/desk/imports/rows/", "/desk/payments/", "/desk/payments/rules/", "/desk/exchange/")
OBJECTS = (
    "/desk/imports/{import}/",
    "/desk/imports/{import}/rows/",
    "/desk/imports/{import}/errors/",
    "/desk/imports/{import}/progress/",
)
DOING = ("/desk/imports/{import}/rollback/", "/desk/imports/{import}/file/")
DEEDS = (
    "/desk/imports/{import}/check/",
    "/desk/imports/{import}/post/",
    "/desk/imports/{import}/cancel/",
    "/desk/imports/{import}/rollback/",
    "/desk/imports/rows/{row}/mend/",
    "/desk/imports/rows/{row}/drop/",
)
MATCHING = (
    "/desk/payments/{payment}/match/",
    "/desk/payments/{payment}/split/",
    "/desk/payments/{payment}/return/",
    "/desk/payments/{payment}/undo/",
)


@pytest.mark.parametrize("path", [*LISTS, *OBJECTS, *DOING])
def test_nobody_gets_in_without_signing_in(client, things, path) -> None:
    answer = client.get(path.format(**things))
    assert answer.status_code == 302
    assert "/accounts/login/" in answer["Location"]


@pytest.mark.parametrize("path", [*LISTS, *OBJECTS, *DOING])
def test_a_resident_and_a_dispatcher_are_refused(resident, organisation, things, path) -> None:
    for membership in (resident, member(organisation, "dispatcher")):
        assert sign_in(membership).client.get(path.format(**things)).status_code == 403


@pytest.mark.parametrize("path", [*DOING, *DEEDS, "/desk/imports/upload/"])
def test_a_director_looks_and_does_not_touch(manager, things, path) -> None:
    desk = sign_in(manager)
    assert desk.client.post(path.format(**things)).status_code == 403


@pytest.mark.parametrize("path", [*OBJECTS, *DOING])
def test_nothing_of_another_organisation_is_there(other_organisation, things, path) -> None:
    desk = sign_in(member(other_organisation, "installer"))
    assert desk.client.get(path.format(**things)).status_code == 404


@pytest.mark.parametrize("path", [*DEEDS, "/desk/exchange/feeds/{feed}/expect/"])
def test_nothing_of_another_organisation_can_be_done(other_organisation, things, path) -> None:
    desk = sign_in(member(other_organisation, "installer"))
    answer = desk.client.post(path.format(**things), {"reason": "чужое", "expected": "0"})
    assert answer.status_code == 404
    assert PaymentFeed.objects.get().expected


@pytest.mark.parametrize("path", MATCHING)
def test_money_of_another_organisation_cannot_be_given(other_organisation, things, path) -> None:
    desk = sign_in(member(other_organisation, "debt_specialist"))
    assert desk.client.post(path.format(**things), {"reason": "чужое"}).status_code == 404


@pytest.mark.parametrize("path", LISTS)
def test_lists_of_another_organisation_are_its_own(outsider, things, path) -> None:
    page = sign_in(outsider).client.get(path).content.decode()
    assert "turnover.csv" not in page
    assert "Банк Пример" not in page
    assert "Орлова" not in page


@pytest.mark.parametrize("path", [*OBJECTS, *LISTS])
def test_a_narrowed_sight_reads_no_files(colleague, things, path) -> None:
    answer = sign_in(colleague).client.get(path.format(**things))
    assert answer.status_code == (404 if "{" in path else 200)
    assert b"turnover.csv" not in answer.content


def test_a_narrowed_installer_loads_nothing(organisation, things) -> None:
    desk = sign_in(member(organisation, "installer", all_houses=False))
    assert desk.upload("a.csv", turnover([TYPO])).status_code == 404


@pytest.mark.parametrize("path", [*LISTS, *OBJECTS, "/desk/imports/{import}/rollback/"])
def test_a_page_asks_the_database_little(desk, things, path) -> None:
    seen(desk.client.get(path.format(**things)))
    with CaptureQueriesContext(connection) as asked:
        assert seen(desk.client.get(path.format(**things))) == 200
    told = [one["sql"][:140] for one in asked.captured_queries if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(told) <= MOST, "\n".join(told)


def test_the_exchange_tells_how_fresh_each_source_is(desk, town) -> None:
    page = desk.client.get("/desk/exchange/").content.decode()
    assert "Банк Пример" in page
    assert town["register"].file_hash[:12] in page
    assert "Борис Бухгалтеров" in page


def test_a_source_is_put_on_hold_with_a_reason_and_awaited_again(desk, things) -> None:
    path = f"/desk/exchange/feeds/{things['feed']}/expect/"
    assert desk.client.post(path, {"expected": "0", "reason": " "}).status_code == 422
    for _again in range(2):
        desk.client.post(path, {"expected": "0", "reason": "договор расторгнут"})
    page = desk.client.get("/desk/exchange/").content.decode()
    assert "не ждём" in page
    assert "договор расторгнут" in page
    assert Action.objects.filter(verb="feed.not_expected").count() == 1
    desk.client.post(path, {"expected": "1"})
    assert PaymentFeed.objects.get().expected


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("what", ["accounts", "debts", "payments", "unmatched"])
def test_lists_leave_as_files_with_a_line_in_the_trail(desk, town, what, kind) -> None:
    answer = desk.client.get(f"/desk/exchange/export/{what}/?file={kind}")
    assert answer.status_code == 200
    assert len(b"".join(answer.streaming_content)) > 50
    assert Action.objects.filter(verb="list.exported").count() == 1


def test_an_unknown_list_is_not_there(desk) -> None:
    assert desk.client.get("/desk/exchange/export/secrets/").status_code == 404


def test_payments_leave_by_days(desk, town) -> None:
    answer = desk.client.get("/desk/exchange/export/payments/?file=csv&since=2026-11-17&until=2026-11-17")
    assert b"".join(answer.streaming_content).decode("utf-8-sig").count("\r\n") == 3
    answer = desk.client.get("/desk/exchange/export/payments/?file=csv&since=2027-01-01&until=xx")
    assert b"".join(answer.streaming_content).decode("utf-8-sig").count("\r\n") == 1
