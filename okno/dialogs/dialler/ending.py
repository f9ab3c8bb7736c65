"""What follows from the end of a call."""

from datetime import datetime


def finished(call_id: int, now: datetime) -> None:
    """Settle an ended call: the contact's state, its next try, a wrong number, the campaign's circuit breaker.

    The call's row must say how it ended (state ENDED, outcome, and for an answered one picked_up and result).
    Told twice it changes nothing the second time.
    """
    raise NotImplementedError
