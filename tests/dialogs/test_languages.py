"""Whoever asks for another language hears the question again in that one, with the same things in other words."""

import pytest

from okno.dialogs import expected_turns, facts
from okno.dialogs import scenario as scenarios
from okno.dialogs.scenario import BadScenario, read
from okno.dialogs.turn import Happened, Keys, Said, Turn, found, settled, start, step
from okno.dialogs.wording import languages, reworded
from okno.houses.models import Meter

KAZAKH = {"kind": "Суық су"}
SILENT = """
name: small
title: {ru: Малый}
languages: [ru]
facts: {}
start: hello
phrases:
  hello: {ru: "Здравствуйте."}
anywhere: {person: hello}
nodes:
  hello: {say: [hello], offers_languages: true, end: done}
"""


def begun(name: str, language: str = "ru", **more) -> tuple[scenarios.Scenario, Turn]:
    scenario = scenarios.shipped(name)
    return scenario, start(scenario, language, {**expected_turns.sample(name), **more}, mode="text")


def spoken(turn: Turn) -> list[tuple[str, str]]:
    return [(phrase.name, phrase.language) for phrase in turn.say]


@pytest.mark.parametrize(
    ("asked", "language"),
    [("қазақша сөйлеңізші", "kk"), ("а можно на казахском", "kk"), ("українською, будь ласка", "uk")],
)
@pytest.mark.parametrize("name", sorted(scenarios.names()))
def test_every_scenario_goes_on_in_the_language_that_was_asked_for(name, asked, language):
    scenario, turn = begun(name)
    sought = step(scenario, turn.state, Said(asked))
    assert (sought.seeks["by"], sought.seeks["language"], sought.say) == ("language", language, ())
    assert sought.actions == ({"do": "language", "language": language},)
    again = found(scenario, sought.state, {})
    assert again.state.language == language
    assert again.state.node == turn.state.node
    assert spoken(again)[-1] == (turn.say[-1].name, language)
    assert all(language == told for _name, told in spoken(again))


def test_the_question_is_put_again_and_no_attempt_is_lost():
    scenario, turn = begun("debt_notice")
    missed = step(scenario, turn.state, Said("бубубу"))
    assert missed.state.misses == 1
    again = settled(scenario, step(scenario, missed.state, Said("по-казахски говорите")), lambda seeks: {})
    assert (again.state.misses, again.expects) == (0, turn.expects)
    answered = step(scenario, again.state, Said("иә, бұл мен"))
    assert answered.state.node != turn.state.node
    assert {phrase.language for phrase in answered.say} == {"kk"}


def test_nothing_is_done_twice_by_saying_the_question_again():
    scenario, turn = begun("intake")
    there = step(scenario, turn.state, Said("оператор"))
    assert [action["do"] for action in there.actions] == ["transfer"]
    again = settled(scenario, step(scenario, there.state, Said("қазақша")), lambda seeks: {})
    assert [action["do"] for action in again.actions] == ["language"]


def test_nine_goes_through_the_languages_where_it_is_no_answer():
    scenario, turn = begun("incoming", languages=["ru", "kk"])
    kazakh = settled(scenario, step(scenario, turn.state, Keys("9")), lambda seeks: {})
    russian = settled(scenario, step(scenario, kazakh.state, Keys("9")), lambda seeks: {})
    assert (kazakh.state.language, russian.state.language) == ("kk", "ru")
    scenario, turn = begun("rating")
    while turn.expects != "rating":
        turn = step(scenario, turn.state, Said("да"))
    rated = step(scenario, turn.state, Keys("9"))
    assert rated.state.language == "ru"
    assert rated.seeks == {}


def test_a_language_that_the_organisation_does_not_speak_is_not_spoken():
    scenario, turn = begun("incoming", languages=["ru"])
    assert languages(scenario, turn.state.facts) == ("ru",)
    assert step(scenario, turn.state, Said("українською, будь ласка")).state.language == "ru"
    assert step(scenario, turn.state, Keys("9")).state.misses == 1


