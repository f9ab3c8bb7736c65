"""A campaign of calls from its form to its numbers: looked at before it starts, twice is once, stopped by a word."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from okno.access.models import Action
from okno.debts.models import Case
from okno.dialogs import scenario as scenarios
from okno.dialogs.models import Call, CallCampaign
from okno.houses.models import HouseScope
from okno.outreach.models import Campaign, Contact
from okno.people.models import Consent
from okno.web.desk.calling import words
from tests.web.accounts.conftest import enter

pytestmark = pytest.mark.django_db

NEW = "/desk/calling/new/"
DEBT = f"{NEW}?scenario=debt_notice"


def form(**more):
    return {
        "name": "Ноябрьский обзвон",
        "mode": "robot",
        "lines": "2",
        "calls_a_second": "1",
        "tries": "3",
        "ring_seconds": "30",
        "since": "",
        "until": "",
        "record": "on",
        "pause_busy": "15",
        "pause_no_answer": "120",
        "least": "",
        "months": "",
        **more,
    }


@pytest.fixture
def draft(desk) -> CallCampaign:
    desk.post(DEBT, form())
    return CallCampaign.objects.get()


def agree(street, *numbers: str) -> None:
    for number in numbers:
        Consent.objects.create(
            organisation=street.organisation,
            person=street.people[number],
            channel="robot_call",
            given=True,
            on=street.day,
            source="Заявление",
        )


def at(calling: CallCampaign, deed: str = "") -> str:
    return f"/desk/calling/{calling.pk}/{deed}"


def test_an_empty_list_tells_what_a_campaign_of_calls_is(desk):
    page = desk.get("/desk/calling/").content.decode()
    assert "Обзвонов пока нет" in page


def test_what_to_call_about_is_asked_first(desk):
    page = desk.get(NEW).content.decode()
    for name in ("debt_notice", "readings", "announcement", "visit", "rating"):
        assert f"?scenario={name}" in page


@pytest.mark.parametrize("scenario", ["debt_notice", "readings", "announcement", "visit", "rating"])
def test_every_scenario_has_its_form(desk, scenario):
    page = desk.get(NEW, {"scenario": scenario})
    assert page.status_code == 200
    assert "126-ФЗ" in page.content.decode()


def test_a_bad_form_keeps_what_was_typed(desk):
    page = desk.post(DEBT, form(lines="1000", since="18:00", until="10:00"))
    text = page.content.decode()
    assert page.status_code == 422
    assert 'value="1000"' in text
    assert "Конец должен быть позже начала" in text
    assert not Campaign.objects.exists()


def test_the_same_form_twice_is_one_draft(desk):
    first, second = desk.post(DEBT, form()), desk.post(DEBT, form())
    assert first.url == second.url
    made = CallCampaign.objects.get()
    assert (made.pauses, made.tries, made.campaign.channels) == ({"busy": 15, "no_answer": 120}, 3, ["robot_call"])


def test_nobody_without_a_consent_is_called_by_a_robot_and_the_norm_is_named(desk, street, draft):
    agree(street, "1", "2")
    text = desk.get(at(draft)).content.decode()
    assert "Нет согласия — робот не звонит." in text
    assert "126-ФЗ" in text
    assert "Запустить для 2" in text
    assert "Таких 12 человек" in text


def test_whoever_plans_calls_of_a_robot_reads_that_the_line_must_label_them(desk, draft):
    said = "Массовые звонки подписывает на экране телефона оператор связи"
    assert said in desk.get(at(draft)).content.decode()
    assert said in desk.get(DEBT).content.decode()


def test_what_a_machine_hears_is_chosen_with_the_campaign(desk):
    page = desk.get(DEBT).content.decode()
    assert "назвать организацию и телефон" in page
    assert "сказать объявление целиком" not in page
    desk.post(DEBT, form(leave_word="neutral"))
    assert CallCampaign.objects.get().params == {"leave_word": "neutral"}


def test_a_person_of_the_staff_may_call_without_a_consent(desk, street):
    desk.post(DEBT, form(mode="preview"))
    text = desk.get(at(CallCampaign.objects.get())).content.decode()
    assert "Нет согласия" not in text


def test_a_draft_is_changed_and_a_launched_one_is_not(desk, street, draft):
    agree(street, "1")
    desk.post(at(draft, "edit/"), form(name="Другое имя", lines="5"))
    draft.refresh_from_db()
    assert (draft.campaign.name, draft.lines) == ("Другое имя", 5)
    desk.post(at(draft, "start/"))
    page = desk.get(at(draft, "edit/"), follow=True).content.decode()
    assert "не изменить" in page


def test_a_launch_pressed_twice_plans_everybody_once(desk, street, draft):
    agree(street, "1", "2")
    for _twice in range(2):
        desk.post(at(draft, "start/"))
    assert Contact.objects.filter(campaign=draft.campaign_id, channel="robot_call").count() == 2
    assert Action.objects.filter(verb="campaign.started").count() == 1
    text = desk.get(at(draft)).content.decode()
    assert "0 из 2" in text


def test_a_campaign_is_paused_resumed_and_stopped_with_a_reason(desk, street, draft):
    agree(street, "1")
    desk.post(at(draft, "start/"))
    page = desk.post(at(draft, "command/"), {"do": "pause", "why": ""}, follow=True).content.decode()
    assert "Напишите причину" in page
    for do, state in (("pause", "paused"), ("resume", "running"), ("stop", "stopped")):
        desk.post(at(draft, "command/"), {"do": do, "why": "Проверяем текст"})
        draft.campaign.refresh_from_db()
        assert draft.campaign.state == state
        assert "Проверяем текст" in desk.get(at(draft)).content.decode()
    assert Contact.objects.get(campaign=draft.campaign_id).state == "withdrawn"


def called(street, calling, number, *, outcome, result="", seconds=None) -> Call:
    contact = Contact.objects.get(campaign=calling.campaign_id, account=street.accounts[number])
    return Call.objects.create(
        organisation=street.organisation,
        uid=uuid.uuid4(),
        direction="out",
        campaign=calling,
        contact=contact,
        account=contact.account,
        person=contact.person,
        house=street.house,
        address=contact.address,
        language="ru",
        scenario=calling.scenario,
        state="ended",
        started_at=street.noon,
        answered_at=street.noon if outcome == "answered" else None,
        ended_at=street.noon + timedelta(seconds=90),
        seconds=seconds,
        outcome=outcome,
        result=result,
    )


def test_the_numbers_tell_attempts_and_talks_and_lead_to_their_calls(desk, street, draft):
    agree(street, "1", "2")
    desk.post(at(draft, "start/"))
    called(street, draft, "1", outcome="answered", result="promised", seconds=65)
    called(street, draft, "2", outcome="no_answer")
    told = desk.get(at(draft, "live/")).context["told"]
    assert (told.calls, told.talks, told.good) == (2, 1, 1)
    assert {str(bar.badge.text): bar.count for bar in told.outcomes} == {"ответили": 1, "не берут трубку": 1}
    rows = desk.get(told.results[0].url).context["page"]
    assert rows.total == 1
    listed = desk.get("/desk/calling/").context["page"].lines
    assert "0 из 2" in "".join(cell.html for cell in listed[0].cells)


def test_the_calls_leave_as_a_file_with_a_line_in_the_trail(desk, street, draft):
    agree(street, "1")
    desk.post(at(draft, "start/"))
    called(street, draft, "1", outcome="busy")
    for kind in ("csv", "xlsx"):
        answer = desk.get("/desk/calling/calls/", {"campaign": draft.pk, "file": kind})
        assert answer.status_code == 200
        b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert Action.objects.filter(verb="calls.exported").count() == 2


def test_an_announcement_wants_its_words(desk, street):
    page = desk.post(f"{NEW}?scenario=announcement", form(text_ru="", houses=[]))
    assert page.status_code == 422
    desk.post(f"{NEW}?scenario=announcement", form(text_ru="Завтра с 10 до 14 не будет воды", houses=[street.house.pk]))
    made = CallCampaign.objects.get()
    assert made.params == {"text": {"ru": "Завтра с 10 до 14 не будет воды"}}
    assert made.campaign.audience == {"houses": [street.house.pk]}
    assert "жители 1 дома" in desk.get(at(made)).content.decode()


def test_a_visit_wants_a_day_that_is_to_come(desk, street):
    told = {"work_ru": "Замена стояка", "visit_since": "10:00", "visit_until": "14:00", "whom": "visit"}
    page = desk.post(f"{NEW}?scenario=visit", form(**told, day=street.day - timedelta(days=1)))
    assert "Этот день уже прошёл" in page.content.decode()
    desk.post(f"{NEW}?scenario=visit", form(**told, day=street.day + timedelta(days=1)))
    made = CallCampaign.objects.get()
    assert (made.campaign.cause, made.params["since"]) == ("visit", "10:00")


def test_a_campaign_of_calls_is_not_among_the_messages(desk, draft):
    assert desk.get("/desk/sending/").context["page"].total == 0
    assert desk.get(f"/desk/sending/{draft.campaign_id}/").url == at(draft)


def test_a_narrowed_person_neither_sees_nor_commands_the_others_campaigns(desk, street, draft, colleague):
    HouseScope.objects.create(membership=colleague, house=street.second)
    narrowed = enter(colleague)
    assert narrowed.get(at(draft)).status_code == 404
    assert narrowed.post(at(draft, "start/")).status_code == 404
    assert narrowed.get("/desk/calling/").context["page"].total == 0


def test_the_pages_ask_the_database_few_times(desk, street, draft):
    agree(street, "1")
    for path, most in (("/desk/calling/", 15), (at(draft), 40), (NEW, 15)):
        with CaptureQueriesContext(connection) as asked:
            desk.get(path)
        assert len(asked) <= most, (path, len(asked))
    desk.post(at(draft, "start/"))
    for path in (at(draft), at(draft, "live/"), "/desk/calling/calls/"):
        with CaptureQueriesContext(connection) as asked:
            desk.get(path)
        assert len(asked) <= 20, (path, len(asked))


def test_marked_debtors_become_one_draft_of_exactly_them(desk, street):
    cases = list(
        Case.objects.filter(account__in=[street.accounts["1"], street.accounts["2"]]).values_list("pk", flat=True)
    )
    told = {"ids": ",".join(map(str, cases))}
    first, second = desk.post("/desk/calling/marked/", told), desk.post("/desk/calling/marked/", told)
    assert first.url == second.url
    made = CallCampaign.objects.get()
    assert made.campaign.audience == {"cases": sorted(cases)}
    assert "ровно 2 отмеченных должника" in desk.get(at(made)).content.decode().replace("\xa0", " ")
    assert desk.post("/desk/calling/marked/", {}).url == "/desk/portfolio/"


def test_every_end_of_the_shipped_scenarios_is_told_in_words():
    ends = {node.end for name in scenarios.names() for node in scenarios.shipped(name).nodes.values() if node.end}
    assert ends - set(words.RESULTS) == set()
