"""Tables of Ukraine's other lines: 3 % a year has one of its own denominator, inflation has none."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okno.law.countries import pack
from okno.law.penalty import Arrear, PenaltyQuestion
from okno.law.penalty_tables import Inexact

LAW = pack("ua").penalty
DAYS = st.dates(min_value=date(2018, 1, 1), max_value=date(2027, 12, 31))
READINGS = st.fixed_dictionaries(
    {"claim_625": st.just("yes")},
    optional={
        "year_days": st.sampled_from(["calendar", "365"]),
        "yearly_percent": st.sampled_from(["", "6", "12.25"]),
        "debtor": st.sampled_from(["population", "other"]),
        "payment_day": st.sampled_from(["included", "excluded"]),
    },
)


@settings(max_examples=100, deadline=None)
@given(due_on=DAYS, late=st.integers(min_value=0, max_value=2000), chosen=READINGS)
def test_the_table_of_three_per_cent_comes_to_what_its_rows_do(due_on: date, late: int, chosen: dict[str, str]) -> None:
    day = due_on + timedelta(days=late)
    table = LAW.coefficients("housing", [due_on], day, settings=chosen, line="three_percent")
    bill = Arrear(ref="1", due_on=due_on, amount_minor=1)
    result = LAW.explain(PenaltyQuestion(arrears=(bill,), as_of=day, settings=chosen))
    exact = next(line.exact for line in result.lines if line.line == "three_percent")
    assert exact == Fraction(table.numerators[0][-1], table.denominator)


def test_inflation_has_no_table() -> None:
    with pytest.raises(Inexact):
        LAW.coefficients("housing", [date(2026, 1, 20)], date(2026, 6, 30), line="inflation")


def test_lines_nobody_asked_for_are_not_told() -> None:
    bill = Arrear(ref="1", due_on=date(2026, 1, 20), amount_minor=100_00)
    plain = LAW.explain(PenaltyQuestion(arrears=(bill,), as_of=date(2026, 6, 30)))
    assert [line.line for line in plain.lines] == ["penalty"]
    claimed = LAW.explain(PenaltyQuestion(arrears=(bill,), as_of=date(2026, 6, 30), settings={"claim_625": "yes"}))
    assert [line.line for line in claimed.lines] == ["penalty", "three_percent", "inflation"]


def test_a_penalty_older_than_a_year_says_so() -> None:
    bill = Arrear(ref="1", due_on=date(2025, 9, 20), amount_minor=100_00)
    clause = {"contract_rate": "0.01"}
    fresh = LAW.explain(PenaltyQuestion(arrears=(bill,), as_of=date(2026, 9, 22), settings=clause))
    old = LAW.explain(PenaltyQuestion(arrears=(bill,), as_of=date(2026, 9, 23), settings=clause))
    assert not any("давности" in reading.text for reading in fresh.readings)
    assert any("с 22.09.2025 старше срока давности" in reading.text for reading in old.readings)
