"""Calls whose operator died in the middle."""

from dataclasses import dataclass
from datetime import datetime

DEAD_AFTER = 20.0
"""Seconds without a sign of life after which an operator's calls are lost; the operator beats every few seconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recovered:
    """What was found: `lost` calls, of them `unknown` contacts that stay as they are and `again` that wait anew."""

    lost: int = 0
    unknown: int = 0
    again: int = 0


def recover(now: datetime) -> Recovered:
    """Write off the calls that nobody leads any more; see `Recovered`. Safe to run by any operator at any time."""
    raise NotImplementedError
