"""The agent's own phone in a call made by hand: it is rung first, so that nobody picks up for nobody.

Whoever looked at the card hears the person's phone ring, then the person; when one hangs up, both are done.
"""

import asyncio
import math
from collections.abc import Callable

from okno.dialogs.dialler import retry
from okno.dialogs.live import handing
from okno.dialogs.live.book import Book
from okno.dialogs.models import Agent, AgentState, Call, Mode
from okno.telephony.leg import Kind, Outcome
from okno.telephony.remote import RemoteLeg

RING_SECONDS = handing.RING_SECONDS


def is_by_hand(call: Call) -> bool:
    """Whether an agent looked at the card and decided to call."""
    return call.mode == Mode.PREVIEW


class OwnPhone:
    """The phone of the agent who is kept for the call."""

    def __init__(self, leg: RemoteLeg, agent: Agent) -> None:
        self._leg = leg
        self._agent = agent
        self._watching: asyncio.Task[None] | None = None
        self._joined = False

    @property
    def left(self) -> bool:
        """Whether the agent has hung up."""
        return self._leg.over

    async def ring(self) -> str:
        """Ring it; "" once the agent has picked up, else why nobody was called for them, a name of `retry`."""
        outcome = await self._leg.dial(self._agent.address, timeout=RING_SECONDS)
        if outcome.kind is Kind.ANSWERED:
            return ""
        return retry.AGENT_DECLINED if outcome.kind in handing.DECLINED else retry.NO_AGENT

    def hears_ringing(self, seconds: float) -> None:
        """The person's phone is about to be rung for so long."""
        self._leg.write(handing.ringing(math.ceil(seconds / 5)))

    def watch(self, when_left: Callable[[], object]) -> None:
        """Tell when the agent hangs up before anybody answers."""
        self._watching = asyncio.create_task(self._watch(when_left))

    def hears(self, leg: RemoteLeg) -> None:
        """From now on the agent and the person hear each other, or what the network plays before an answer."""
        if not self._joined:
            self._joined = True
            leg.join(self._leg)

    async def talk(self, leg: RemoteLeg, book: Book) -> bool:
        """Stay until the talk of the two is over; False when the agent had hung up just as the person picked up."""
        if self.left:
            return False
        book.with_person(self._agent.user_id)
        self.hears(leg)
        await leg.ended()
        return True

    async def hang_up(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
        await self._leg.hang_up()

    async def _watch(self, when_left: Callable[[], object]) -> None:
        await self._leg.ended()
        when_left()


def taken_back(*, rang: bool) -> Outcome:
    """What became of the call when the agent hung up before an answer; a phone that `rang` was a try."""
    if rang:
        return Outcome(kind=Kind.NO_ANSWER, words=retry.AGENT_LEFT, rang=True)
    return Outcome(kind=Kind.CANCELLED, words=retry.AGENT_LEFT)


def kept(call: Call) -> Agent | None:
    """The agent who is kept for the call; None when they have left meanwhile."""
    return Agent.objects.filter(organisation=call.organisation_id, call=call, state=AgentState.BUSY).first()
