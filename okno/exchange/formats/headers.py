"""Which column is which: the header row is found among the first rows and its words are recognised."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from rapidfuzz import fuzz, process

from okno.common.days import NotADay, parse_month

from .profiles import FileKind, Profile, shipped_profiles
from .tables import Cell, Row

#: How many rows from the top may hold titles before the header.
HEADER_ROWS = 20
#: Below this likeness of 100 a header word is left to the person.
_SIMILAR = 86
_MONTH = re.compile(r"\bза\s+(\w+\s+\d{4}|\d{1,2}[./-]\d{4}|\d{4}-\d{2})|(\d{4}\s*(?:ж\.|жыл\w*)\s+\w+)", re.IGNORECASE)


@dataclass(frozen=True)
class Columns:
    """Which column (from 0) holds which field: what the wizard edits, a learned profile stores and `fields`
    obeys.

    `services` are (column, code, regime); two columns may feed one service. `total_words` begin rows of
    totals.
    """

    kind: FileKind
    fields: tuple[tuple[str, int], ...]
    services: tuple[tuple[int, str, str], ...] = ()
    total_words: tuple[str, ...] = ()
    constants: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For storing in a learned profile."""
        return {
            "kind": self.kind,
            "fields": dict(self.fields),
            "services": [list(service) for service in self.services],
            "total_words": list(self.total_words),
            "constants": dict(self.constants),
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Columns":
        """Back from `as_json`."""
        return cls(
            kind=stored["kind"],
            fields=tuple(stored["fields"].items()),
            services=tuple((column, code, regime) for column, code, regime in stored["services"]),
            total_words=tuple(stored["total_words"]),
            constants=tuple(stored["constants"].items()),
        )

    def raw(self, cells: Sequence[Cell]) -> dict[str, Cell]:
        """A row as field → cell, for showing and for `fields.convert`; a service is `service:<code>`, and
        `service:<code>:<column>` where several columns feed it."""
        found = {name: cells[column] if column < len(cells) else None for name, column in self.fields}
        for column, code, _ in self.services:
            key = f"service:{code}" if f"service:{code}" not in found else f"service:{code}:{column}"
            found[key] = cells[column] if column < len(cells) else None
        return found


@dataclass(frozen=True)
class ColumnMatch:
    """How one header was understood. `confidence` is 1 for known words, less for similar ones, 0 for none."""

    column: int
    header: str
    field: str | None = None
    service: tuple[str, str] | None = None
    confidence: float = 0.0


@dataclass(frozen=True)
class Layout:
    """What was recognised: the profile, the row of headers, each column, and the month the title names, if any."""

    profile: Profile
    header_row: int
    matches: tuple[ColumnMatch, ...]
    month: date | None
    fingerprint: str

    @property
    def missing(self) -> tuple[str, ...]:
        """The required fields no column was found for; the wizard asks for them."""
        found = {match.field for match in self.matches}
        return tuple(name for name, field in self.profile.fields.items() if field.required and name not in found)

    @property
    def unknown(self) -> tuple[ColumnMatch, ...]:
        """Columns with a header that nothing is known about."""
        return tuple(match for match in self.matches if match.header and not (match.field or match.service))

    @property
    def certain(self) -> bool:
        """Whether the file may be read without asking: nothing missing, nothing guessed, no sum left unread."""
        guessed = any(0 < match.confidence < 1 for match in self.matches)
        unread_sum = self.profile.kind == "turnover" and bool(self.unknown)
        return not (self.missing or guessed or unread_sum)

    @property
    def columns(self) -> Columns:
        """The mapping to read by."""
        return Columns(
            kind=self.profile.kind,
            fields=tuple((match.field, match.column) for match in self.matches if match.field),
            services=tuple((match.column, *match.service) for match in self.matches if match.service),
            total_words=self.profile.total_words,
            constants=tuple(self.profile.constants.items()),
        )


def fold(text: str) -> str:
    """A header word for comparison: small letters, ё as е, no punctuation, single spaces."""
    return " ".join(re.sub(r"[^\w%]+", " ", text.lower().replace("ё", "е")).split())


def fingerprint_of(headers: Iterable[Cell]) -> str:
    """The same for files whose header rows say the same, whatever the case and punctuation."""
    folded = "|".join(fold(str(cell)) if cell is not None else "" for cell in headers).rstrip("|")
    return hashlib.sha256(folded.encode()).hexdigest()


def recognise(
    rows: Sequence[Row], *, profiles: Iterable[Profile] | None = None, country: str | None = None
) -> Layout | None:
    """Find the header row and the profile that explains it best; None when no row looks like a header.

    `rows` are the first rows of the file (`HEADER_ROWS` are enough), `profiles` those to try (the shipped
    ones by
    default), `country` leaves out profiles of other countries.
    """
    chosen = shipped_profiles().values() if profiles is None else profiles
    best: tuple[float, Layout] | None = None
    for profile in chosen:
        if profile.format != "table" or (country and profile.country and profile.country != country):
            continue
        for index, row in enumerate(rows[:HEADER_ROWS]):
            layout = _try(profile, row, rows[:index])
            score = _score(layout)
            if score > 0 and (best is None or score > best[0]):
                best = (score, layout)
    return best[1] if best else None


def month_in_title(rows: Iterable[Row]) -> date | None:
    """The month that the lines above the header name ("… за октябрь 2026"), as its first day."""
    for row in rows:
        for cell in row.cells:
            if isinstance(cell, str) and (found := _MONTH.search(cell)):
                try:
                    return parse_month(found[1] or found[2])
                except NotADay:
                    continue
    return None


def _score(layout: Layout) -> float:
    """How well a row is explained: telling fields weigh double, what is missing or unknown takes away."""
    known = sum(match.confidence for match in layout.matches if match.field or match.service)
    telling = sum(match.confidence for match in layout.matches if match.field in layout.profile.telling)
    if known < 2 or telling == 0:
        return 0.0
    return known + telling - 2 * len(layout.missing) - 0.5 * len(layout.unknown)


def _try(profile: Profile, row: Row, above: Sequence[Row]) -> Layout:
    words = _words(profile.name, profile)
    candidates = [_candidates(cell, words) for cell in row.cells]
    taken: dict[str, int] = {}
    # The surest reading of a field wins; "Квартира" is a flat only where no column says "Помещение" better.
    order = sorted(
        (-confidence, column, target) for column, found in enumerate(candidates) for target, confidence in found
    )
    matched: dict[int, tuple[str, float]] = {}
    for negative, column, target in order:
        if column in matched or (target in taken and not target.startswith("service:")):
            continue
        taken[target] = column
        matched[column] = (target, -negative)
    return Layout(
        profile=profile,
        header_row=row.number,
        matches=tuple(_match(column, cell, matched.get(column)) for column, cell in enumerate(row.cells)),
        month=month_in_title(above),
        fingerprint=fingerprint_of(row.cells),
    )


def _match(column: int, cell: Cell, found: tuple[str, float] | None) -> ColumnMatch:
    header = "" if cell is None else str(cell).strip()
    if found is None:
        return ColumnMatch(column, header)
    target, confidence = found
    if target.startswith("service:"):
        _, code, regime = target.split(":")
        return ColumnMatch(column, header, service=(code, regime), confidence=confidence)
    return ColumnMatch(column, header, field=target, confidence=confidence)


def _candidates(cell: Cell, words: dict[str, str]) -> list[tuple[str, float]]:
    if not isinstance(cell, str) or not (folded := fold(cell)):
        return []
    if folded in words:
        return [(words[folded], 1.0)]
    if len(folded) < 4:
        return []
    # Numbers in headers part columns ("Показание 1", "Показание 2"), so a likeness with another number is
    # none.
    digits = re.findall(r"\d+", folded)
    alike = process.extract(folded, list(words), scorer=fuzz.ratio, score_cutoff=_SIMILAR, limit=3)
    return [
        (words[word], round(score / 100 * 0.9, 2)) for word, score, _ in alike if re.findall(r"\d+", word) == digits
    ]


@cache
def _words_of(name: str, headers: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, str]:
    return {fold(word): target for target, words in headers for word in words}


def _words(name: str, profile: Profile) -> dict[str, str]:
    fields = [(target, found.headers) for target, found in profile.fields.items()]
    services = [(f"service:{found.code}:{found.regime}", found.headers) for found in profile.services]
    return _words_of(name, tuple(fields + services))
