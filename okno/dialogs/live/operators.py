"""Which operators live and how they do, for the screens and for whoever wants a call made at once."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.core.cache import cache

_KEY = "okno.operators"
_ALIVE_SECONDS = 15.0


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An operator as it last said: `at` by the real clock (POSIX seconds), `load` of its media process, `engines` by
    name with words why one does not work ("" when it does)."""

    name: str
    at: float
    trunk: bool
    words: str = ""
    calls: int = 0
    lines: int = 0
    deaths: int = 0
    load: Mapping[str, Any] = field(default_factory=dict)
    engines: Mapping[str, str] = field(default_factory=dict)


def tell(standing: Standing) -> None:
    """Say how this operator does."""
    kept = {name: row for name, row in _kept().items() if row["at"] > standing.at - _ALIVE_SECONDS}
    cache.set(_KEY, {**kept, standing.name: asdict(standing)}, timeout=3600)


def leave(name: str) -> None:
    """This operator has ended."""
    cache.set(_KEY, {other: row for other, row in _kept().items() if other != name}, timeout=3600)


def living(now: datetime) -> list[Standing]:
    """The operators that have said so lately; `now` is the real clock."""
    since = now.timestamp() - _ALIVE_SECONDS
    return [Standing(**row) for row in _kept().values() if row["at"] > since]


def _kept() -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = cache.get(_KEY) or {}
    return kept
