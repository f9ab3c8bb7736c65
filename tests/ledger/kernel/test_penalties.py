"""The penalty of many accounts is the law's own explanation of each of them, in every country."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okno.law.countries import pack
from okno.law.penalty import Arrear, Paid, PenaltyQuestion
from okno.ledger.kernel.columns import day_number
from okno.ledger.kernel.costs import costs
from okno.ledger.kernel.penalties import Parts, Settled, Table, figures

COUNTRIES = ("ru", "kz", "ua")
FREE_TEXTS = {"contract_rate": ["", "0.01", "0.0037"]}
"""Settings that are typed, with what is typed here."""


def readings(country: str):
    """Any reading of the law but the roundings, which the columns leave to the single way."""
    chosen = {
        setting.name: st.sampled_from(list(setting.choices) or FREE_TEXTS[setting.name])
        for setting in pack(country).penalty.settings
        if setting.name != "rounding" and (setting.choices or setting.name in FREE_TEXTS)
    }
    return st.fixed_dictionaries({}, optional=chosen)


@st.composite
def arrears(draw, as_of: date):
    amount = draw(st.integers(1, 10**9))
    # Due days and paying days crowd about where something in the law begins or ends.
    due_on = as_of - timedelta(days=draw(st.one_of(st.sampled_from([1, 30, 31, 90, 91, 92]), st.integers(-5, 2500))))
    paid, left = [], amount
    for _ in range(draw(st.integers(0, 3))):
        on = due_on + timedelta(days=draw(st.one_of(st.sampled_from([0, 1, 30, 31, 90, 91]), st.integers(-40, 900))))
        minor = draw(st.integers(1, left))
        if on <= as_of:
            paid.append(Paid(on=on, amount_minor=minor))
            left -= minor
        if not left:
            break
    return Arrear(ref="1", due_on=due_on, amount_minor=amount, paid=tuple(paid))


days = st.one_of(
    st.dates(date(2012, 1, 1), date(2027, 6, 30)),
    st.sampled_from([date(2016, 1, 1), date(2020, 4, 6), date(2022, 10, 1), date(2023, 12, 30), date(2026, 12, 31)]),
)


@st.composite
def towns(draw):
    as_of = draw(days)
    return as_of, draw(st.lists(st.lists(arrears(as_of), max_size=4), min_size=1, max_size=4)), draw(days)


def in_bulk(law, regime: str, as_of: date, town, sealed_on: date, settings):
    """What the columns give: parts paid late by `sealed_on` are folded first, the rest comes as parts."""
    today = day_number(as_of)
    late, sealed, still = [], [], []
    for place, own in enumerate(town):
        for arrear in own:
            due, left = day_number(arrear.due_on), arrear.amount_minor
            for part in arrear.paid:
                left -= part.amount_minor
                if part.on > arrear.due_on:
                    (sealed if part.on <= sealed_on else late).append(
                        (place, due, day_number(part.on), part.amount_minor)
                    )
            if left and due < today:
                still.append((place, due, today, left))
    due_days = sorted({arrear.due_on for own in town for arrear in own if arrear.due_on < as_of})
    table = Table.of(law.coefficients(regime, due_days, as_of, settings=settings))
    columns = [Parts(*np.array(rows, np.int64).reshape(-1, 4).T) for rows in (still, late, sealed)]
    folded = costs(
        columns[2].group,
        columns[2].minor,
        table.numerator(columns[2].due, columns[2].value),
        denominator=table.denominator,
        groups=len(town),
    )
    found = figures(table, columns[:2], Settled(folded.whole, folded.rest))
    missing = found.missing | (folded.missing > 0)
    return [None if gone else minor for minor, gone in zip(found.minor.tolist(), missing.tolist(), strict=True)]


@pytest.mark.parametrize("country", COUNTRIES)
@given(town=towns(), choice=st.data())
def test_columns_say_what_the_law_explains(country, town, choice):
    as_of, accounts, sealed_on = town
    law = pack(country).penalty
    settings = choice.draw(readings(country))
    for regime in law.regimes:
        alone = [
            law.explain(
                PenaltyQuestion(
                    arrears=tuple(
                        Arrear(ref="1", due_on=row.due_on, amount_minor=row.amount_minor, paid=row.paid, regime=regime)
                        for row in own
                    ),
                    as_of=as_of,
                    settings=settings,
                )
            ).total_minor
            for own in accounts
        ]
        assert in_bulk(law, regime, as_of, accounts, sealed_on, settings) == alone
