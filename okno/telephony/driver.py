"""What the media process asks of a driver: signalling by coroutines, sound without ever blocking."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from okno.telephony.leg import Caller, Ending, Outcome


@dataclass(frozen=True)
class Rang:
    """The far phone rings."""


@dataclass(frozen=True)
class EarlySound:
    """The network plays something before the answer: an announcement, music, its own ringing."""


@dataclass(frozen=True)
class Pressed:
    """The far side pressed one key."""

    key: str


@dataclass(frozen=True)
class HeldByFar:
    """The far side put us on hold, or took us back."""

    held: bool


@dataclass(frozen=True)
class Over:
    """An answered call ended. Comes once, and only after an answer."""

    ending: Ending


Event = Rang | EarlySound | Pressed | HeldByFar | Over


class Sound(Protocol):
    """The sound of one leg. Nothing here blocks or raises; before there is media there is simply nothing."""

    def take(self) -> bytes:
        """All that arrived since the last time."""

    def waiting(self) -> int | None:
        """Bytes given and not yet sent; None while sound cannot be sent."""

    def give(self, pcm: bytes) -> int:
        """Queue for sending; how many bytes were taken."""

    def drop(self) -> None:
        """Throw away what was given and not yet sent."""


class DriverLeg(Protocol):
    """One call of a driver. `caller` is None for a call we make."""

    caller: Caller | None

    @property
    def sound(self) -> Sound: ...

    def listen(self, listener: Callable[[Event], None]) -> None:
        """Who is told of events, in their order; events before this wait for it."""

    async def dial(self, address: str, *, timeout: float, headers: Mapping[str, str]) -> Outcome:
        """Call and wait for what becomes of it; cancelling takes the call back."""

    async def answer(self) -> None:
        """Raises `leg.Gone`."""

    async def hang_up(self) -> None:
        """A call already over is no error."""

    async def hold(self, held: bool) -> None:
        """Raises `leg.Gone`."""

    async def refer(self, address: str, *, timeout: float) -> Outcome:
        """Ask the far side to call `address` instead of us; anything but ANSWERED leaves the call with us."""

    async def send_keys(self, keys: str) -> None:
        """Raises `leg.Gone`."""


class Driver(Protocol):
    """A way to the telephone network."""

    on_incoming: Callable[[DriverLeg], None]
    """Set before `open`; called for every incoming call that was let in."""
    on_trunk: Callable[[bool, str], None]
    """Set before `open`; told when the trunk goes up or down, with its words."""

    async def open(self) -> None:
        """Be ready to call; raises `DriverRefused` when the settings or the trunk do not let us."""

    async def close(self) -> None: ...

    def leg(self) -> DriverLeg:
        """A fresh call to be dialled."""

    def turned_away(self) -> int:
        """How many packets or connections from unknown addresses were refused since the start."""


class DriverRefused(Exception):
    """The driver cannot start; `str()` says why, for people, in Russian."""
