"""Values that a dialog knows, by their names: compared, put into actions, kept as JSON. Pure."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from okno.dialogs.scenario import Ask, Condition

if TYPE_CHECKING:
    from okno.dialogs.turn import State


def holds(condition: Condition, state: "State") -> bool:
    """Whether the condition holds; one without a source always does."""
    if not condition.source:
        return True
    value = (state.facts if condition.source == "fact" else state.slots).get(condition.name)
    if condition.test == "known":
        return (value is not None) is bool(condition.value)
    if condition.test == "is":
        return same(value, named(condition.value, state))
    other = named(condition.value, state)
    if value is None or other is None:
        return False
    one, two = _comparable(value), _comparable(other)
    return (one > two) if condition.test == "above" else (one < two)


def same(one: Any, two: Any) -> bool:
    """Figures that were heard and a number that is known are the same when they count the same."""
    if isinstance(one, Decimal) or isinstance(two, Decimal):
        return one is not None and two is not None and Decimal(str(one)) == Decimal(str(two))
    return bool(plain(one) == plain(two))


def named(value: Any, state: "State") -> Any:
    """A value as it stands; "$name" is the slot or fact of that name."""
    if isinstance(value, str) and value.startswith("$"):
        return state.slots.get(value[1:], state.facts.get(value[1:]))
    return value


def _comparable(value: Any) -> Decimal:
    """Days by their number, everything else as it is."""
    if isinstance(value, str) and value.count("-") == 2:
        value = date.fromisoformat(value)
    return Decimal(value.toordinal() if isinstance(value, date) else str(value))


def filled(told: Mapping[str, Any], state: "State") -> Mapping[str, Any]:
    """An action with its slots and facts put in: "$on" is the slot or fact `on`."""
    values = {**state.facts, **state.slots}
    put_in = {
        name: values.get(value[1:]) if isinstance(value, str) and value.startswith("$") else value
        for name, value in told.items()
    }
    return {name: plain(value) for name, value in put_in.items()}


def plain(value: Any) -> Any:
    """A value as JSON keeps it."""
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def likely(ask: Ask, state: "State") -> tuple[Decimal, Decimal] | None:
    """The least and the most of what is answered here in earnest, both inclusive; None when nobody knows."""
    bounds = [named(ask.likely.get(name), state) for name in ("least", "most")]
    if None in bounds:
        return None
    return Decimal(str(bounds[0])), Decimal(str(bounds[1]))
