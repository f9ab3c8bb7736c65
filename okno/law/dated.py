"""Values and wordings of the law with the days they hold, their sources, and whether anybody has checked them.

A `Parameter` is a value that changes by date (YAML beside the code); a `Rule` is a function that does. A new value
or wording is added, the old one stays, so any day of the past can be calculated again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Generic, ParamSpec, TypeVar

from okno.law.explained import Basis, Reading

P = ParamSpec("P")
R = TypeVar("R")


class NotInForce(LookupError):
    """Nobody has entered what holds on this day: there is no figure, and the message says what to enter."""

    def __init__(self, name: str, title: str, day: date) -> None:
        country, topic, _ = name.split(".")
        super().__init__(
            f"На {day:%d.%m.%Y} не введено: «{title}» ({name}). "
            f"Добавьте значение с источником в okno/law/{country}/{topic}."
        )
        self.name = name
        self.day = day


class Overlap(ValueError):
    """Two wordings or values claim the same day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """What values and wordings have in common: when they hold and why we believe so."""

    #: Days the value or wording holds, both inclusive; None: until the next one, or for good.
    since: date
    until: date | None = None
    #: The day the law became known, when it reaches back before that.
    known_since: date | None = None
    source: str
    verified: bool
    basis: Basis = "law"
    note: str = ""

    def holds(self, day: date) -> bool:
        """Whether `day` lies between `since` and `until`."""
        return self.since <= day and (self.until is None or day <= self.until)

    def reading(
        self,
        why: str,
        *,
        since: date,
        until: date,
        params: Mapping[str, object] | None = None,
        verified: bool = True,
    ) -> Reading:
        """A row of an explanation that cites this. `verified=False` marks a reading nobody has confirmed."""
        return Reading(
            since=since,
            until=until,
            why=why,
            params=params or {},
            norm=self.source,
            edition=self.since,
            verified=self.verified and verified,
            basis=self.basis,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Value(InForce):
    """One value of a parameter. Its type is what the parameter's unit says."""

    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A value of the law through time. `name` is country.topic.name; `title` is by language."""

    name: str
    title: dict[str, str]
    unit: str
    #: The day somebody last compared the values with their sources.
    checked_on: date
    values: tuple[Value, ...]

    def __post_init__(self) -> None:
        """Refuse values that claim the same day with the same knowledge."""
        ordered = sorted(self.values, key=_age)
        for earlier, later in pairwise(ordered):
            if earlier.since == later.since and _known(earlier) == _known(later):
                raise Overlap(f"{self.name}: два значения с {later.since:%d.%m.%Y}.")
            ends_late = earlier.until is not None and earlier.until >= later.since
            if ends_late and later.known_since is None:
                raise Overlap(f"{self.name}: значения с {earlier.since} и с {later.since} пересекаются.")
        _register(self)

    def at(self, day: date, *, known_as_of: date | None = None) -> Value:
        """The value on `day`, as known on `known_as_of` (None: as known now). Raises `NotInForce`."""
        known = [value for value in self.values if known_as_of is None or _known(value) <= known_as_of]
        begun = [value for value in known if value.since <= day]
        if not begun or not (latest := max(begun, key=_age)).holds(day):
            raise NotInForce(self.name, self.title["ru"], day)
        return latest


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording(InForce, Generic[P, R]):
    """One wording of a rule. Its docstring is the law's sentence."""

    function: Callable[P, R]

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Apply the rule in this wording."""
        return self.function(*args, **kwargs)


class Rule(Generic[P, R]):
    """A rule of the law through time: one function a wording, each with its dates."""

    def __init__(self, name: str, *, title: str, checked_on: str) -> None:
        self.name = name
        self.title = {"ru": title}
        self.checked_on = date.fromisoformat(checked_on)
        self.wordings: list[Wording[P, R]] = []
        _register(self)

    def in_force(
        self, *, since: str, until: str | None = None, source: str, verified: bool, note: str = ""
    ) -> Callable[[Callable[P, R]], Wording[P, R]]:
        """Make the decorated function the wording from `since` to `until` (ISO days, both inclusive).

        Raises `Overlap` while the module is imported when another wording holds on one of these days.
        """

        def add(function: Callable[P, R]) -> Wording[P, R]:
            wording = Wording(
                since=date.fromisoformat(since),
                until=date.fromisoformat(until) if until else None,
                source=source,
                verified=verified,
                note=note,
                function=function,
            )
            if any(_overlap(wording, other) for other in self.wordings):
                raise Overlap(f"{self.name}: редакция с {since} пересекается с другой.")
            self.wordings.append(wording)
            return wording

        return add

    def at(self, day: date) -> Wording[P, R]:
        """The wording in force on `day`. Raises `NotInForce`."""
        for wording in self.wordings:
            if wording.holds(day):
                return wording
        raise NotInForce(self.name, self.title["ru"], day)


def listed() -> tuple[Parameter | Rule[..., Any], ...]:
    """Every parameter and rule of the countries imported so far, by name."""
    return tuple(_registered[name] for name in sorted(_registered))


def last_day_of(norm: Parameter | Rule[..., Any]) -> date | None:
    """The last day for which something is entered; None when the latest value or wording has no end."""
    entries: list[InForce] = list(norm.values if isinstance(norm, Parameter) else norm.wordings)
    return max(entries, key=lambda entry: entry.since).until


_registered: dict[str, "Parameter | Rule[..., Any]"] = {}


def _register(norm: "Parameter | Rule[..., Any]") -> None:
    if norm.name in _registered:
        raise Overlap(f"Норма {norm.name} описана дважды.")
    _registered[norm.name] = norm


def _known(value: Value) -> date:
    return value.known_since or value.since


def _age(value: Value) -> tuple[date, date]:
    return value.since, _known(value)


def _overlap(one: InForce, other: InForce) -> bool:
    return one.holds(other.since) or other.holds(one.since)
