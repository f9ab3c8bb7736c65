"""A turn that seeks something stops until it is found; a scenario hears words of its own, or is refused for them."""

import pytest

from okno.dialogs import scenario as scenarios
from okno.dialogs.scenario import BadScenario
from okno.dialogs.turn import Said, found, settled, start, step

SOURCE = """
name: small
title: {ru: Малый}
languages: [ru]
facts: {address: address}
start: hello
phrases:
  hello: {ru: "Что вам нужно?"}
  wait: {ru: "Ищу."}
  here: {ru: "Адрес: {address}."}
  none: {ru: "Не нашёл."}
hears:
  water: {ru: ["воды? нет", "нет( \\\\w+)? воды"]}
  nothing: {ru: [нет]}
anywhere: {person: none, nothing: none}
nodes:
  hello:
    say: [hello]
    ask: {expect: choice, on: {water: seek, category: here}}
  seek:
    say: [wait]
    do: [{do: note}]
    seek: {by: words, words: $words}
    when:
      - {fact: found, is: true, go: here}
      - {go: none}
  here: {say: [here], end: here}
  none: {say: [none], end: none}
"""


@pytest.fixture
def begun():
    scenario = scenarios.read(SOURCE, "small")
    facts = {"today": "2026-11-18", "currency": "RUB", "address": "?"}
    return scenario, start(scenario, "ru", facts, mode="text")


def test_a_turn_stops_where_something_is_sought_and_says_what(begun):
    scenario, turn = begun
    sought = step(scenario, turn.state, Said("нет воды"))
    assert (sought.seeks, sought.ends) == ({"by": "words", "words": "нет воды", "language": "ru"}, False)
    assert [phrase.text for phrase in sought.say] == ["Ищу."]


def test_what_is_found_comes_among_the_facts_and_nothing_is_done_twice(begun):
    scenario, turn = begun
    sought = step(scenario, turn.state, Said("нет воды"))
    after = found(scenario, sought.state, {"found": True, "address": "ул. Мира, 1"})
    assert ([phrase.text for phrase in after.say], after.actions) == (["Адрес: ул. Мира, 1."], ())


def test_one_turn_is_made_of_what_was_said_before_and_after(begun):
    scenario, turn = begun
    whole = settled(scenario, step(scenario, turn.state, Said("нет воды")), lambda seeks: {"found": False})
    assert [phrase.text for phrase in whole.say] == ["Ищу.", "Не нашёл."]
    assert [action["do"] for action in whole.actions] == ["note"]


def test_of_two_answers_the_one_that_more_of_the_words_tell_is_heard(begun):
    scenario, turn = begun
    assert step(scenario, turn.state, Said("нет воды")).seeks
    assert step(scenario, turn.state, Said("нет")).state.ended == "none"


def test_what_is_broken_is_heard_where_the_question_asks_for_it(begun):
    scenario, turn = begun
    assert step(scenario, turn.state, Said("лифт стоит")).state.ended == "here"


def test_a_pattern_that_cannot_be_read_refuses_the_scenario():
    with pytest.raises(BadScenario, match="hears water"):
        scenarios.read(SOURCE.replace("воды? нет", "воды(?"), "small")
