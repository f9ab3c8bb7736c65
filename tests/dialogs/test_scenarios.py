"""Every scenario is talked through as people talk: the turns stand beside it in YAML, so that anyone can add a dialog.

`heard` is a list of answers ("#12" are keys, "" is silence, "!paid" is an event); `ends` is the outcome, `does` the
actions in order (a subset of each is enough), `says` phrases that must be said, `never` phrases that must not. `found`
are the facts that come of what the dialog seeks, by the way of seeking.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from okno.dialogs import scenario as scenarios
from okno.dialogs.expected_turns import looker
from okno.dialogs.turn import Happened, HeardTurn, Keys, Said, Turn, settled, start, step
from okno.outreach import tone

HERE = Path(__file__).parent / "scenarios"


def _files() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(HERE.glob("*/*.yaml")):
        yield path.parent.name, yaml.load(path.read_text(encoding="utf-8"), scenarios.Loader)


def _dialogs() -> list[Any]:
    return [
        pytest.param(name, told, dialog, id=f"{name} {dialog.get('lang', 'ru')}: {dialog['name']}")
        for name, told in _files()
        for dialog in told["dialogs"]
    ]


def _heard(answer: str) -> HeardTurn:
    if answer.startswith("!"):
        return Happened(answer[1:])
    if not answer:
        return Happened("silence")
    return Keys(answer[1:]) if answer.startswith("#") else Said(answer)


def _talk(name: str, file: dict[str, Any], dialog: dict[str, Any], mode: Any) -> list[Turn]:
    scenario = scenarios.shipped(name)
    told = {**file["facts"], **dialog.get("facts", {})}
    turns = [start(scenario, dialog.get("lang", "ru"), told, mode=mode)]
    for answer in dialog["heard"]:
        assert not turns[-1].ends, f"ended before {answer!r}: {turns[-1].state.ended}"
        turns.append(
            settled(
                scenario,
                step(scenario, turns[-1].state, _heard(str(answer))),
                looker(dialog.get("found", file.get("found", {}))),
            )
        )
    return turns


@pytest.mark.parametrize("mode", ["text", "voice"])
@pytest.mark.parametrize(("name", "file", "dialog"), _dialogs())
def test_a_dialog_ends_as_people_would_expect(name, file, dialog, mode):
    turns = _talk(name, file, dialog, mode)
    if "ends" in dialog:
        assert turns[-1].state.ended == dialog["ends"]
    if "at" in dialog:
        assert turns[-1].state.node == dialog["at"]
    said = [phrase.name for turn in turns for phrase in turn.say]
    assert set(dialog.get("says", ())) <= set(said), said
    assert not set(dialog.get("never", ())) & set(said), said
    done = [action for turn in turns for action in turn.actions]
    for expected in dialog.get("does", ()):
        assert any(expected.items() <= action.items() for action in done), (expected, done)
    for kind in dialog.get("never_does", ()):
        assert kind not in {action["do"] for action in done}


@pytest.mark.parametrize("name", scenarios.names())
def test_no_phrase_of_a_scenario_threatens(name):
    scenario = scenarios.shipped(name)
    for phrase, texts in scenario.phrases.items():
        for language, text in texts.items():
            assert tone.faults(text) == [], (phrase, language)


@pytest.mark.parametrize("name", scenarios.names())
def test_every_node_can_be_reached(name):
    scenario = scenarios.shipped(name)
    seen, ahead = set(), [scenario.start, *scenario.anywhere.values()]
    while ahead:
        node = scenario.nodes[ahead.pop()]
        if node.name not in seen:
            seen.add(node.name)
            ahead += scenarios.targets(node)
    assert seen == set(scenario.nodes)


@pytest.mark.parametrize("name", scenarios.names())
def test_every_phrase_is_said_somewhere(name):
    scenario = scenarios.shipped(name)
    said = {phrase for node in scenario.nodes.values() for phrase in scenarios.said(node)}
    assert set(scenario.phrases) == said


@pytest.mark.parametrize("name", scenarios.names())
def test_a_person_is_within_reach_everywhere(name):
    scenario = scenarios.shipped(name)
    assert {"person", "person_busy", "robot_question"} <= set(scenario.anywhere)


@pytest.mark.parametrize("name", scenarios.names())
def test_every_answer_of_its_own_has_words_for_the_screens(name):
    scenario = scenarios.shipped(name)
    assert set(scenario.hears) <= set(scenario.titles) <= set(scenario.hears) | set(scenario.nodes)
    assert {language for texts in scenario.titles.values() for language in texts} == {"ru", "kk", "uk", "en"}


def test_what_a_key_tells_is_understood_for_sure():
    scenario = scenarios.shipped("announcement")
    begun = start(scenario, "ru", {"organisation": "Окно", "text": "Воды не будет."}, mode="text")
    heard = step(scenario, begun.state, Keys("2")).understood
    assert heard is not None
    assert (heard.value, heard.confidence) == ("no", 1.0)
