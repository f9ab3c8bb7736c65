"""Why an engine gives nothing. Both are answers a conversation must live with, not faults of its own."""


class TooBusy(Exception):
    """The engine's queue is full: this turn falls back to keys, and a phrase to what was recorded."""


class Unavailable(Exception):
    """The engine is missing, broken or too slow; `str()` says what to do about it, in Russian, for the staff."""


class Died(Unavailable):
    """The engine's process died at this very request and is being started again."""
