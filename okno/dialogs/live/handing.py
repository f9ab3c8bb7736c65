"""Giving a person to somebody of the staff, while the person hears that it rings."""

import math
from contextlib import suppress
from functools import lru_cache

import numpy

from okno.dialogs.live import agents
from okno.dialogs.live.book import Book
from okno.dialogs.models import Agent, AgentState, Call
from okno.outreach.hands import Hands
from okno.telephony.frames import RATE
from okno.telephony.leg import CallLeg, CannotTransfer, Gone, Kind

RING_SECONDS = 20.0
MOST_ASKED = 3
"""So many agents are rung for one person; then somebody calls back."""
DECLINED = frozenset({Kind.BUSY, Kind.REJECTED, Kind.CANCELLED})
_HERTZ, _LOUD = 425, 2_000


async def hand_over(
    leg: CallLeg, call: Call, book: Book, hands: Hands, *, ring: float = RING_SECONDS, most: int = MOST_ASKED
) -> bool:
    """Ring free agents one after another and stay until the one who took the call has talked; False when nobody did.

    Raises `Gone` when the person hung up meanwhile. An agent who does not pick up is away from then on.
    """
    asked: list[int] = []
    while len(asked) < most:
        agent = await hands.do(agents.take_free, call.organisation_id, call, but=tuple(asked))
        if agent is None:
            return False
        asked.append(agent.pk)
        if await reached(leg, agent, hands, ring):
            book.with_person(agent.user_id)
            await leg.ended()
            await hands.do(agents.release, agent)
            return True
    return False


async def reached(leg: CallLeg, agent: Agent, hands: Hands, ring: float) -> bool:
    """Ring one agent who is held for this call; False when they did not take it, and then they are held no longer."""
    leg.write(ringing(math.ceil(ring / 5)))
    try:
        await leg.transfer(agent.address, timeout=ring)
    except CannotTransfer as refused:
        leg.flush()
        kept = AgentState.FREE if refused.outcome.kind in DECLINED else AgentState.AWAY
        await hands.do(agents.release, agent, to=kept)
        return False
    except Gone:
        with suppress(Exception):
            await hands.do(agents.release, agent, to=AgentState.FREE)
        raise
    return True


@lru_cache(maxsize=4)
def ringing(times: int) -> bytes:
    """What a caller hears while it rings: 425 Hz, a second on, four off (ITU-T E.180)."""
    at = numpy.arange(RATE) / RATE
    tone = (_LOUD * numpy.sin(2 * numpy.pi * _HERTZ * at)).astype("<i2").tobytes()
    return (tone + bytes(2 * RATE * 4)) * times
