"""Values and wordings of the law with the days they hold, their sources, and whether anybody has checked them.

A `Parameter` is a value that changes by date (YAML beside the code); a `Rule` is a function that does. A new value
or wording is added, the old one stays, so any day of the past can be calculated again. Beside the sheet stand the
values the operator has entered (`supplement`): the same promises, and each says that it was entered.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Generic, ParamSpec, TypeVar

from okno.law.explained import Basis, Reading

P = ParamSpec("P")
R = TypeVar("R")


class NotInForce(LookupError):
    """Nobody has entered what holds on this day: there is no figure, and the message says what to enter."""

    def __init__(self, name: str, title: str, day: date, *, where: str = "") -> None:
        command = f"okno law enter {name} --since ДЕНЬ --value ЗНАЧЕНИЕ --source ИСТОЧНИК"
        super().__init__(
            f"На {day:%d.%m.%Y} не введено: «{title}» ({name}). Добавьте значение с источником: {where or command}"
        )
        self.name = name
        self.day = day


class Overlap(ValueError):
    """Two wordings or values claim the same day."""


class NoEnd(ValueError):
    """An entered value has no last day where the sheet's values have one: it would never be found outdated."""


class BadKey(ValueError):
    """A value of a keyed parameter without its key, or a key where there are none."""


