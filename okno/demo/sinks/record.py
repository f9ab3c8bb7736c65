"""The book of what arrived: a JSON line a message, in the file before the sender hears the answer."""

import json
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from okno.common import clock


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One message as the other side saw it.

    `at` is when its first octets came, ISO 8601 with offset. `answer` is what was said back (`250`,
    `ESME_ROK`, …) and `taken` whether that was a yes. `message_id` is ours when the protocol carries it,
    `provider_id` the sink's.
    """

    at: str
    channel: str
    to: str
    sender: str
    subject: str
    text: str
    parts: int
    message_id: str
    provider_id: str
    answer: str
    taken: bool


class Record:
    """Appends arrivals to `messages.jsonl` in the folder and keeps the last `keep` of them in memory."""

    def __init__(self, folder: Path, *, keep: int = 10_000, now: Callable[[], datetime] = clock.now) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "messages.jsonl"
        self.arrivals: deque[Arrival] = deque(maxlen=keep)
        self._now = now

    def __enter__(self) -> Self:
        self._file = self.path.open("a", encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def now(self) -> datetime:
        """The moment it is for this sink."""
        return self._now()

    def moment(self) -> str:
        """Now, as it is written in the book."""
        return self._now().isoformat()

    def add(self, arrival: Arrival) -> None:
        """Write down and flush: a sender killed right after cannot leave the book behind the truth."""
        self._file.write(json.dumps(asdict(arrival), ensure_ascii=False) + "\n")
        self._file.flush()
        self.arrivals.append(arrival)


def read(folder: Path) -> list[Arrival]:
    """The whole book of a folder, oldest first; an empty list when nothing ever arrived."""
    path = folder / "messages.jsonl"
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as lines:
        return [Arrival(**json.loads(line)) for line in lines]
