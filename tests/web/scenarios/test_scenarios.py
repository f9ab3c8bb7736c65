"""The pages of scenarios: seen, edited by line, published after a check, tried without anything being done."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from okno.access.models import Action, Role
from okno.dialogs import scenario as scenarios
from okno.dialogs import versions
from okno.dialogs.models import Call, CallAction, ScenarioVersion
from okno.speech.trouble import Unavailable
from tests.conftest import _member
from tests.web.accounts.conftest import enter, street

__all__ = ["street"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

NAME = "debt_notice"
ASK = 'ru: "Когда вам удобно заплатить?"'
MOST = 14


def at(path: str = "", name: str = NAME) -> str:
    return f"/desk/scenarios/{name}/{path}"


def text_of(answer) -> str:
    return answer.content.decode().replace("\xa0", " ")


def changed(words: str = 'ru: "Какой день вам удобен?"') -> str:
    return versions.shipped_source(NAME).replace(ASK, words)


def keep(client, source: str, **told):
    return client.post(at("edit/"), {"source": source, "note": "Мягче", **told})


def publish(client, **told):
    return client.post(at("publish/"), {"arm": "A", "why": "Так понятнее", **told})


@pytest.mark.parametrize("role", Role.values)
def test_scenarios_open_to_their_roles_and_are_changed_by_fewer(organisation, role):
    client = enter(_member(organisation, role, f"{role}@example.net", role))
    see, change = {"debt_specialist", "director", "installer"}, {"debt_specialist", "director"}
    for path in ("/desk/scenarios/", at(), at("nodes/hello/"), at("edit/"), at("try/")):
        assert client.get(path).status_code == (200 if role in see else 403), path
    assert client.post(at("check/"), {"source": "x"}).status_code == (200 if role in change else 403)
    keep(client, changed())
    assert ScenarioVersion.objects.exists() is (role in change)
    assert publish(client).status_code == (302 if role in change else 403)


@pytest.mark.parametrize("name", scenarios.names())
def test_a_scenario_is_drawn_with_every_node(desk, name):
    shown = text_of(desk.get(at(name=name)))
    for node in scenarios.shipped(name).nodes:
        assert f'data-node="{node}"' in shown
    assert " style=" not in shown
    assert desk.get(at("try/", name=name)).status_code == 200


@pytest.mark.parametrize("path", ["", "edit/", "try/", "nodes/hello/"])
def test_what_is_no_scenario_is_not_found(desk, path):
    assert desk.get(at(path, name="nothing")).status_code == 404
    assert desk.get(at(f"{path}?version=999999")).status_code == 404
    assert desk.get(at(f"{path}?version=x")).status_code == 404


def test_a_node_tells_its_words_in_three_languages_and_its_ways(desk):
    shown = text_of(desk.get(at("nodes/ask_when/")))
    assert "Когда вам удобно заплатить?" in shown
    assert "Қашан төлеу сізге ыңғайлы?" in shown
    assert "Коли вам зручно заплатити?" in shown
    shown = text_of(desk.get(at("nodes/told/")))
    assert "личное" in shown
    assert "отсюда человек подтверждён" in shown
    assert "/nodes/hardship/" in shown
    assert desk.get(at("nodes/nowhere/")).status_code == 404


def test_nodes_are_named_in_words_and_the_texts_own_names_are_hints_only(desk):
    drawn = desk.get(at()).content.decode()
    assert ">Услышано обещание</text>" in drawn
    assert ">promise_told</text>" not in drawn
    assert "услышано обещание (promise_told)</title>" in drawn
    shown = text_of(desk.get(at("nodes/promise_told/")))
    assert "<code" in desk.get(at("nodes/promise_told/")).content.decode()
    assert "Обещание" in shown


def test_faults_are_told_while_the_text_is_typed(desk):
    broken = changed('ru: "Когда вам {удобно} заплатить, {nothing}?"')
    shown = text_of(desk.post(at("check/"), {"source": broken.replace("\n", "\r\n")}))
    line = next(number for number, one in enumerate(broken.splitlines(), start=1) if "{nothing}" in one)
    assert f'data-line="{line}"' in shown
    assert "такого сведения нет" in shown
    assert "Ошибок нет" in text_of(desk.post(at("check/"), {"source": changed()}))


def test_a_draft_with_faults_is_kept_and_never_published(desk):
    keep(desk, changed('ru: "Пожалеете."'))
    assert "Так говорить нельзя" in text_of(desk.get(at("edit/")))
    assert "В тексте есть ошибки" in text_of(desk.get(at("publish/")))
    assert publish(desk).status_code == 422
    version = ScenarioVersion.objects.get()
    assert version.state == "draft"
    keep(desk, changed().replace("start: hello", "start: nowhere"))
    assert "в тексте есть ошибки" in text_of(desk.get(at(f"try/?version={version.pk}")))
    assert "в тексте есть ошибки" in text_of(desk.get(at(f"?version={version.pk}")))


def test_an_empty_text_is_refused_and_stays_in_the_form(desk):
    assert keep(desk, " ").status_code == 422
    assert not ScenarioVersion.objects.exists()


def test_a_version_is_compared_proved_and_published(desk, organisation):
    assert keep(desk, changed(), then="publish").url == at("publish/")
    shown = text_of(desk.get(at("publish/")))
    assert "+ " in shown
    assert "Какой день вам удобен?" in shown
    assert "Все прошли так, как должны" in shown
    assert publish(desk, why="").status_code == 422
    assert publish(desk).status_code == 302
    assert versions.chosen(organisation, NAME, "x").scenario.phrases["when_ask"]["ru"] == "Какой день вам удобен?"
    assert Action.objects.get(verb="scenario.published").reason == "Так понятнее"
    assert "версия 1" in text_of(desk.get("/desk/scenarios/"))


def test_a_version_that_breaks_expected_dialogs_is_published_only_knowingly(desk):
    source = versions.shipped_source(NAME)
    assert "yes: promised" in source
    keep(desk, source.replace("yes: promised", "yes: again"))
    shown = text_of(desk.get(at("publish/")))
    assert "обещает на пятницу" in shown
    assert publish(desk).status_code == 422
    assert publish(desk, anyway="1").status_code == 302


def test_two_arms_are_compared_and_the_second_is_taken_away(desk, organisation):
    keep(desk, changed())
    assert publish(desk, arm="B", share="0").status_code == 422
    assert publish(desk, arm="B", share="x").status_code == 422
    assert publish(desk, arm="B", share="40").status_code == 302
    version = ScenarioVersion.objects.get()
    assert (version.arm, version.share, version.state) == ("B", 40, "live")
    desk.post(at("archive/"), {"version": version.pk, "why": ""})
    desk.post(at("archive/"), {"version": version.pk, "why": "хуже"})
    version.refresh_from_db()
    assert version.state == "archived"


def test_another_organisation_does_not_see_our_versions(desk, outsider):
    keep(desk, changed())
    pk = ScenarioVersion.objects.get().pk
    client = enter(outsider)
    assert client.get(at(f"?version={pk}")).status_code == 404
    assert client.post(at("archive/"), {"version": pk, "why": "x"}).status_code == 404
    assert "Какой день вам удобен?" not in text_of(client.get(at("edit/")))


def talk(client, *answers: str, path: str = "try/answer/", **told):
    body = {"answers": json.dumps(list(answers[:-1])), "language": "ru", **told}
    if answers:
        body["said"] = answers[-1]
    return client.post(at(path), body)


def test_the_robot_is_talked_to_and_nothing_is_done(desk):
    assert "Это робот" in text_of(desk.get(at("try/")))
    shown = text_of(talk(desk, "да", "12", "заплачу в пятницу", "да", "нет"))
    assert "записать обещание" in shown
    assert "Разговор окончен: обещание" in shown
    assert "понял: да" in shown
    assert not Call.objects.exists()
    assert not CallAction.objects.exists()


def test_keys_events_silence_and_taking_back(desk):
    assert "клавиши 1" in text_of(desk.post(at("try/answer/"), {"answers": "[]", "key": "1"}))
    assert "пришла оплата" in text_of(desk.post(at("try/answer/"), {"answers": "[]", "event": "paid"}))
    assert "молчит" in text_of(talk(desk, ""))
    back = text_of(desk.post(at("try/answer/"), {"answers": '["да", "12"]', "back": "1"}))
    assert 'value="[&quot;да&quot;]"' in back
    assert 'value="[]"' in text_of(desk.post(at("try/answer/"), {"answers": '["да"]', "again": "1", "said": "x"}))


def test_answers_and_deeds_are_told_in_words_and_not_by_their_names(desk):
    path = "/desk/scenarios/incoming/try/answer/"
    shown = text_of(desk.post(path, {"answers": "[]", "language": "ru", "said": "хочу передать показания"}))
    assert "понял: передать показания" in shown
    assert "передать показания" in text_of(desk.get("/desk/scenarios/incoming/try/"))
    promised = text_of(talk(desk, "да", "12", "заплачу в пятницу", "да"))
    assert "день: " in promised
    assert "minor" not in promised


def test_a_request_is_talked_through_to_its_end_on_an_account(street, desk):
    path = "/desk/scenarios/intake/try/answer/"
    body = {"answers": json.dumps(["течёт кран", "на кухне"]), "language": "ru", "said": "да"}
    shown = text_of(desk.post(path, {**body, "account": street.accounts["1"].number}))
    assert "завести заявку" in shown
    assert "Не смог продолжить" not in shown


def test_the_language_is_changed(desk):
    assert "көмекшісі" in text_of(desk.post(at("try/answer/"), {"language": "kk", "again": "1"}))


@pytest.mark.parametrize("answers", ["", "{", "5", '{"a": 1}', "[1, null]", json.dumps(["x" * 5000] * 200)])
def test_nonsense_in_a_talk_is_no_fault(desk, answers):
    assert desk.post(at("try/answer/"), {"answers": answers, "said": "да", "language": "xx"}).status_code == 200


def test_a_talk_about_an_account_tells_its_own_debt(street, desk):
    number = street.accounts["1"].number
    assert street.people["1"].full_name in text_of(talk(desk, account=number, again="1"))
    assert "выдуманном примере" in text_of(talk(desk, account="777", again="1"))


def test_a_draft_is_talked_to_before_it_is_published(desk):
    keep(desk, changed())
    pk = ScenarioVersion.objects.get().pk
    assert "Какой день вам удобен?" in text_of(talk(desk, "да", "12", path=f"try/answer/?version={pk}"))


def test_a_phrase_is_said_or_the_button_says_what_is_missing(desk, monkeypatch):
    monkeypatch.setattr("okno.dialogs.saying.say", lambda text, language: b"RIFF" + text.encode())
    answer = desk.post("/desk/scenarios/voice/", {"text": "Добрый день", "language": "ru"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "audio/wav")

    def missing(text, language):
        raise Unavailable("нет русского голоса: выполните sudo apt-get install festival festvox-ru")

    monkeypatch.setattr("okno.dialogs.saying.say", missing)
    answer = desk.post("/desk/scenarios/voice/", {"text": "Добрый день", "language": "ru"})
    assert answer.status_code == 503
    assert "apt-get install festival" in text_of(answer)
    monkeypatch.undo()
    assert desk.post("/desk/scenarios/voice/", {"text": "x" * 5000}).status_code == 422


@pytest.mark.parametrize("path", ["", "edit/", "publish/", "try/", "nodes/hello/"])
def test_pages_ask_little(desk, path):
    keep(desk, changed())
    with CaptureQueriesContext(connection) as asked:
        desk.get(at(path))
    assert len(asked) <= MOST, [query["sql"][:110] for query in asked.captured_queries]
