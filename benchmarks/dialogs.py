"""Whole dialogs with the recogniser in the loop: how many end as they should, scenario by scenario.

The expected dialogs of the scenarios are talked through by a synthesised caller at 8 kHz: what a resident says is said
aloud, recognised with what the turn expects, understood, and answered. A caller who is asked again says the same again,
slower, answers "no" to what was read back wrong, tells the right value when asked to correct it, and presses keys once
they are offered, as people do; keys, silences and events stay what they are. A dialog counts when it ends where it
should, does what it should and says nothing it must not. Beside it stand the same dialogs in text: whatever is done
aloud and not in text is something else that was done. No recordings of residents exist here: what is measured is the
way from sound to result, not a population's speech. Needs no database.
"""

import asyncio
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy

from benchmarks import talking
from okno.dialogs import expected_turns
from okno.dialogs import scenario as scenarios
from okno.dialogs.hearing import Ear
from okno.dialogs.live import answers
from okno.dialogs.scenario import Ask, Scenario
from okno.dialogs.turn import Happened, HeardTurn, Keys, Look, State, Turn, settled, start, step
from okno.dialogs.values import likely
from okno.speech.engines import Engines, Settings
from okno.speech.sound import pcm_of
from okno.speech.understanding import Expect, understand

if TYPE_CHECKING:
    from benchmarks.posting import Row

CALLERS = {"ru": ("", "m3"), "uk": ("m3",), "kk": ("m3",)}
"""Who speaks: festival ("") or a variant of espeak-ng."""
PATIENCE = 4
"""So many more answers than the script has a caller gives before hanging up."""
NO = {"ru": "нет", "uk": "ні", "kk": "жоқ"}
_ENOUGH_SECONDS = 30.0
_SAYABLE = re.compile(r"[аеёиоуыэюяіїєәөұү\d]")
_NEVER_SAID = ("#", "!")
_SLOWER = 0.08
"""By such a part somebody who is asked once more says the same slower."""
_SLOWEST = 2
"""So many times slower still."""
_OWN_WORDS = frozenset({"words", "text", "place", "first", "comment"})
"""What deeds and slots keep of a story as it was told: never recognised to the letter."""
_GIVEN_UP = frozenset({"transfer", "call_back", "nobody", "not_verified"})
"""Deeds of a talk that came to nothing: a person goes on with it."""


@dataclass(frozen=True)
class Talked:
    """One dialog: whether its end and what it did were right; whether it did something else; how many answers the
    script has, how many more were given, and how many by keys because the robot offered them."""

    scenario: str
    language: str
    voice: str
    right: bool
    wrong_deed: bool
    more: int
    answers: int
    keys: int


