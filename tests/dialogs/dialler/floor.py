"""A call centre on paper: agents, lines, people who answer or do not, second by second from one seed."""

import heapq
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from okno.dialogs.dialler.pacing import Team


@dataclass(kw_only=True)
class Hour:
    answered: int = 0
    abandoned: int = 0


@dataclass(kw_only=True)
class Floor:
    """`answer(second)` is the chance that a call made then is answered; talks last `talk` seconds on the average."""

    agents: int
    answer: Callable[[float], float]
    talk: float
    pace: Callable[[Team], int]
    seed: int
    free: int = 0
    ringing: int = 0
    talked_seconds: float = 0.0
    answered: int = 0
    abandoned: int = 0
    worst: float = 0.0
    """The greatest share of abandoned calls at any moment of the day."""
    hours: dict[int, Hour] = field(default_factory=dict)
    events: list[tuple[float, int, str]] = field(default_factory=list)
    finished: deque[bool] = field(default_factory=lambda: deque(maxlen=300))
    lately: deque[tuple[float, bool]] = field(default_factory=deque)
    order: int = 0

    def run(self, hours: int) -> "Floor":
        self.random = random.Random(self.seed)
        self.free = self.agents
        for second in range(hours * 3600):
            while self.events and self.events[0][0] <= second:
                at, _order, what = heapq.heappop(self.events)
                getattr(self, what)(at)
            if second % 2 == 0 and second < hours * 3600 - 60:
                self.dial(second)
        return self

    def dial(self, now: float) -> None:
        for _call in range(self.pace(self.team(now))):
            self.ringing += 1
            if self.random.random() < self.answer(now):
                wait = self.random.choice((self.random.uniform(4, 12), self.random.uniform(14, 24)))
                self.later(now + wait, "picks_up")
            else:
                self.later(now + self.random.choice((2, 2, 25, 25, 25)), "gives_up")

    def team(self, now: float) -> Team:
        while self.lately and self.lately[0][0] < now - 3600:
            self.lately.popleft()
        return Team(
            free=self.free,
            busy=self.agents - self.free,
            ringing=self.ringing,
            calls=len(self.finished),
            answers=sum(self.finished),
            answered=self.answered,
            abandoned=self.abandoned,
            answered_hour=len(self.lately),
            abandoned_hour=sum(lost for _at, lost in self.lately),
            talk_seconds=self.talk,
        )

    def picks_up(self, at: float) -> None:
        self.ringing -= 1
        self.finished.append(True)
        self.answered += 1
        lost = self.free == 0
        self.lately.append((at, lost))
        hour = self.hours.setdefault(int(at // 3600), Hour())
        hour.answered += 1
        if lost:
            self.abandoned += 1
            hour.abandoned += 1
            self.worst = max(self.worst, self.abandoned / self.answered)
        else:
            self.free -= 1
            length = self.random.expovariate(1 / self.talk)
            self.talked_seconds += length
            self.later(at + length, "hangs_up")

    def gives_up(self, _at: float) -> None:
        self.ringing -= 1
        self.finished.append(False)

    def hangs_up(self, _at: float) -> None:
        self.free += 1

    def later(self, at: float, what: str) -> None:
        self.order += 1
        heapq.heappush(self.events, (at, self.order, what))

    def occupancy(self, hours: int) -> float:
        return self.talked_seconds / (self.agents * hours * 3600)