@pytest.mark.parametrize(
    ("spoken_languages", "language", "offer"),
    [
        (["ru", "kk"], "ru", "kk"),
        (["ru", "kk"], "kk", "ru"),
        (["uk", "ru"], "uk", "ru"),
        (["ru"], "ru", ""),
        ([], "ru", ""),
    ],
)
def test_a_caller_is_told_of_the_next_language_in_that_language(spoken_languages, language, offer):
    _scenario, turn = begun("incoming", language, languages=spoken_languages)
    assert [told for name, told in spoken(turn) if name == "language_offer"] == [offer] * bool(offer)


def test_a_danger_is_heard_before_the_language():
    scenario, turn = begun("incoming")
    turned = step(scenario, turn.state, Said("пахнет газом, по-казахски говорите"))
    assert turned.state.language == "ru"
    assert "danger" in [name for name, _language in spoken(turned)]


def test_a_payment_while_the_language_changes_is_thanked_for_in_it():
    scenario, turn = begun("debt_notice")
    again = settled(scenario, step(scenario, turn.state, Said("қазақша")), lambda seeks: {})
    assert {language for _name, language in spoken(step(scenario, again.state, Happened("paid")))} == {"kk"}


def test_only_words_change_and_nothing_comes_or_goes():
    told, slots = reworded(
        {
            "debt": 100,
            "outage": None,
            "latest": "2026-11-18",
            "meters": [{"meter": 1, "kind": "Холодная вода", "last": "5"}],
        },
        {"kind": "Холодная вода", "last": "5", "words": "Холодная вода"},
        {"debt": 0, "outage": "Су жоқ", "latest": "2026-12-18", "meters": [{**KAZAKH, "last": "9"}], "more": "?"},
    )
    assert told == {
        "debt": 100,
        "outage": None,
        "latest": "2026-11-18",
        "meters": [{"meter": 1, **KAZAKH, "last": "5"}],
    }
    assert slots == {**KAZAKH, "last": "5", "words": "Холодная вода"}


def test_a_scenario_that_offers_languages_has_words_for_it():
    with pytest.raises(BadScenario, match="нет фразы language_offer"):
        read(SILENT, "small")
    read(SILENT.replace("phrases:", 'phrases:\n  language_offer: {ru: "По-русски — девять."}'), "small")


@pytest.mark.django_db
def test_meters_and_addresses_are_told_in_the_new_language(organisation, account, today):
    for number, kind in (("1", "cold_water"), ("2", "hot_water")):
        Meter.objects.create(organisation=organisation, flat=account.flat, kind=kind, number=number)
    scenario = scenarios.shipped("readings")
    known = facts.of("readings", account, today, "ru")
    turn = start(scenario, "ru", known, mode="text")

    def look(seeks):
        return facts.look(organisation, seeks, today, lambda language: facts.of("readings", account, today, language))

    while "kind" not in turn.state.slots:
        turn = settled(scenario, step(scenario, turn.state, Said("да")), look)
    assert "холодная вода" in turn.say[-1].text.lower()
    turn = settled(scenario, step(scenario, turn.state, Said("қазақша")), look)
    assert "суық су" in turn.say[-1].text.lower()
    assert "холодная" not in " ".join(phrase.text for phrase in turn.say).lower()


@pytest.mark.django_db
def test_what_a_caller_found_is_told_anew_without_any_sum(organisation, account, today):
    seeks = {"by": "identity", "words": account.number, "language": "ru"}
    first = facts.look(organisation, seeks, today, dict)
    seeks = {"by": "language", "language": "kk", "accounts": [account.pk], "hidden": False}
    again = facts.look(organisation, seeks, today, dict)
    assert [one["account_id"] for one in again["accounts"]] == [one["account_id"] for one in first["accounts"]]
    assert all(one["debt"] is None for one in again["accounts"])
