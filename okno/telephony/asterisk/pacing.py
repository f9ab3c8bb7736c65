"""How much of what was given is still to be played, where the other side does not tell."""

import time

from okno.telephony.frames import SECOND_BYTES


class Playing:
    """A clock that runs while there is something to play."""

    def __init__(self) -> None:
        self._until = 0.0

    def add(self, size: int) -> None:
        """So many bytes more were given."""
        self._until = max(self._until, time.monotonic()) + size / SECOND_BYTES

    def left(self) -> int:
        """Bytes not yet played, whole samples."""
        return int(max(0.0, self._until - time.monotonic()) * SECOND_BYTES) & ~1

    def clear(self) -> None:
        self._until = 0.0