class UnknownNorm(LookupError):
    """No parameter has this name; the message names the nearest."""


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
    #: Entered by the operator, not written in the program's sheet.
    entered: bool = False

    def holds(self, day: date) -> bool:
        """Whether `day` lies between `since` and `until`."""
        return self.since <= day and (self.until is None or day <= self.until)

    def was_known(self, known_as_of: date | None) -> bool:
        """Whether it was known on this day; None: it is known now."""
        return known_as_of is None or (self.known_since or self.since) <= known_as_of

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
            doubt="" if self.verified else self.note,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Value(InForce):
    """One value of a parameter. Its type is what the parameter's unit says."""

    value: Any
    #: Whose value it is, where the operator enters one for each (a territory by its code); otherwise empty.
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A value of the law through time. `name` is country.topic.name; `title` is by language."""

    name: str
    title: dict[str, str]
    unit: str
    #: The day somebody last compared the values with their sources.
    checked_on: date
    #: The values of the program's sheet; none where nobody knows one and the operator has to enter it.
    written: tuple[Value, ...]
    #: Why nothing holds after the last value, and nobody needs to enter more; empty where that is not so.
    over: str = ""
    #: What the keys of its entered values are (a territory's code); empty where it has one value a day for all.
    keyed: str = ""
    #: What a key must look like (a regular expression for all of it) and one that does; empty where anything may.
    key_pattern: str = ""
    key_example: str = ""

    def __post_init__(self) -> None:
        """Refuse values that claim the same day with the same knowledge."""
        _refuse_overlap(self.name, self.written)
        _register(self)

    @property
    def values(self) -> tuple[Value, ...]:
        """The values of the sheet and those the operator has entered."""
        return _supplement.values.get(self.name, self.written)

    @property
    def runs_out(self) -> bool:
        """Whether the sheet knows its value only up to a day, as a rate is known up to the next meeting."""
        return bool(self.written) and max(self.written, key=_age).until is not None

    def at(self, day: date, *, known_as_of: date | None = None, key: str = "") -> Value:
        """The value on `day`, as known on `known_as_of` (None: as known now). Raises `NotInForce`."""
        begun = [
            value for value in self.values if value.since <= day and value.key == key and value.was_known(known_as_of)
        ]
        if not begun or not (latest := max(begun, key=_age)).holds(day):
            raise NotInForce(self.name, self.title["ru"], day)
        return latest

    def keys(self) -> tuple[str, ...]:
        """Those for whom a value of their own was entered, in order."""
        return tuple(sorted({value.key for value in self.values if value.key}))

    def joined_with(self, entered: Iterable[Value]) -> tuple[Value, ...]:
        """The sheet's values with these beside them.

        A value for days the sheet already speaks of is a correction and needs its own `known_since`. Raises `Overlap`,
        `NoEnd` where the last value would hold for good though the sheet's do not, and `BadKey`.
        """
        joined = (*self.written, *entered)
        if any(value.entered and bool(value.key) is not bool(self.keyed) for value in joined):
            raise BadKey(f"{self.name}: " + (f"нужен ключ: {self.keyed}." if self.keyed else "ключа здесь не бывает."))
        for key in {value.key for value in joined}:
            own = [value for value in joined if value.key == key]
            _refuse_overlap(self.name, own)
            _refuse_rewriting(self.name, own)
            if not key and self.runs_out and max(own, key=_age).until is None:
                raise NoEnd(f"{self.name}: укажите, по какой день значение известно (--until).")
        return joined


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
        raise NotInForce(self.name, self.title["ru"], day, where=_file_of(self.name))


def listed() -> tuple[Parameter | Rule[..., Any], ...]:
    """Every parameter and rule of the countries imported so far, by name."""
    return tuple(_registered[name] for name in sorted(_registered))


def parameter(name: str) -> Parameter:
    """The parameter with this full name. Raises `UnknownNorm`."""
    found = _registered.get(name)
    if isinstance(found, Parameter):
        return found
    if found is not None:
        raise UnknownNorm(f"«{name}» — правило, а не значение: новую редакцию пишут в {_file_of(name)}.")
    near = get_close_matches(name, [norm.name for norm in listed() if isinstance(norm, Parameter)], n=1, cutoff=0.4)
    told = f" Похоже на {near[0]}." if near else ""
    raise UnknownNorm(f"Значения «{name}» в законах нет.{told} Все: okno law list")


def last_day_of(norm: Parameter | Rule[..., Any]) -> date | None:
    """The last day for which something is entered; None when the latest value or wording has no end, or is none."""
    own = [value for value in norm.values if not value.key] if isinstance(norm, Parameter) else norm.wordings
    return max(own, key=lambda entry: entry.since).until if own else None


def supplement(entered: Mapping[str, Sequence[Value]]) -> None:
    """Put what the operator entered, by full names, beside the sheets: all at once, in place of what stood there.

    Raises `Overlap`, `NoEnd`, `BadKey` and `UnknownNorm`, and then nothing has changed.
    """
    global _supplement
    values = {name: parameter(name).joined_with(own) for name, own in entered.items() if own}
    if values != _supplement.values:
        _supplement = _Supplement(_supplement.generation + 1, MappingProxyType(values))


def generation() -> int:
    """A number that changes whenever the entered values do; what is remembered about the law has it in its key."""
    return _supplement.generation


@dataclass(frozen=True, slots=True)
class _Supplement:
    """The joined values of the parameters that have entered ones. Replaced whole, so threads see one or the other."""

    generation: int = 0
    values: Mapping[str, tuple[Value, ...]] = field(default_factory=lambda: MappingProxyType({}))


_supplement = _Supplement()
_registered: dict[str, "Parameter | Rule[..., Any]"] = {}


def _register(norm: "Parameter | Rule[..., Any]") -> None:
    if norm.name in _registered:
        raise Overlap(f"Норма {norm.name} описана дважды.")
    _registered[norm.name] = norm


def _file_of(name: str) -> str:
    country, topic, _ = name.split(".")
    return f"okno/law/{country}/{topic}.py"


def _known(value: Value) -> date:
    return value.known_since or value.since


def _age(value: Value) -> tuple[date, date]:
    return value.since, _known(value)


def _refuse_overlap(name: str, values: Iterable[Value]) -> None:
    for earlier, later in pairwise(sorted(values, key=_age)):
        if earlier.since == later.since and _known(earlier) == _known(later):
            raise Overlap(f"{name}: два значения с {later.since:%d.%m.%Y}.")
        ends_late = earlier.until is not None and earlier.until >= later.since
        if ends_late and later.known_since is None:
            raise Overlap(f"{name}: значения с {earlier.since:%d.%m.%Y} и с {later.since:%d.%m.%Y} пересекаются.")


def _refuse_rewriting(name: str, values: Sequence[Value]) -> None:
    """An entered value may follow the sheet's last one or fill a gap; to stand over another it must be a correction."""
    written = sorted((value for value in values if not value.entered), key=_age)
    for value in values:
        before = [earlier for earlier in written if earlier.since < value.since]
        last = bool(before) and before[-1] is written[-1]
        if value.entered and value.known_since is None and before and not last and before[-1].until is None:
            raise Overlap(
                f"{name}: на {value.since:%d.%m.%Y} значение уже есть, с {before[-1].since:%d.%m.%Y}. "
                "Если это исправление, укажите, с какого дня о нём известно (--known-since)."
            )


def _overlap(one: InForce, other: InForce) -> bool:
    return one.holds(other.since) or other.holds(one.since)
