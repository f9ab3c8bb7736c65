"""How many messages a second: a token bucket with a brake."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from okno.channels.base import TooLate


class Throttle:
    """Lets through `per_second` messages a second, in the order of asking; `burst` of them at once.

    `brake()` is for "you send too fast": everything stops for a while and the pace is halved; each success
    afterwards brings it back by a twentieth.
    """

    def __init__(
        self,
        per_second: float,
        *,
        burst: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        if per_second <= 0:
            raise ValueError("per_second must be positive")
        self.per_second = per_second
        self.pace = per_second
        self._burst = burst if burst is not None else max(1.0, per_second)
        self._tokens = self._burst
        self._clock = clock
        self._sleep = sleep
        self._counted_at = clock()
        self._stopped_until = 0.0
        self._turn = asyncio.Lock()

    async def take(self, *, deadline: float | None = None) -> None:
        """Wait for the right to send one message; raises `TooLate` at once when it cannot come in time."""
        async with self._turn:
            while (wait := self._wait()) > 0:
                if deadline is not None and self._clock() + wait >= deadline:
                    raise TooLate
                await self._sleep(wait)
            self._tokens -= 1.0

    def brake(self, seconds: float) -> None:
        """Send nothing for `seconds`, then at half the pace (never below one message in ten seconds)."""
        self._stopped_until = max(self._stopped_until, self._clock() + seconds)
        self.pace = max(self.pace / 2, min(self.per_second, 0.1))
        self._tokens = min(self._tokens, 1.0)

    def ease(self) -> None:
        """Something went through: come nearer to the full pace."""
        if self.pace < self.per_second:
            self.pace = min(self.per_second, self.pace + self.per_second / 20)

    def _wait(self) -> float:
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._counted_at) * self.pace)
        self._counted_at = now
        # A wait shorter than the clock's grain would never end; a thousandth of a token is nobody's loss.
        missing = 0.0 if self._tokens >= 0.999 else (1.0 - self._tokens) / self.pace
        return max(missing, self._stopped_until - now)
