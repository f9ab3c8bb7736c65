"""Bills by the house and for everybody: begun, watched, stopped, taken; by those who may and by no others."""

from datetime import date

import pytest

from okno.access.models import Action
from okno.exchange.paper import runs
from okno.exchange.paper.models import PrintRun, RunState
from okno.exchange.paper.printing import print_run
from okno.houses.models import HouseScope
from okno.jobs import queue
from okno.ledger.months import checklist
from okno.outreach.models import Campaign
from tests.conftest import _member
from tests.web.accounts.conftest import enter

pytestmark = pytest.mark.django_db


def begun(client, **what) -> PrintRun:
    answer = client.post("/desk/bills/", {"month": "10.2026", **what})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return PrintRun.objects.get(pk=int(answer["Location"].split("/")[3]))


@pytest.fixture
def deferred(monkeypatch) -> list[str]:
    """What was handed to the workers."""
    names: list[str] = []
    monkeypatch.setattr(queue, "defer", lambda name, **more: names.append(name))
    return names


def test_a_month_of_a_house_is_handed_to_a_worker_and_its_bar_is_shown(desk, street, details, deferred):
    run = begun(desk, house=street.house.pk)
    assert deferred == ["exchange.print_bills"]
    assert (run.house, run.title) == (street.house, street.house.short_address)
    page = desk.get(f"/desk/bills/{run.pk}/").content.decode()
    assert f"/desk/bills/{run.pk}/progress/" in page
    told = desk.get(f"/desk/bills/{run.pk}/progress/").json()
    assert (told["done"], told["total"], told["finished"]) == (0, len(run.accounts), False)


def test_a_finished_run_gives_its_file_and_leaves_a_line_about_who_took_it(desk, street, details, deferred):
    run = print_run(begun(desk).pk, hands=1)
    page = desk.get(f"/desk/bills/{run.pk}/").content.decode()
    assert f"/desk/bills/{run.pk}/1.pdf" in page
    answer = desk.get(f"/desk/bills/{run.pk}/1.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    line = Action.objects.get(verb="bills.file_taken")
    assert (line.subject_kind, line.subject_id) == ("print_run", run.pk)
    assert desk.get(f"/desk/bills/{run.pk}/2.pdf").status_code == 404
    assert desk.get(f"/desk/bills/{run.pk}/progress/").json()["location"] == f"/desk/bills/{run.pk}/"


def test_those_without_a_bill_are_named_with_why(desk, street, details, deferred):
    run = print_run(begun(desk, month="01.2020").pk, hands=1)
    page = desk.get(f"/desk/bills/{run.pk}/").content.decode()
    assert "Без квитанции" in page
    assert "За этот месяц ничего не начислено" in page


def test_a_run_is_stopped_from_its_page(desk, street, details, deferred):
    run = begun(desk)
    assert desk.post(f"/desk/bills/{run.pk}/cancel/").status_code == 302
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    assert "Печать остановлена" in desk.get(f"/desk/bills/{run.pk}/").content.decode()


def test_a_run_that_was_stopped_begins_anew_for_the_same_accounts(desk, street, details, deferred):
    run = begun(desk, house=street.house.pk)
    desk.post(f"/desk/bills/{run.pk}/cancel/")
    assert f'action="/desk/bills/{run.pk}/again/"' in desk.get(f"/desk/bills/{run.pk}/").content.decode()
    answer = desk.post(f"/desk/bills/{run.pk}/again/")
    anew = PrintRun.objects.exclude(pk=run.pk).get()
    assert answer["Location"] == f"/desk/bills/{anew.pk}/"
    assert (anew.accounts, anew.house, anew.month, anew.state) == (run.accounts, run.house, run.month, RunState.WAITING)
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED


def test_a_month_is_not_done_with_while_a_house_of_it_has_no_bills(desk, street, details, deferred, organisation):
    def told() -> tuple[bool, str]:
        items = checklist.made(organisation, date(2026, 10, 1))
        return next((one.is_clean, one.text) for one in items if one.key == "printed")

    print_run(begun(desk, house=street.second.pk).pk, hands=1)
    print_run(begun(desk, house=street.second.pk).pk, hands=1)
    is_clean, text = told()
    assert not is_clean
    assert text.startswith("квитанций не напечатано")
    print_run(begun(desk, house=street.house.pk).pk, hands=1)
    assert told()[0]


def test_a_run_that_failed_goes_on_from_its_page(desk, street, details, deferred):
    run = begun(desk)
    PrintRun.objects.filter(pk=run.pk).update(state=RunState.FAILED, failure="Нет места на диске")
    assert "Нет места на диске" in desk.get(f"/desk/bills/{run.pk}/").content.decode()
    desk.post(f"/desk/bills/{run.pk}/again/")
    run.refresh_from_db()
    assert (run.state, deferred) == (RunState.WAITING, ["exchange.print_bills"] * 2)


@pytest.mark.parametrize(("month", "told"), [("", "Обязательное поле"), ("осень", "Напишите месяц и год")])
def test_a_month_that_cannot_be_read_is_asked_again(desk, street, details, month, told):
    answer = desk.post("/desk/bills/", {"month": month})
    assert answer.status_code == 422
    assert told in answer.content.decode()


def test_an_organisation_without_details_is_told_before_it_prints(desk, street):
    assert "Не внесены реквизиты" in desk.get("/desk/bills/").content.decode()


def test_the_residents_of_a_campaign_get_their_bills(desk, street, details, deferred):
    street.remind()
    campaign = Campaign.objects.latest("pk")
    answer = desk.post(f"/desk/sending/{campaign.pk}/bills/")
    run = PrintRun.objects.get(pk=int(answer["Location"].split("/")[3]))
    assert set(run.accounts) == set(campaign.contacts.values_list("account_id", flat=True))
    assert campaign.name in run.title


def test_a_narrowed_sight_prints_its_houses_and_sees_no_other_runs(colleague, desk, street, details, deferred):
    whole = begun(desk)
    HouseScope.objects.create(membership=colleague, house=street.second)
    narrowed = enter(colleague)
    assert narrowed.get(f"/desk/bills/{whole.pk}/").status_code == 404
    assert narrowed.post("/desk/bills/", {"month": "10.2026"}).status_code == 422
    assert narrowed.post("/desk/bills/", {"month": "10.2026", "house": street.house.pk}).status_code == 422
    own = begun(desk, house=street.second.pk)
    assert narrowed.get(f"/desk/bills/{own.pk}/").status_code == 200


def test_another_organisation_sees_no_run_of_ours(outsider, desk, street, details, deferred):
    run = print_run(begun(desk).pk, hands=1)
    stranger = enter(outsider)
    for tail in ("", "progress/", "1.pdf"):
        assert stranger.get(f"/desk/bills/{run.pk}/{tail}").status_code == 404
    for tail in ("cancel/", "again/"):
        assert stranger.post(f"/desk/bills/{run.pk}/{tail}").status_code == 404


def test_a_dispatcher_does_not_print(organisation, street, noon, details):
    client = enter(_member(organisation, "dispatcher", "pult@example.org", "Пульт"))
    assert client.get("/desk/bills/").status_code == 403


def test_files_past_their_time_are_told_to_be_gone(desk, street, details, deferred):
    run = print_run(begun(desk).pk, hands=1)
    runs.retire(run.organisation_id, run.finished_at + 2 * runs.KEPT_FOR)
    page = desk.get(f"/desk/bills/{run.pk}/").content.decode()
    assert "Срок хранения файлов вышел" in page
    assert desk.get(f"/desk/bills/{run.pk}/1.pdf").status_code == 404
