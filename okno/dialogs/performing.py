"""What a dialog decided, done: each action of a call once, in a transaction of its own, against the rooms below.

The conversation writes an action with the turn in which it was decided; here it is carried out and the row says what
it made, or why it could not be done, so that a person looks at it. A crash between the two leaves the row undone, and
`perform_left` does it later: every action is written so that doing it again changes nothing.
"""

from datetime import datetime


def perform(call_id: int) -> None:
    """Do every undone action of the call, in the order they were decided. An action that fails stops none after it."""
    raise NotImplementedError


def perform_left(now: datetime) -> int:
    """Do what calls that are over have left undone (a crash between a turn and its deed); say of how many calls."""
    raise NotImplementedError
