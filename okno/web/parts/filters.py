"""What a list can be narrowed by: a choice, a yes, a range of sums or days. Each is a word of the address."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.functional import Promise

from okno.common import days, money
from okno.web.parts import words

Option = tuple[str, str | Promise]


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force: its words, and the words of the address that it is made of."""

    text: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Common part: the word in the address and the title."""

    key: str
    title: str | Promise

    #: Which control the toolbar draws: choice, flag, money or days.
    control = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """The words of the address that this filter reads."""
        return (self.key,)

    def apply(self, rows: QuerySet[Any], query: QueryDict) -> QuerySet[Any]:
        """The rows that pass. A value that cannot be read narrows nothing and shows no chip."""
        raise NotImplementedError

    def chip(self, query: QueryDict) -> Chip | None:
        """What is in force now, in words."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Filter):
    """One of several. `options` are (value, words); `narrow` turns a value into a condition.

    Without `narrow` the field of the same name (or `field`) must equal the value.
    """

    options: Sequence[Option] | Callable[[], Iterable[Option]]
    field: str = ""
    narrow: Callable[[str], Q] | None = None

    control = "choice"

    def choices(self) -> list[Option]:
        return list(self.options() if callable(self.options) else self.options)

    def _chosen(self, query: QueryDict) -> Option | None:
        told = query.get(self.key, "")
        return next(((value, title) for value, title in self.choices() if value == told), None) if told else None

    def apply(self, rows: QuerySet[Any], query: QueryDict) -> QuerySet[Any]:
        chosen = self._chosen(query)
        if chosen is None:
            return rows
        return rows.filter(self.narrow(chosen[0]) if self.narrow else Q(**{self.field or self.key: chosen[0]}))

    def chip(self, query: QueryDict) -> Chip | None:
        chosen = self._chosen(query)
        return Chip(f"{self.title}: {chosen[1]}", self.keys) if chosen else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag(Filter):
    """Yes or not asked."""

    condition: Q | Callable[[], Q]

    control = "flag"

    def apply(self, rows: QuerySet[Any], query: QueryDict) -> QuerySet[Any]:
        if query.get(self.key) != "1":
            return rows
        return rows.filter(self.condition() if callable(self.condition) else self.condition)

    def chip(self, query: QueryDict) -> Chip | None:
        return Chip(str(self.title), self.keys) if query.get(self.key) == "1" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Range(Filter):
    field: str

    @property
    def keys(self) -> tuple[str, ...]:
        return (f"{self.key}_from", f"{self.key}_to")

    def _ends(self, query: QueryDict) -> tuple[Any, Any]:
        first, last = (self._read(query.get(key, "")) for key in self.keys)
        return first, last

    def _read(self, text: str) -> Any:
        raise NotImplementedError

    def _written(self, value: Any) -> str:
        raise NotImplementedError

    def apply(self, rows: QuerySet[Any], query: QueryDict) -> QuerySet[Any]:
        first, last = self._ends(query)
        if first is not None:
            rows = rows.filter(**{f"{self.field}__gte": first})
        return rows.filter(**{f"{self.field}__lte": last}) if last is not None else rows

    def chip(self, query: QueryDict) -> Chip | None:
        first, last = self._ends(query)
        if first is None and last is None:
            return None
        shown = [self._written(end) if end is not None else "…" for end in (first, last)]
        return Chip(f"{self.title}: {shown[0]} — {shown[1]}", self.keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyRange(_Range):
    """From and to, in whole units as people write them; the field holds minor units. Both ends included."""

    control = "money"

    def _read(self, text: str) -> int | None:
        try:
            return money.parse_minor(text) if text.strip() else None
        except money.NotAnAmount:
            return None

    def _written(self, value: int) -> str:
        return words.money_text(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRange(_Range):
    """From and to, both days included; the field is a date."""

    control = "days"

    def _read(self, text: str) -> date | None:
        try:
            return days.parse_day(text) if text.strip() else None
        except days.NotADay:
            return None

    def _written(self, value: date) -> str:
        return words.day_text(value)
