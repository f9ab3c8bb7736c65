"""A phrase of a scenario with its values put in: words for a voice, figures for a screen."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal, cast

from okno.common.money import Currency, format_minor
from okno.dialogs.scenario import Scenario
from okno.speech import spoken
from okno.speech.spoken.days import Stands
from okno.speech.spoken.numerals import Case, Language

Mode = Literal["voice", "text"]

_PLACE = re.compile(r"{([a-z][a-z0-9_]*)(?::([a-z]+))?}")

_MONEY = {"money": Case.NOMINATIVE, "moneygen": Case.GENITIVE, "moneyacc": Case.ACCUSATIVE}
_BEGINS = re.compile(r"(?:\A|[.?!…])\s*\Z")
_TWO_MARKS = re.compile(r"([.?!…])[.?](?=\s|$)")
"""What a person said ends with a mark of its own where the phrase has one too."""


class NothingToSay(LookupError):
    """A phrase names a value that neither the facts nor the slots have."""


def render(scenario: Scenario, phrase: str, language: str, values: Mapping[str, Any], mode: Mode) -> str:
    """The phrase in `language` with `values` (facts and slots) in its places. Raises `NothingToSay`."""

    def put(found: "re.Match[str]") -> str:
        name = found[1]
        if values.get(name) is None:
            raise NothingToSay(f"{scenario.name}.{phrase}: {name}")
        kind = found[2] or scenario.facts.get(name, "text")
        if mode == "voice":
            return _in_words(values[name], kind, language, values)
        written = _written(values[name], kind, values)
        return written[:1].upper() + written[1:] if _BEGINS.search(found.string[: found.start()]) else written

    text: str = _TWO_MARKS.sub(r"\1", _PLACE.sub(put, scenario.phrases[phrase][language]))
    return spoken.aloud(text, cast(Language, language)) if mode == "voice" else text


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _in_words(value: Any, kind: str, language: str, values: Mapping[str, Any]) -> str:
    told = cast(Language, language)
    match kind:
        case "money" | "moneygen" | "moneyacc":
            return spoken.money(int(value), Currency(values["currency"]), told, case=_MONEY[kind])
        case "day":
            return spoken.day(_day(value), told)
        case "named":
            return spoken.day(_day(value), told, Stands.NAMED)
        case "until":
            return spoken.day(_day(value), told, Stands.UNTIL)
        case "reading":
            return spoken.reading(Decimal(str(value)), told)
        case "account":
            return spoken.account_number(str(value), told)
        case "address":
            return spoken.address(str(value), told)
        case "number":
            return spoken.cardinal(int(value), told)
    return str(value)


def _written(value: Any, kind: str, values: Mapping[str, Any]) -> str:
    if kind in _MONEY:
        return format_minor(int(value), Currency(values["currency"]), "ru")
    if kind in {"day", "named", "until"}:
        return f"{_day(value):%d.%m.%Y}"
    if kind == "reading":
        return str(value).replace(".", ",")
    return str(value)