def run(**_: object) -> "list[Row]":
    """Every expected dialog in every voice of its language."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measured(Path(folder)))


async def _measured(folder: Path) -> "list[Row]":
    engines = await Engines.start(Settings(folder=folder))
    await engines.ready()
    try:
        talked = [
            await _Caller(engines, scenario, told, dialog, voice).talk()
            for scenario, told, dialog in _dialogs()
            for voice in CALLERS[dialog.get("lang", "ru")]
        ]
    finally:
        await engines.stop()
    return list(_rows(talked))


def _dialogs() -> Iterator[tuple[Scenario, Mapping[str, Any], Mapping[str, Any]]]:
    """Those in which something is said aloud, and nothing that no voice can say ("ммм")."""
    for name in scenarios.names():
        for told in expected_turns.told_of(name):
            for dialog in told["dialogs"]:
                spoken = [str(answer) for answer in dialog["heard"] if _is_spoken(str(answer))]
                if spoken and all(_SAYABLE.search(answer.lower()) for answer in spoken):
                    yield scenarios.shipped(name), told, dialog


def _is_spoken(answer: str) -> bool:
    return bool(answer.strip()) and not answer.startswith(_NEVER_SAID)


class _Caller:
    """A resident who knows the script: says an answer again when asked again, and "no" to what was read back wrong."""

    def __init__(
        self, engines: Engines, scenario: Scenario, told: Mapping[str, Any], dialog: Mapping[str, Any], voice: str
    ) -> None:
        self._engines, self._scenario, self._dialog, self._voice = engines, scenario, dialog, voice
        self._language: Any = dialog.get("lang", "ru")
        self._script = [str(answer) for answer in dialog["heard"]]
        self._facts = {**told.get("facts", {}), **dialog.get("facts", {})}
        self._look: Look = expected_turns.looker(dialog.get("found", told.get("found", {})))
        self._text = list(self._in_text())
        self._states = [turn.state for turn in self._text if not turn.ends][: len(self._script)]
        self._times: Counter[tuple[str, str]] = Counter()
        self._keys = 0

    async def talk(self) -> Talked:
        """The dialog from greeting to end, or until the caller has had enough."""
        turns = [self._begin()]
        place: int | None = 0
        while place is not None and not turns[-1].ends and len(turns) <= len(self._script) + PATIENCE:
            answer = self._answer(turns[-1].state, place)
            keys = self._pressed(answer, place, turns[-1])
            self._keys += keys is not None
            turns.append(self._go_on(turns[-1], keys or await self._heard(answer, turns[-1])))
            done = place + 1 == len(self._script) and turns[-1].state.node == self._dialog.get("at")
            place = None if done else self._next(turns[-2], turns[-1], place, answer)
        return self._talked(turns)

    def _answer(self, state: State, place: int) -> str:
        """What the script has here; "no" to what was read back wrong or was never meant."""
        ask = self._scenario.nodes[state.node].ask
        if ask is None or ask.expect != "yesno":
            return self._script[place]
        meant = self._states[place]
        wrong = meant.node != state.node or self._told(state) != self._told(meant)
        return NO[self._language] if wrong else self._script[place]

    def _told(self, state: State) -> dict[str, str]:
        """What the question tells; a story is never recognised to the letter, and who told it takes it as it is."""
        node = self._scenario.nodes[state.node]
        assert node.ask is not None
        values = {**state.facts, **state.slots}
        stories = {name for name, value in self._text[-1].state.slots.items() if value in self._script} | _OWN_WORDS
        return {
            name: str(values.get(name))
            for phrase in (*node.say, *node.ask.again)
            for name, _kind in self._scenario.places(phrase, self._language)
            if name not in stories
        }

    def _pressed(self, answer: str, place: int, turn: Turn) -> Keys | None:
        """The answer by keys, once the robot has offered them and there are keys for it."""
        ask = self._scenario.nodes[turn.state.node].ask
        if ask is None or not _is_spoken(answer) or not {phrase.name for phrase in turn.say} & set(ask.by_keys):
            return None
        value = Ear.of(self._language, self._facts).value(self._scenario, ask, answer).value
        if ask.expect == "identity":
            value = understand(answer, self._language, Expect.ACCOUNT, date.min).value
        for key, meaning in ask.keys.items():
            if meaning == value:
                return Keys(key)
        if isinstance(value, date):
            return Keys(f"{value:%d%m}#")
        if ask.expect == "sum" and isinstance(value, int):
            return Keys(f"{value // 100}#")
        figures = str(value).replace(".", "*")
        if figures.replace("*", "").isdigit():
            return Keys(f"{figures}#")
        return self._leading_there(ask, place, turn)

    def _leading_there(self, ask: Ask, place: int, turn: Turn) -> Keys | None:
        """The key that leads where the words of the script lead."""
        if self._states[place].node != turn.state.node:
            return None
        there = self._text[place + 1].state.node
        keys = (Keys(key) for key in ask.keys)
        return next((key for key in keys if self._go_on(turn, key).state.node == there), None)

    def _next(self, before: Turn, turn: Turn, place: int, answer: str) -> int | None:
        """Which answer of the script the robot asks for now; None when the talk has gone where no answer of it fits."""
        node = turn.state.node
        is_same = node == before.state.node
        if is_same and (answer != self._script[place] or turn.state.misses > self._text[place + 1].state.misses):
            return place
        asked = [place + 1, place, *range(place - 1, -1, -1), *range(place + 2, len(self._states))]
        fitting = [one for one in asked if one < len(self._states) and self._states[one].node == node]
        if fitting:
            # The same question is asked of several meters, one after another.
            alike = (one for one in fitting if self._told(self._states[one]) == self._told(turn.state))
            return next(alike, fitting[0])
        ask = self._scenario.nodes[node].ask
        if ask is None or turn.ends or _is_handed_over(turn):
            return None
        if ask.expect == "yesno":
            return place
        return next((one for one in range(place, -1, -1) if self._fits(turn, self._script[one])), None)

    def _fits(self, turn: Turn, answer: str) -> bool:
        """Whether the answer, every word of it heard, answers this question."""
        if not _is_spoken(answer):
            return False
        after = self._go_on(turn, expected_turns.heard(answer)).state
        return after.node != turn.state.node

    def _talked(self, turns: Sequence[Turn]) -> Talked:
        wanted = self._dialog.get("does", ())
        # That a story was told and kept is enough.
        does = [{name: value for name, value in one.items() if value not in self._script} for one in wanted]
        meant = [_deed(action) for turn in self._text for action in turn.actions]
        return Talked(
            scenario=self._scenario.name,
            language=self._language,
            voice=self._voice or "festival",
            right=not list(expected_turns.missed(list(turns), {**self._dialog, "does": does})),
            wrong_deed=any(
                action["do"] not in _GIVEN_UP and _deed(action) not in meant
                for turn in turns
                for action in turn.actions
            ),
            more=max(0, len(turns) - 1 - len(self._script)),
            answers=len(self._script),
            keys=self._keys,
        )

    def _in_text(self) -> Iterator[Turn]:
        """The dialog when every word is heard: before every answer, and after the last."""
        turn = self._begin()
        yield turn
        for answer in self._script:
            if turn.ends:
                return
            turn = self._go_on(turn, expected_turns.heard(answer))
            yield turn

    def _begin(self) -> Turn:
        begun = start(self._scenario, self._language, self._facts, mode="voice")
        return settled(self._scenario, begun, self._look)

    def _go_on(self, turn: Turn, heard: HeardTurn) -> Turn:
        return settled(self._scenario, step(self._scenario, turn.state, heard), self._look)

    async def _heard(self, answer: str, turn: Turn) -> HeardTurn:
        if not _is_spoken(answer):
            return expected_turns.heard(answer)
        ask = self._scenario.nodes[turn.state.node].ask
        assert ask is not None
        said = talking.said(answer, self._language, self._voice)
        sound = talking.slower(said, 1 + _SLOWER * min(self._times[turn.state.node, answer], _SLOWEST))
        self._times[turn.state.node, answer] += 1
        whole = numpy.concatenate([talking.quiet(0.2), sound, talking.quiet(0.2)])
        found = await self._engines.recogniser.recognise(
            pcm_of(whole),
            self._language,
            vocabulary=answers.vocabulary(ask, self._language),
            likely=answers.likely(likely(ask, turn.state), self._language),
            timeout=_ENOUGH_SECONDS,
        )
        if found.rejected or not found.text.strip():
            return answers.UNCLEAR if found.rejected == answers.UNSURE else Happened("silence")
        return answers.said(found, ask)


def _is_handed_over(turn: Turn) -> bool:
    return any(action["do"] == "transfer" for action in turn.actions)


def _deed(action: Mapping[str, Any]) -> dict[str, Any]:
    """What is done, without the words it was told in."""
    return {name: value for name, value in action.items() if name not in _OWN_WORDS}


def _rows(talked: Sequence[Talked]) -> "Iterator[Row]":
    by_kind: dict[tuple[str, str, str], list[Talked]] = defaultdict(list)
    for one in talked:
        by_kind[one.language, one.voice, one.scenario].append(one)
    for kind, some in sorted(by_kind.items(), key=lambda one: (one[0][0] != "ru", one[0])):
        yield _row(f"{', '.join(kind)}: ended and done as it should", _share(some, "right"), some)
    for language in CALLERS:
        some = [one for one in talked if one.language == language]
        yield _row(f"{language} all: ended and done as it should", _share(some, "right"), some)
        yield _row(f"{language} all: did something else", _share(some, "wrong_deed"), some)
        answered = sum(one.answers for one in some)
        more = sum(one.more for one in some)
        keys = sum(one.keys for one in some)
        yield {
            **_row(f"{language} all: answers given by keys in the end", keys / answered * 100, some),
            "unit": f"% of {answered} answers",
        }
        yield {
            **_row(f"{language} all: answers given once more", more / answered * 100, some),
            "unit": f"% of {answered} answers",
        }


def _share(some: Sequence[Talked], what: str) -> float:
    return sum(getattr(one, what) for one in some) / len(some) * 100


def _row(name: str, figure: float, some: Sequence[Talked]) -> "Row":
    beside = 100.0 if "should" in name else None
    return {
        "name": name,
        "figure": round(figure, 1),
        "unit": f"% of {len(some)} dialogs",
        "limit_name": "in text" if beside else "",
        "limit": beside,
        "ratio": round(figure / beside, 3) if beside else None,
        "budget": "",
    }
