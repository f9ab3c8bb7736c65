"""The first seconds of a call we made: a person, a machine, or a robot that asks who calls."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from okno.dialogs import turn as turns
from okno.dialogs.facts.common import ALL, NEUTRAL_WORD, NOTHING
from okno.dialogs.live.ear import Began, Over, Paused, PickedUp, Pressed, Spoke, WentOn
from okno.dialogs.scenario import Scenario
from okno.dialogs.turn import Phrase
from okno.speech.answering import By, Verdict, Who, settled, verdict_of_words

ENOUGH_SECONDS = 7.0
"""A verdict comes sooner; who has heard nothing for so long is spoken to."""
BEEP_SECONDS = 12.0

NEUTRAL = {
    "ru": "Здравствуйте. Это робот, автоматический помощник организации {organisation}. "
    "Перезвоните нам, пожалуйста: {phone}. До свидания.",
    "kk": "Сәлеметсіз бе. Бұл {organisation} ұйымының автоматты көмекшісі, робот. "
    "Бізге хабарласыңызшы: {phone}. Сау болыңыз.",
    "uk": "Добрий день. Це робот, автоматичний помічник організації {organisation}. "
    "Зателефонуйте нам, будь ласка: {phone}. До побачення.",
}
"""Who called and where to call, and nothing of why."""

NO_PERSON = frozenset({Who.MACHINE, Who.SCREENING})


def message(scenario: Scenario, language: str, facts: Mapping[str, Any], who: Who) -> Phrase | None:
    """What a machine is told; None when it is rung off in silence.

    The fact `leave_word` says how much: NOTHING, NEUTRAL_WORD, or ALL the call begins with, which a scenario that knows
    private things never tells. A robot that asks who calls is answered neutrally, or the person would never be asked.
    """
    wanted = NEUTRAL_WORD if who is Who.SCREENING else facts.get("leave_word", NOTHING)
    if wanted == ALL and not scenario.private:
        return turns.start(scenario, language, facts).say[0]
    organisation, phone = facts.get("organisation"), facts.get("phone")
    if wanted == NOTHING or not organisation or not phone:
        return None
    return Phrase("neutral", NEUTRAL[language].format(organisation=organisation, phone=phone), language)


class Machine(Exception):
    """It turned out later that no person listens."""

    def __init__(self, who: Who) -> None:
        super().__init__(who.value)
        self.who = who


class Greeting:
    """Decides who picked up, by the sound and, when there is some, by its words."""

    def __init__(self, words_of: Callable[[bytes], Awaitable[str]], *, language: str) -> None:
        self._words_of = words_of
        self._language = language

    async def verdict(self, events: "asyncio.Queue[Any]", *, seconds: float = ENOUGH_SECONDS) -> Verdict:
        """Take events until it is clear who is there; what was said until then answers no question."""
        sound = await _until_picked_up(events, seconds, beeped=False)
        if sound is None:
            return Verdict(who=Who.UNKNOWN, by=By.SILENCE, confidence=0.0)
        if sound.by is By.BEEP or not sound.speech:
            return sound
        words = await self._words_of(sound.speech)
        return settled(sound, verdict_of_words(words, self._language) if words else None)


async def beep(events: "asyncio.Queue[Any]", *, seconds: float = BEEP_SECONDS) -> bool:
    """Wait for the tone after which a machine records; False when none came."""
    return await _until_picked_up(events, seconds, beeped=True) is not None


async def _until_picked_up(events: "asyncio.Queue[Any]", seconds: float, *, beeped: bool) -> Verdict | None:
    """The first verdict (with a beep, if that is waited for); what is no sound waits in the queue as before."""
    kept = []
    try:
        async with asyncio.timeout(seconds):
            while True:
                event = await events.get()
                if isinstance(event, PickedUp) and (event.verdict.beeped or not beeped):
                    return event.verdict
                if not isinstance(event, PickedUp | Began | Spoke | Paused | WentOn | Pressed):
                    kept.append(event)
                if isinstance(event, Over):
                    return None
    except TimeoutError:
        return None
    finally:
        for event in kept:
            events.put_nowait(event)
