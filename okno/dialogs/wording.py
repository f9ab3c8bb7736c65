"""In which languages a dialog can be led, and its facts in the words of another one. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from okno.dialogs.scenario import Scenario
from okno.speech.understanding import asked_language

FEW = 2
"""Ways to hear an answer of which one may ask for a language alone."""


def languages(scenario: Scenario, facts: Mapping[str, Any]) -> tuple[str, ...]:
    """The scenario's languages, of those that the organisation speaks; all of them when the facts do not tell."""
    told = facts.get("languages") or scenario.languages
    return tuple(language for language in scenario.languages if language in told)


def wanted(ways: Sequence[str], now: str, among: Sequence[str]) -> str:
    """The language out of `among` that is asked for instead of `now` in the first of the ways to hear an answer; ""
    when none is, and when none of the several other ways asks for it: "газом" was heard as "казахша"."""
    asked, *others = (asked_language(way, now, among) for way in ways)
    return "" if len(others) >= FEW and asked not in others else asked


def _is_words(text: str) -> bool:
    """Readings, days and numbers of accounts come as text too, and are none."""
    return any(letter.isalpha() for letter in text)


def reworded(
    facts: Mapping[str, Any], slots: Mapping[str, Any], words: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The facts and the slots taken from them with the texts of `words` in the place of their own.

    No number, day or flag changes, nothing comes and nothing goes: what was true when the talk began is told on.
    """
    changed: dict[tuple[str, str], str] = {}

    def again(name: str, old: Any, new: Any) -> Any:
        if isinstance(old, str) and isinstance(new, str):
            if not (_is_words(old) and _is_words(new)):
                return old
            changed[name, old] = new
            return new
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            return {key: again(key, value, new[key]) if key in new else value for key, value in old.items()}
        if isinstance(old, list | tuple) and isinstance(new, list | tuple) and len(old) == len(new):
            return [again(name, one, other) for one, other in zip(old, new, strict=True)]
        return old

    told = again("", facts, words)
    return told, {
        name: changed.get((name, value), value) if isinstance(value, str) else value for name, value in slots.items()
    }
