"""Whole dialogs with the recogniser in the loop: how many end as they should, scenario by scenario.

The expected dialogs of the scenarios are talked through by a synthesised caller at 8 kHz: what a resident says is said
aloud, recognised with what the turn expects, understood, and answered. A caller who is asked again says the same again,
answers "no" to what was read back wrong and presses keys once they are offered, as people do; keys, silences and events
stay what they are. A dialog counts when it ends where it should, does what it should and says nothing it must not.
Beside it stand the same dialogs in text. No recordings of residents exist here: what is measured is the way from sound
to result, not a population's speech. Needs no database.
"""

import asyncio
import tempfile
from collections import defaultdict
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
from okno.dialogs.scenario import Scenario
from okno.dialogs.turn import Happened, HeardTurn, Keys, Look, Said, State, Turn, settled, start, step
from okno.dialogs.values import likely
from okno.speech.engines import Engines, Settings
from okno.speech.sound import pcm_of

if TYPE_CHECKING:
    from benchmarks.posting import Row

CALLERS = {"ru": ("", "m3"), "uk": ("m3",), "kk": ("m3",)}
"""Who speaks: festival ("") or a variant of espeak-ng."""
PATIENCE = 4
"""So many more answers than the script has a caller gives before hanging up."""
NO = {"ru": "нет", "uk": "ні", "kk": "жоқ"}
_ENOUGH_SECONDS = 30.0
_NEVER_SAID = ("#", "!")


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
    """Those in which something is said aloud."""
    for name in scenarios.names():
        for told in expected_turns.told_of(name):
            for dialog in told["dialogs"]:
                if any(_is_spoken(str(answer)) for answer in dialog["heard"]):
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
        self._states = list(self._in_text())
        self._keys = 0

    async def talk(self) -> Talked:
        """The dialog from greeting to end, or until the caller has had enough."""
        turns = [self._begin()]
        place: int | None = 0
        while place is not None and not turns[-1].ends and len(turns) <= len(self._script) + PATIENCE:
            answer = NO[self._language] if self._is_wrong(turns[-1].state, place) else self._script[place]
            keys = self._pressed(answer, turns[-1])
            self._keys += keys is not None
            turns.append(self._go_on(turns[-1], keys or await self._heard(answer, turns[-1])))
            node = turns[-1].state.node
            done = place + 1 == len(self._script) and node == self._dialog.get("at")
            place = None if done else self._next(node, place)
        return self._talked(turns)

    def _pressed(self, answer: str, turn: Turn) -> Keys | None:
        """The answer by keys, once the robot has offered them and there are keys for it."""
        ask = self._scenario.nodes[turn.state.node].ask
        if ask is None or not _is_spoken(answer) or not {phrase.name for phrase in turn.say} & set(ask.by_keys):
            return None
        value = Ear.of(self._language, self._facts).value(self._scenario, ask, answer).value
        for key, meaning in ask.keys.items():
            if meaning == value:
                return Keys(key)
        if isinstance(value, date):
            return Keys(f"{value:%d%m}#")
        if ask.expect == "sum" and isinstance(value, int):
            return Keys(f"{value // 100}#")
        figures = str(value).replace(".", "*")
        return Keys(f"{figures}#") if figures.replace("*", "").isdigit() else None

    def _is_wrong(self, state: State, place: int) -> bool:
        """Whether what is being confirmed is not what the caller has said."""
        ask = self._scenario.nodes[state.node].ask
        if ask is None or ask.expect != "yesno":
            return False
        return self._values(state) != self._values(self._states[place])

    def _values(self, state: State) -> dict[str, str]:
        """What was understood so far; a story is never recognised to the letter, and who told it takes it as it is."""
        clean = self._states[-1].slots
        told = {name for name, value in clean.items() if value in self._script} | {"words", "text", "place"}
        return {name: str(value) for name, value in state.slots.items() if name not in told}

    def _next(self, node: str, place: int) -> int | None:
        """Which answer of the script the robot asks for now; None when the talk has gone where the script never was."""
        places = [place + 1, place, *range(place - 1, -1, -1), *range(place + 2, len(self._states))]
        return next((one for one in places if one < len(self._states) and self._states[one].node == node), None)

    def _talked(self, turns: Sequence[Turn]) -> Talked:
        wanted = self._dialog.get("does", ())
        # That a story was told and kept is enough.
        does = [{name: value for name, value in one.items() if value not in self._script} for one in wanted]
        missed = list(expected_turns.missed(list(turns), {**self._dialog, "does": does}))
        else_done = {action["do"] for turn in turns for action in turn.actions} - {one["do"] for one in wanted}
        return Talked(
            scenario=self._scenario.name,
            language=self._language,
            voice=self._voice or "festival",
            right=not missed,
            wrong_deed=bool(missed and wanted and else_done),
            more=max(0, len(turns) - 1 - len(self._script)),
            answers=len(self._script),
            keys=self._keys,
        )

    def _in_text(self) -> Iterator[State]:
        """Where the dialog stands before each answer when every word is heard."""
        turn = self._begin()
        for answer in self._script:
            if turn.ends:
                return
            yield turn.state
            turn = self._go_on(turn, expected_turns.heard(answer))

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
        sound = talking.said(answer, self._language, self._voice)
        whole = numpy.concatenate([talking.quiet(0.2), sound, talking.quiet(0.2)])
        found = await self._engines.recogniser.recognise(
            pcm_of(whole),
            self._language,
            vocabulary=answers.vocabulary(ask, self._language),
            likely=answers.likely(likely(ask, turn.state), self._language),
            timeout=_ENOUGH_SECONDS,
        )
        if found.rejected or not found.text.strip():
            return Happened("silence")
        return Said(answers.plain(found.text, ask), found.nearest)


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
