"""From a contact that is due to a call that may be made: through the gate, claimed once, asked again before INVITE."""

from datetime import datetime

from okno.dialogs.models import Call


def take(operator: str, free: int, now: datetime) -> list[Call]:
    """Up to `free` calls to make at once, each with its row in DIALLING, led by `operator`.

    Every call has a permit that lives two seconds from the gate's decision; its contact is on its way ("sending").
    `now` is the clock of the trade, aware. Any number of operators may take at the same time.
    """
    raise NotImplementedError


def may_still(call: Call, now: datetime | None = None) -> bool:
    """Whether the INVITE may leave this very moment. When not, the call is over: its row is ended as cancelled and
    its contact withdrawn or waiting again, so the caller has nothing to do but not to dial."""
    raise NotImplementedError
