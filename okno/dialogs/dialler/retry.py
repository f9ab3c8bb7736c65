"""When somebody is called again, and when not: by what became of the call, never by chance. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from okno.telephony.leg import Kind

MACHINE = "machine"
"""The pause after an answering machine or a screening bot: nobody heard us."""
LATER = "later"
"""The pause after a talk that the person put off, or in which the one who was asked for was not there."""

DEFAULT_PAUSES: Mapping[str, int] = {
    Kind.BUSY: 15,
    Kind.NO_ANSWER: 120,
    Kind.UNREACHABLE: 180,
    MACHINE: 240,
    LATER: 24 * 60,
    Kind.FAILED: 10,
}
"""Minutes before the next try; what is not named is not tried again. A person who declined the call said no for now,
and a number that is not there never will be."""

FAULTS = 5
"""So many failures of our own line at one contact end it: they are not counted as tries of the campaign."""

NOT_THE_ONE = frozenset({"not_home", "third_party", "child"})
"""Ends of a dialog after which the person themselves has heard nothing."""
PUT_OFF = frozenset({"call_later", "silence", "nobody_free"})
"""Ends after which we owe the person a better moment: theirs, or one at which somebody of ours is free."""

NO_AGENT, AGENT_DECLINED, AGENT_LEFT = "no_agent", "agent_declined", "agent_left"
"""What a call made by hand says of itself: the agent's own phone, rung first, was not answered, declined, or was hung
up before the person answered."""
NOT_RUNG = frozenset({NO_AGENT, AGENT_DECLINED, AGENT_LEFT})
"""A cancelled call with one of these never rang the person's phone: it stays with its agent."""

AT_HOME = frozenset({Kind.BUSY})
"""Outcomes that say the person is there: the next try waits for its pause only, not for a better hour."""

_WHY: Mapping[str, str] = {
    Kind.BUSY: "busy_line",
    Kind.NO_ANSWER: "no_answer",
    Kind.REJECTED: "rejected",
    Kind.INVALID_NUMBER: "invalid_number",
    Kind.UNREACHABLE: "unreachable",
    Kind.FAILED: "trunk",
    Kind.CANCELLED: "cancelled",
    MACHINE: "machine",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """A call as it ended: `tries` made for this contact, this one included."""

    outcome: str
    picked_up: str = ""
    result: str = ""
    tries: int = 1
    faults: int = 0
    """Failures of our own line at this contact, one after another, this one included."""
    ours: bool = False
    """The fault was on our side of the person's phone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Next:
    """What follows. `again` is None when the contact is settled; `why` is a code of `outreach.words`."""

    state: Literal["delivered", "failed", "waiting"]
    why: str
    again: timedelta | None = None
    better_hour: bool = False
    """Whether the next try may wait for an hour at which the person answers more often."""
    is_try: bool = True


def after(ended: Ended, pauses: Mapping[str, int], most: int) -> Next:
    """The contact's next step, with `most` tries a person and `pauses` in minutes by what became of the call."""
    if ended.ours:
        return _our_fault(ended, pauses)
    if ended.outcome == Kind.CANCELLED:
        return Next(state="waiting", why="cancelled", again=timedelta(0), is_try=False)
    cause, why = _cause(ended)
    if cause is None:
        return Next(state="delivered", why="talked")
    minutes = pauses.get(cause)
    if minutes is None:
        return Next(state="failed", why=why)
    if ended.tries >= most:
        return Next(state="failed", why="tries")
    better = cause not in AT_HOME and cause != LATER
    return Next(state="waiting", why=why, again=timedelta(minutes=minutes), better_hour=better)


def _cause(ended: Ended) -> tuple[str | None, str]:
    """The name of the pause and the reason; no name when the person was spoken with."""
    if ended.outcome != Kind.ANSWERED:
        return ended.outcome, _WHY.get(ended.outcome, "trunk")
    if ended.picked_up in ("machine", "screening"):
        return MACHINE, "machine"
    if ended.result in NOT_THE_ONE:
        return LATER, "not_now_home"
    if ended.result in PUT_OFF:
        return LATER, "call_later"
    return None, "talked"


def _our_fault(ended: Ended, pauses: Mapping[str, int]) -> Next:
    """Nothing is known of the person: the try does not count, but it does not go on for ever either."""
    minutes = pauses.get(Kind.FAILED, DEFAULT_PAUSES[Kind.FAILED])
    if ended.faults >= FAULTS:
        return Next(state="failed", why="trunk")
    return Next(state="waiting", why="trunk", again=timedelta(minutes=minutes * ended.faults), is_try=False)
