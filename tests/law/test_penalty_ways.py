"""Three ways to one figure: the explained rows, the tables for a million accounts, and the slow way day by day."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okno.law.countries import pack
from okno.law.dated import Parameter, listed
from okno.law.penalty import Arrear, Days, Paid, PenaltyLaw, PenaltyQuestion
from tests.law import naive_penalty
from tests.law.test_penalty_cases import naive_lines

#: Free texts a country's settings may hold, by country and setting.
TEXTS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("ru", "key_rate"): ("", "14.00@2027-01-01", "9.25@2026-12-31;21.50@2027-02-01"),
    ("kz", "base_rate"): ("", "16.50@2026-09-07", "9.25@2016-12-31;21.50@2027-02-01"),
    ("kz", "rate_on"): ("", "2026-08-16", "2026-11-21"),
    ("ua", "contract_rate"): ("", "0.01", "0.0075", "1.5"),
    ("ua", "territory"): ("", "UA63120270000028556"),
    ("ua", "yearly_percent"): ("", "6", "12.25"),
    ("ua", "cpi"): ("", "99.1@2026-09;101.3@2026-10", "92@2024-02"),
}
COUNTRIES = sorted(naive_penalty.COUNTRIES)
EARLIEST, LATEST = date(2010, 1, 1), date(2027, 12, 31)
#: Days about which the law changes somewhere: mistakes live there.
EDGES = sorted(
    {
        day + timedelta(days=shift)
        for norm in listed()
        for entry in (norm.values if isinstance(norm, Parameter) else norm.wordings)
        for day in (entry.since, entry.until, entry.known_since)
        if day is not None and EARLIEST < day < LATEST
        for shift in (-1, 0, 1)
    }
)
DAYS = st.dates(min_value=EARLIEST, max_value=LATEST) | st.sampled_from(EDGES)
AMOUNTS = st.integers(min_value=1, max_value=10**9)


def chosen(country: str) -> st.SearchStrategy[dict[str, str]]:
    """Any reading of every setting of the country."""
    return st.fixed_dictionaries(
        {},
        optional={
            setting.name: st.sampled_from(tuple(setting.choices) or TEXTS[country, setting.name])
            for setting in pack(country).penalty.settings
        },
    )


@st.composite
def arrears(draw: st.DrawFn, regime: str, ref: str) -> Arrear:
    """A bill with payments before, on and after its due day, and maybe a pause."""
    due_on = draw(DAYS)
    paid = [
        Paid(on=due_on + timedelta(days=draw(st.integers(min_value=-40, max_value=900))), amount_minor=draw(AMOUNTS))
        for _ in range(draw(st.integers(min_value=0, max_value=3)))
    ]
    left = draw(st.integers(min_value=0 if paid else 1, max_value=10**9))
    pauses = []
    if draw(st.booleans()):
        since = due_on + timedelta(days=draw(st.integers(min_value=-5, max_value=300)))
        pauses.append(Days(since=since, until=since + timedelta(days=draw(st.integers(min_value=0, max_value=90)))))
    return Arrear(
        ref=ref,
        due_on=due_on,
        amount_minor=left + sum(one.amount_minor for one in paid),
        paid=tuple(paid),
        regime=regime,
        paused=tuple(pauses),
    )


@st.composite
def questions(draw: st.DrawFn, country: str) -> PenaltyQuestion:
    """Some bills under some readings, seen from some day."""
    bills = tuple(
        draw(arrears(draw(st.sampled_from(pack(country).penalty.regimes)), str(number)))
        for number in range(draw(st.integers(min_value=1, max_value=3)))
    )
    late = st.integers(min_value=-10, max_value=900).map(lambda days: bills[0].due_on + timedelta(days=days))
    return PenaltyQuestion(
        arrears=bills,
        as_of=draw(late | DAYS),
        known_as_of=draw(st.none() | DAYS),
        settings=draw(chosen(country)),
    )


@pytest.mark.parametrize("country", COUNTRIES)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_the_rows_come_to_what_the_slow_way_does(country: str, data: Any) -> None:
    question = data.draw(questions(country))
    result = pack(country).penalty.explain(question)
    assert {line.line: line.exact for line in result.lines} == naive_lines(country, question, result)
    assert any(line.minor is None for line in result.lines) == bool(result.missing)


@pytest.mark.parametrize("country", COUNTRIES)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_the_tables_come_to_what_the_rows_do(country: str, data: Any) -> None:
    law = pack(country).penalty
    regime = data.draw(st.sampled_from(law.regimes))
    due_days = tuple(sorted(data.draw(st.sets(DAYS, min_size=1, max_size=3))))
    until = due_days[0] + timedelta(days=data.draw(st.integers(min_value=0, max_value=4000)))
    chosen_settings, known_as_of = data.draw(chosen(country)), data.draw(st.none() | DAYS)
    for line in (line.line for line in _result(law, regime, due_days[0], until, {}, None).lines):
        table = law.coefficients(regime, due_days, until, settings=chosen_settings, known_as_of=known_as_of, line=line)
        assert (table.due_days, table.first) == (due_days, due_days[0])
        day = data.draw(st.dates(min_value=table.first, max_value=until))
        for due_on, numerators in zip(due_days, table.numerators, strict=True):
            assert len(numerators) == (until - table.first).days + 1
            result = _result(law, regime, due_on, day, chosen_settings, known_as_of)
            exact = next(told.exact for told in result.lines if told.line == line)
            numerator = numerators[(day - table.first).days]
            assert exact == (None if numerator == -1 else Fraction(numerator, table.denominator))


@pytest.mark.parametrize("country", COUNTRIES)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_cost_is_marked_where_a_row_of_it_rests_on_a_norm_nobody_has_verified(country: str, data: Any) -> None:
    law = pack(country).penalty
    regime = data.draw(st.sampled_from(law.regimes))
    due_days = tuple(sorted(data.draw(st.sets(DAYS, min_size=1, max_size=3))))
    until = due_days[0] + timedelta(days=data.draw(st.integers(min_value=0, max_value=4000)))
    chosen_settings = data.draw(chosen(country))
    day = data.draw(st.dates(min_value=due_days[0], max_value=until))
    marks = law.doubts(regime, due_days, until, settings=chosen_settings)
    for due_on, row in zip(due_days, marks, strict=True):
        assert len(row) == (until - due_days[0]).days + 1
        result = _result(law, regime, due_on, day, chosen_settings, None)
        if not result.missing:
            verified = all(told.verified for told in result.rows if told.line != "inflation")
            assert bool(row[(day - due_days[0]).days]) is not verified


def _readings() -> Iterator[Any]:
    for country in COUNTRIES:
        for setting in pack(country).penalty.settings:
            for value in setting.choices or TEXTS[country, setting.name]:
                yield pytest.param(country, {setting.name: value}, id=f"{country} {setting.name}={value}")


@pytest.mark.parametrize(("country", "reading"), list(_readings()))
def test_under_each_reading_the_tables_follow_the_rows_through_the_years(country: str, reading: dict[str, str]) -> None:
    law = pack(country).penalty
    due_days, until = (date(2014, 12, 10), date(2021, 1, 10), date(2026, 6, 10)), date(2027, 4, 1)
    for regime in law.regimes:
        for line in (line.line for line in _result(law, regime, due_days[0], until, {}, None).lines):
            table = law.coefficients(regime, due_days, until, settings=reading, line=line)
            for due_on, numerators in zip(due_days, table.numerators, strict=True):
                for place in range((due_on - table.first).days, len(numerators), 211):
                    paid_on = table.first + timedelta(days=place)
                    result = _result(law, regime, due_on, paid_on, reading, None)
                    exact = next(told.exact for told in result.lines if told.line == line)
                    numerator = numerators[place]
                    assert exact == (None if numerator == -1 else Fraction(numerator, table.denominator))


def _result(law: PenaltyLaw, regime: str, due_on: date, as_of: date, chosen_settings: Any, known: date | None) -> Any:
    bill = Arrear(ref="1", due_on=due_on, amount_minor=1, regime=regime)
    return law.explain(PenaltyQuestion(arrears=(bill,), as_of=as_of, known_as_of=known, settings=chosen_settings))


@pytest.mark.parametrize("country", COUNTRIES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_order_of_payments_and_bills_changes_nothing(country: str, data: Any) -> None:
    question = data.draw(questions(country))
    turned = tuple(
        Arrear(
            ref=bill.ref,
            due_on=bill.due_on,
            amount_minor=bill.amount_minor,
            paid=bill.paid[::-1],
            regime=bill.regime,
            paused=bill.paused,
        )
        for bill in question.arrears[::-1]
    )
    law = pack(country).penalty
    other = PenaltyQuestion(
        arrears=turned, as_of=question.as_of, known_as_of=question.known_as_of, settings=question.settings
    )
    assert law.explain(question).lines == law.explain(other).lines
    assert law.explain(question).missing == law.explain(other).missing
