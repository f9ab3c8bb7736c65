"""The expected turns of a scenario: whole dialogs with what must come of them, run before a version is published.

They stand in YAML beside the scenarios (`expected/<name>/*.yaml`): `heard` is a list of answers ("#12" are keys, "" is
silence, "!paid" is an event), `ends` the outcome, `at` the node, `says`, `never`, `does`, `never_does` what must and
must not be said and done.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from okno.dialogs.phrases import NothingToSay
from okno.dialogs.scenario import Loader, Scenario, shipped
from okno.dialogs.turn import Happened, HeardTurn, Keys, Look, NotEntitled, Said, Turn, settled, start, step

FOLDER = Path(__file__).parent / "expected"
EXAMPLES: Mapping[str, Any] = {
    "text": "Тихий двор",
    "money": 854010,
    "day": "2026-11-25",
    "number": 3,
    "reading": "123.4",
    "account": "50000020012",
    "address": "ул. Ленина, 5, кв. 12",
    "flag": False,
    "list": (),
}
"""A made-up fact of each kind."""


@dataclass(frozen=True, slots=True)
class Ran:
    """One dialog that was run: `why` is empty when it went as expected; `turns` is what was heard and said."""

    name: str
    language: str
    why: str
    turns: tuple[tuple[str, str], ...]

    @property
    def passed(self) -> bool:
        return not self.why


def sample(name: str) -> dict[str, Any]:
    """Made-up facts with which the scenario can be tried: no resident's. What nobody wrote is made up by its kind."""
    by_kind = {fact: EXAMPLES[kind] for fact, kind in shipped(name).facts.items() if kind in EXAMPLES}
    return {**by_kind, **next((dict(told.get("facts", {})) for told in told_of(name)), {})}


def count(name: str) -> int:
    """How many expected dialogs the scenario has."""
    return sum(len(told.get("dialogs", ())) for told in told_of(name))


def run(scenario: Scenario) -> list[Ran]:
    """Every expected dialog of the scenario, in text; dialogs in languages it has not are left out."""
    return [
        _run(scenario, told.get("facts", {}), told.get("found", {}), dialog)
        for told in told_of(scenario.name)
        for dialog in told.get("dialogs", ())
        if dialog.get("lang", "ru") in scenario.languages
    ]


def heard(answer: str) -> HeardTurn:
    """An answer as it is written down: "#12" keys, "" silence, "!paid" an event, else words."""
    if answer.startswith("!"):
        return Happened(answer[1:])
    if not answer.strip():
        return Happened("silence")
    return Keys(answer[1:]) if answer.startswith("#") else Said(answer)


def found(name: str) -> Mapping[str, Mapping[str, Any]]:
    """What made-up lookups find, by the way of seeking."""
    return next((told["found"] for told in told_of(name) if "found" in told), {})


def looker(known: Mapping[str, Mapping[str, Any]]) -> Look:
    """Answers what a dialog seeks with made-up facts: `known` by the way of seeking; what it lacks is not found."""
    return lambda seeks: {"found": False, **known.get(str(seeks.get("by")), {})}


@lru_cache(maxsize=32)
def told_of(name: str) -> tuple[Mapping[str, Any], ...]:
    """The files of expected dialogs of the scenario, as they are written: `facts`, `found`, `dialogs`."""
    paths = sorted((FOLDER / name).glob("*.yaml"))
    return tuple(yaml.load(path.read_text(encoding="utf-8"), Loader) for path in paths)


def _run(scenario: Scenario, facts: Mapping[str, Any], known: Any, dialog: Mapping[str, Any]) -> Ran:
    language = dialog.get("lang", "ru")
    told: list[tuple[str, str]] = []
    turns: list[Turn] = []
    why = ""
    try:
        told_facts = {**facts, **dialog.get("facts", {})}
        look = looker(dialog.get("found", known))
        turns.append(settled(scenario, start(scenario, language, told_facts, mode="text"), look))
        told += [("robot", phrase.text) for phrase in turns[-1].say]
        for answer in map(str, dialog["heard"]):
            if turns[-1].ends:
                why = _("закончился раньше, на «%(end)s»") % {"end": turns[-1].state.ended}
                break
            turns.append(settled(scenario, step(scenario, turns[-1].state, heard(answer)), look))
            told += [("person", answer), *(("robot", phrase.text) for phrase in turns[-1].say)]
    except NotEntitled as error:
        why = _("сказал бы личное не тому: %(where)s") % {"where": error}
    except (NothingToSay, ValueError, KeyError) as error:
        why = _("не смог говорить: %(why)s") % {"why": error}
    return Ran(str(dialog["name"]), language, why or next(missed(turns, dialog), ""), tuple(told))


def missed(turns: list[Turn], dialog: Mapping[str, Any]) -> Iterator[str]:
    """What came otherwise than expected, the first thing first."""
    last = turns[-1].state
    if "ends" in dialog and last.ended != dialog["ends"]:
        yield _("ждали конец «%(want)s», вышло «%(got)s»") % {"want": dialog["ends"], "got": last.ended or last.node}
    if "at" in dialog and last.node != dialog["at"]:
        yield _("ждали узел «%(want)s», вышло «%(got)s»") % {"want": dialog["at"], "got": last.node}
    spoken = {phrase.name for turn in turns for phrase in turn.say}
    for phrase in dialog.get("says", ()):
        if phrase not in spoken:
            yield _("не сказал «%(phrase)s»") % {"phrase": phrase}
    for phrase in dialog.get("never", ()):
        if phrase in spoken:
            yield _("сказал «%(phrase)s», а не должен") % {"phrase": phrase}
    done = [action for turn in turns for action in turn.actions]
    for want in dialog.get("does", ()):
        if not any(want.items() <= action.items() for action in done):
            yield _("не сделал: %(action)s") % {"action": ", ".join(f"{key}={value}" for key, value in want.items())}
    for kind in dialog.get("never_does", ()):
        if kind in {action["do"] for action in done}:
            yield _("сделал «%(action)s», а не должен") % {"action": kind}
