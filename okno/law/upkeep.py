"""What in the law's sheets needs somebody's eyes on a day: what is missing, has ended, ends soon, was not looked at."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from okno.law.dated import InForce, NotInForce, Parameter, Rule, last_day_of, listed

Norm = Parameter | Rule[..., Any]
#: "unknown" is what no sheet ever knew: it is asked for when somebody needs it.
Kind = Literal["missing", "ended", "not looked at", "unknown", "ends soon"]

#: How long before its end a value is told of, and how long one look at the sources is enough.
SOON = timedelta(days=60)
A_YEAR = timedelta(days=365)
#: An index of a month is published in the first ten days of the next one: so much later it should be known.
PUBLISHED_AFTER = timedelta(days=40)
MONTHLY = "percent of the month before"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One norm that needs somebody's eyes, and why. `serious` when a figure may be refused or wrong today."""

    name: str
    kind: Kind
    text: str

    @property
    def serious(self) -> bool:
        return self.kind in ("missing", "ended", "not looked at")


def remarks(day: date, countries: tuple[str, ...]) -> list[Remark]:
    """What to look at in the norms of these countries, as of `day`."""
    own = [norm for norm in listed() if norm.name.partition(".")[0] in countries]
    return [remark for norm in own for remark in _of(norm, day)]


def ends_soon(norm: Norm, day: date) -> date | None:
    """The last day the norm is known for, when it is less than `SOON` away and nobody means it to end."""
    last = last_day_of(norm)
    if last is None or _over(norm) or (isinstance(norm, Parameter) and norm.unit == MONTHLY):
        return None
    return last if day <= last <= day + SOON else None


def in_force(norm: Norm, day: date) -> InForce | None:
    """The value or wording of the day; None where there is none."""
    try:
        return norm.at(day)
    except NotInForce:
        return None


def _of(norm: Norm, day: date) -> Iterator[Remark]:
    yield from _gap(norm, day)
    if (last := ends_soon(norm, day)) is not None:
        yield _remark(norm, "ends soon", f"известно по {last:%d.%m.%Y}; введите следующее значение, когда его узнаете")
    if day - norm.checked_on > A_YEAR:
        yield _remark(norm, "not looked at", f"с источником не сверяли с {norm.checked_on:%d.%m.%Y}")


def _gap(norm: Norm, day: date) -> Iterator[Remark]:
    if isinstance(norm, Parameter) and norm.keyed and not norm.keys():
        yield _remark(norm, "missing", f"список не введён ({norm.keyed}): okno law import")
    expected = day - PUBLISHED_AFTER if isinstance(norm, Parameter) and norm.unit == MONTHLY else day
    if in_force(norm, expected) is not None or _over(norm):
        return
    last = last_day_of(norm)
    if last is not None and last < expected:
        yield _remark(norm, "ended", f"известно только по {last:%d.%m.%Y}{_how(norm)}")
    elif isinstance(norm, Parameter) and not norm.values:
        yield _remark(norm, "unknown", f"значения никто не ввёл{_how(norm)}")


def _how(norm: Norm) -> str:
    return f": okno law enter {norm.name}" if isinstance(norm, Parameter) else ": нужна новая редакция"


def _over(norm: Norm) -> bool:
    return isinstance(norm, Parameter) and bool(norm.over)


def _remark(norm: Norm, kind: Kind, text: str) -> Remark:
    return Remark(name=norm.name, kind=kind, text=f"{norm.title['ru']} ({norm.name}): {text}.")
