"""Cases of the law, written by country and topic in YAML, so that a lawyer can add one.

A case asks one question of the country's pack; cases of penalties have bills and are read by `test_penalty_cases`.
`because` lists words that must stand in the explanation, `verified` and `basis` what it must admit, `refused` the norm
that is missing.
"""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from okno.law.calendar import WorkingCalendar, parse_overrides
from okno.law.countries import pack
from okno.law.country_pack import CountryPack
from okno.law.dated import NotInForce
from okno.law.explained import Explained

HERE = Path(__file__).parent


def _cases() -> Iterator[Any]:
    for path in sorted(HERE.glob("*/*/*.yaml")):
        if path.parent.name == "penalty":
            continue
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            yield pytest.param(path.parent.parent.name, case, id=f"{path.relative_to(HERE)}: {case['name']}")


def _calendar(country: str, given: dict[str, Any]) -> dict[str, Any]:
    """The input with its table of days made into a calendar."""
    rest = {name: value for name, value in given.items() if name != "overrides"}
    if "overrides" in given:
        rest["calendar"] = WorkingCalendar(country, parse_overrides(given["overrides"]))
    return rest


def _hours(law: CountryPack, given: dict[str, Any]) -> tuple[object, Explained[Any]]:
    answer = law.contact_hours(**given)
    opens, closes = answer.value.opens, answer.value.closes
    return [opens and f"{opens:%H:%M}", closes and f"{closes:%H:%M}"], answer


def _caps(law: CountryPack, given: dict[str, Any]) -> tuple[object, Explained[Any]]:
    answer = law.contact_caps(**given)
    return [answer.value.day, answer.value.week, answer.value.month], answer


def _order(law: CountryPack, given: dict[str, Any]) -> tuple[object, Explained[Any]]:
    answer = law.allocation_order(**given)
    assert answer.value.principal_before_penalty
    return list(answer.value.steps), answer


def _plain(question: str) -> Callable[[CountryPack, dict[str, Any]], tuple[object, Explained[Any]]]:
    def ask(law: CountryPack, given: dict[str, Any]) -> tuple[object, Explained[Any]]:
        answer = getattr(law, question)(**given)
        return (answer.value, answer) if isinstance(answer, Explained) else (answer, Explained(answer, ()))

    return ask


ASK = {"contact_hours": _hours, "contact_caps": _caps, "allocation_order": _order}


@pytest.mark.parametrize(("country", "case"), list(_cases()))
def test_the_law_says(country: str, case: dict[str, Any]) -> None:
    ask = ASK.get(case["ask"], _plain(case["ask"]))
    given = _calendar(country, case["input"])
    if "refused" in case:
        with pytest.raises(NotInForce) as refusal:
            ask(pack(country), given)
        assert refusal.value.name.startswith(case["refused"])
        return
    value, answer = ask(pack(country), given)
    assert value == case["output"]
    assert case.get("verified", answer.verified) == answer.verified
    if "basis" in case:
        assert case["basis"] in {row.basis for row in answer.rows}
    for words in case.get("because", []):
        assert words in " ".join(row.text for row in answer.rows)


@pytest.mark.parametrize("country", ["ru", "kz", "ua"])
def test_every_month_since_2020_has_a_due_day_in_the_next_month(country: str) -> None:
    for index in range(12 * 8):
        month = date(2020 + index // 12, index % 12 + 1, 1)
        answer = pack(country).due_day(month)
        assert answer.value > month
        assert answer.value.day <= 28
        assert answer.rows
