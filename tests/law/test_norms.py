"""Every value and wording of every country: both sides of its dates, its source, its titles. Made from the sheets."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import okno.law
from okno.law import countries
from okno.law.dated import InForce, NotInForce, Parameter, Rule, Value, listed

ONE_DAY = timedelta(days=1)
LAW = Path(okno.law.__file__).parent
# Asking for a pack has imported every sheet.
NORMS = listed() if countries.pack("ru") else ()
PARAMETERS = [norm for norm in NORMS if isinstance(norm, Parameter)]
RULES = [norm for norm in NORMS if isinstance(norm, Rule)]


def _entries() -> Iterator[Any]:
    for norm in NORMS:
        entries: list[InForce] = list(norm.values if isinstance(norm, Parameter) else norm.wordings)
        for entry in entries:
            yield pytest.param(norm, entry, id=f"{norm.name} {entry.since}")


def _on(norm: Parameter | Rule[..., Any], day: date) -> InForce | None:
    try:
        return norm.at(day)
    except NotInForce:
        return None


@pytest.mark.parametrize(("norm", "entry"), list(_entries()))
def test_it_holds_from_its_first_day_and_not_before(norm: Parameter | Rule[..., Any], entry: InForce) -> None:
    assert norm.at(entry.since) is entry
    assert _on(norm, entry.since - ONE_DAY) is not entry


@pytest.mark.parametrize(("norm", "entry"), list(_entries()))
def test_it_holds_to_its_last_day_and_not_after(norm: Parameter | Rule[..., Any], entry: InForce) -> None:
    later = [other.since for other in _all(norm) if other.since > entry.since]
    last = entry.until or (min(later) - ONE_DAY if later else None)
    if last is None:
        assert norm.at(date(2100, 1, 1)) is entry
    else:
        assert norm.at(last) is entry
        assert _on(norm, last + ONE_DAY) is not entry


@pytest.mark.parametrize(("norm", "entry"), [entry for entry in _entries() if entry.values[1].known_since])
def test_a_law_that_reaches_back_is_used_only_from_the_day_it_was_known(norm: Parameter, entry: Value) -> None:
    assert entry.known_since is not None
    assert norm.at(entry.since, known_as_of=entry.known_since) is entry
    before = entry.known_since - ONE_DAY
    assert all(value is not entry for value in _known(norm, entry.since, before))


def _known(norm: Parameter, day: date, known_as_of: date) -> list[Value]:
    try:
        return [norm.at(day, known_as_of=known_as_of)]
    except NotInForce:
        return []


@pytest.mark.parametrize(("norm", "entry"), list(_entries()))
def test_it_names_its_source(norm: Parameter | Rule[..., Any], entry: InForce) -> None:
    assert len(entry.source) > 10
    if entry.basis == "policy":
        assert entry.source.startswith("Порядок организации")


@pytest.mark.parametrize("norm", PARAMETERS, ids=lambda norm: norm.name)
def test_it_has_a_title_in_four_languages(norm: Parameter) -> None:
    assert set(norm.title) == {"ru", "kk", "uk", "en"}
    assert len(set(norm.title.values())) == 4


@pytest.mark.parametrize("norm", NORMS, ids=lambda norm: norm.name)
def test_it_is_refused_before_anything_is_entered_and_says_what_to_enter(norm: Parameter | Rule[..., Any]) -> None:
    first = min((entry.since for entry in _all(norm)), default=date(2026, 11, 21))
    with pytest.raises(NotInForce, match="Добавьте значение с источником") as refusal:
        norm.at(first - ONE_DAY)
    assert norm.name in str(refusal.value)


def test_every_sheet_has_been_imported() -> None:
    sheets = {f"{path.parent.name}.{path.stem}" for path in LAW.glob("*/*.yaml")}
    assert sheets == {norm.name.rpartition(".")[0] for norm in PARAMETERS}


def test_what_was_not_checked_says_why_or_is_policy() -> None:
    unexplained = [
        f"{norm.name} {value.since}"
        for norm in PARAMETERS
        for value in norm.values
        if not value.verified and not value.note and value.basis == "law" and "не" not in value.source
    ]
    assert unexplained == []


def _all(norm: Parameter | Rule[..., Any]) -> list[InForce]:
    return list(norm.values if isinstance(norm, Parameter) else norm.wordings)
