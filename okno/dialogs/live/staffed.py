"""A call that a person of the staff talks in: whoever answers is given to them at once, and no robot speaks with him.

The agent who was kept for the call is rung first, else whoever is free. When nobody takes it, the person hears that we
will call back, and we owe that call.
"""

from okno.dialogs.live import agents, handing, own_phone
from okno.dialogs.live.book import Book
from okno.dialogs.models import Call, Mode
from okno.dialogs.turn import Phrase
from okno.dialogs.versions import Chosen
from okno.outreach.hands import Hands
from okno.telephony.leg import CallLeg

NOBODY = "nobody_free"
"""The result of a call that found nobody of the staff; the pacing keeps such calls few."""

RING_SECONDS = 8.0
"""Whoever has just picked up waits no longer for one agent."""
MOST_ASKED = 2

SORRY = "call_back"
"""The scenario's phrase for "everybody is busy, you will be called back"."""


def is_staffed(call: Call) -> bool:
    """Whether people talk in this call, not the robot."""
    return call.mode != Mode.ROBOT


def sorry(chosen: Chosen, language: str) -> list[Phrase]:
    """What the person hears when nobody takes the call; nothing where the scenario has no words for it."""
    words = chosen.scenario.phrases.get(SORRY, {}).get(language)
    return [Phrase(SORRY, words, language)] if words else []


async def talk(leg: CallLeg, call: Call, book: Book, hands: Hands) -> str:
    """Stay until the talk is over; the result is "" then (the agent writes it), or `NOBODY`. Raises `Gone`."""
    kept = await hands.do(own_phone.kept, call)
    if kept is not None and await handing.reached(leg, kept, hands, RING_SECONDS):
        book.with_person(kept.user_id)
        await leg.ended()
        await hands.do(agents.release, kept)
        return ""
    taken = await handing.hand_over(leg, call, book, hands, ring=RING_SECONDS, most=MOST_ASKED)
    return "" if taken else NOBODY
