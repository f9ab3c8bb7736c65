"""What comes from the far side of a call, as events: speech, who picked up, keys, the end."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from okno.speech.activity import Kind, VoiceActivity
from okno.speech.answering import Listener, Verdict
from okno.telephony.frames import FRAME_SECONDS, SECOND_BYTES
from okno.telephony.leg import CallLeg

_LEAD = 25
"""Frames before speech is known as such: the beginning of the word."""
EARLY_SECONDS = 0.18
"""After such a pause the words are looked for, in the hope that the person has ended."""
_MOST_KEYS = 300
"""A call in which more keys are pressed than this is pressed by something that is no person: the rest is let go."""


@dataclass(frozen=True, slots=True)
class Began:
    """The person began to speak."""

    at: float = field(default_factory=lambda: asyncio.get_running_loop().time())


@dataclass(frozen=True, slots=True)
class Spoke:
    """The person has spoken: the sound, and when it began and ended by the loop's clock. `cut`: they go on."""

    sound: bytes
    began: float
    ended: float
    cut: bool


@dataclass(frozen=True, slots=True)
class Paused:
    """The person has fallen silent and may have ended: all they have said until now."""

    sound: bytes


@dataclass(frozen=True, slots=True)
class WentOn:
    """They had not ended."""


@dataclass(frozen=True, slots=True)
class PickedUp:
    """Who or what answered, by its sound; only a beep comes after the first."""

    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Pressed:
    key: str


@dataclass(frozen=True, slots=True)
class Over:
    """There is nobody any more."""


Event = Began | Spoke | Paused | WentOn | PickedUp | Pressed | Over


class Ear:
    """Listens to a leg until it is over and tells `tell` what happens."""

    def __init__(
        self,
        leg: CallLeg,
        activity: VoiceActivity,
        listener: Listener | None,
        tell: Callable[[Event], None],
        *,
        early: VoiceActivity | None = None,
    ) -> None:
        self.keys_let_go = 0
        self.deaf = False
        """While true, nothing but the end is told."""
        self._leg = leg
        self._activity = activity
        self._listener = listener
        self._tell = tell
        self._speaking = self._greeting = False
        self._early = early
        self._said: deque[bytes] = deque(maxlen=_LEAD)

    def wait_for_end(self, seconds: float) -> None:
        """How long a silence ends an answer from now on."""
        self._activity.end_pause = seconds

    def know(self) -> None:
        """Who picked up is known: no more verdicts, and what is being said now was the greeting."""
        if self._listener is not None:
            self._listener.close()
        self._listener = None
        self._greeting = self._speaking

    async def run(self) -> None:
        """Until the call is over."""
        keys = asyncio.create_task(self._keys())
        try:
            await self._sound()
        finally:
            keys.cancel()
            for one in (self._activity, self._early, self._listener):
                if one is not None:
                    one.close()
            self._tell(Over())

    async def _sound(self) -> None:
        loop = asyncio.get_running_loop()
        while frame := await self._leg.read():
            if self.deaf:
                continue
            if self._listener is not None and (verdict := self._listener.feed(frame)):
                self._tell(PickedUp(verdict))
            activity = self._activity.feed(frame)
            if self._early is not None:
                self._guess(self._early, frame)
            if activity is None:
                continue
            self._speaking = activity.kind is Kind.STARTED
            if self._speaking:
                self._said = deque(self._said)
                self._tell(Began())
            elif self._greeting:
                self._greeting = False
            else:
                # The pause that ended the answer lies between its last word and this frame.
                ended = loop.time() - (0.0 if activity.cut else self._activity.end_pause) - FRAME_SECONDS
                began = ended - len(activity.speech) / SECOND_BYTES
                self._tell(Spoke(activity.speech, began, ended, activity.cut))

    def _guess(self, early: VoiceActivity, frame: bytes) -> None:
        """Tell of a pause before it is long enough to end an answer: the words can be looked for meanwhile."""
        if not self._speaking and self._said.maxlen is None:
            self._said = deque(self._said, maxlen=_LEAD)
        self._said.append(frame)
        heard = early.feed(frame)
        if heard is None or not self._speaking or self._greeting:
            return
        self._tell(Paused(b"".join(self._said)) if heard.kind is Kind.ENDED else WentOn())

    async def _keys(self) -> None:
        pressed = 0
        async for key in self._leg.pressed():
            pressed += 1
            if pressed > _MOST_KEYS:
                self.keys_let_go += 1
            elif not self.deaf:
                self._tell(Pressed(key))
