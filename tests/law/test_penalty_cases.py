"""Cases of penalties, written by country in YAML (`<country>/penalty/*.yaml`), so that an accountant can add one.

A case has `bills` (amount, due, paid, paused), `as_of`, and what must come out: `total` (or `lines`), the number of
`days` by share, `missing` names, words that stand in the explanation of rows (`because`) and of the figure (`notes`; an
empty list: nothing but how it was rounded), `verified`. `settings` names every
reading that is not the default. The slow way of `naive_penalty` must come to the same figure in every case.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from okno.common.money import parse_minor
from okno.law.countries import pack
from okno.law.penalty import Arrear, Days, Paid, PenaltyQuestion, PenaltyResult
from okno.law.sheets import parse
from tests.law import naive_penalty

HERE = Path(__file__).parent


def _cases() -> Iterator[Any]:
    for path in sorted(HERE.glob("*/penalty/*.yaml")):
        for case in parse(path.read_text(encoding="utf-8")):
            yield pytest.param(path.parent.parent.name, case, id=f"{path.relative_to(HERE)}: {case['name']}")


CASES = list(_cases())


def _day(case: dict[str, Any], name: str) -> date | None:
    return date.fromisoformat(case[name]) if name in case else None


def _arrears(case: dict[str, Any]) -> tuple[Arrear, ...]:
    return tuple(
        Arrear(
            ref=str(number),
            due_on=date.fromisoformat(bill["due"]),
            amount_minor=parse_minor(bill["amount"]),
            paid=tuple(
                Paid(on=date.fromisoformat(paid["on"]), amount_minor=parse_minor(paid["amount"]))
                for paid in bill.get("paid", ())
            ),
            regime=case.get("regime", "housing"),
            paused=tuple(
                Days(since=date.fromisoformat(pause["since"]), until=date.fromisoformat(pause["until"]))
                for pause in bill.get("paused", ())
            ),
        )
        for number, bill in enumerate(case["bills"], start=1)
    )


def _ask(country: str, case: dict[str, Any]) -> tuple[PenaltyQuestion, PenaltyResult]:
    as_of = _day(case, "as_of")
    assert as_of is not None
    settings = {name: str(value) for name, value in case.get("settings", {}).items()}
    question = PenaltyQuestion(
        arrears=_arrears(case), as_of=as_of, known_as_of=_day(case, "known_as_of"), settings=settings
    )
    return question, pack(country).penalty.explain(question)


@pytest.mark.parametrize(("country", "case"), CASES)
def test_the_figure_and_its_rows(country: str, case: dict[str, Any]) -> None:
    _, result = _ask(country, case)
    minor = {line.line: line.minor for line in result.lines}
    expected = {"penalty": case["total"], **case.get("lines", {})} if "total" in case else case.get("lines", {})
    assert {line: minor[line] for line in expected} == {
        line: None if amount is None else parse_minor(amount) for line, amount in expected.items()
    }
    assert [gap.name for gap in result.missing] == case.get("missing", [])
    if "days" in case:
        days: Counter[str] = Counter()
        for row in result.rows:
            days[str(row.share)] += row.days
        assert {share: days[share] for share in case["days"]} == case["days"]
    if "row_totals" in case:
        assert [str(round(Decimal(float(row.exact / 100)), 4)) for row in result.rows if row.share] == case[
            "row_totals"
        ]
    assert case.get("verified", result.verified) == result.verified
    told = " ".join(reading.text for row in result.rows for reading in row.readings)
    for words in case.get("because", []):
        assert words in told
    if "notes" in case:
        notes = [reading.text for reading in result.readings[1:]]
        assert len(notes) == len(case["notes"])
        assert all(words in note for words, note in zip(case["notes"], notes, strict=True))


@pytest.mark.parametrize(("country", "case"), [case for case in CASES if case.values[0] in naive_penalty.COUNTRIES])
def test_the_slow_way_comes_to_the_same(country: str, case: dict[str, Any]) -> None:
    question, result = _ask(country, case)
    assert naive_lines(country, question, result) == {line.line: line.exact for line in result.lines}


def naive_lines(country: str, question: PenaltyQuestion, result: PenaltyResult) -> dict[str, Fraction | None]:
    """The lines of the same question by the slow way, with the settings the law has filled in."""
    names = pack(country).penalty.regime_names
    bills = tuple(
        naive_penalty.Bill(
            regime=names.get(arrear.regime, arrear.regime),
            due_on=arrear.due_on,
            amount=arrear.amount_minor,
            paid=tuple((paid.on, paid.amount_minor) for paid in arrear.paid),
            paused=tuple((pause.since, pause.until) for pause in arrear.paused),
        )
        for arrear in question.arrears
    )
    slow = naive_penalty.Question(
        as_of=question.as_of, settings=result.settings, known_as_of=question.known_as_of, bills=bills
    )
    total: dict[str, Fraction | None] = {line.line: Fraction(0) for line in result.lines}
    for bill in bills:
        for line, cost in naive_penalty.COUNTRIES[country](bill, slow).items():
            so_far = total[line]
            total[line] = None if cost is None or so_far is None else so_far + cost
    return total
