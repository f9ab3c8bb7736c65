"""A million accounts are aged by the same rule as one."""

from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from okno.debts.ageing import Debt, debt_of, yardstick
from okno.ledger import ages
from okno.ledger.allocation import OpenBill
from okno.ledger.kernel.ageing import aged, grouped
from okno.ledger.kernel.columns import day_number, day_of

DAY = date(2026, 11, 18)
REGIMES = ("housing", "capital_repair", "target", "other")

# Most due days stand at the edges: of the ages, of the days allowed, of the limitation, of the calendar's beginning.
due_days = st.one_of(
    st.sampled_from([0, 1, 5, 6, 29, 30, 31, 32, 60, 61, 90, 91, 1095, 1096, 1097, 10_000]),
    st.integers(-40, 1500),
).map(lambda past: DAY - timedelta(days=past))
bills = st.builds(
    OpenBill,
    id=st.integers(1, 10**6),
    kind=st.sampled_from(["month", "penalty"]),
    regime=st.sampled_from(REGIMES),
    month=st.dates(date(1999, 1, 1), DAY).map(lambda day: day.replace(day=1)),
    due_on=due_days,
    open_minor=st.integers(1, 10**15),
)
towns = st.dictionaries(st.integers(1, 10**12), st.lists(bills, min_size=1, max_size=12), max_size=8)
laid = st.builds(
    yardstick,
    definition_id=st.just(1),
    country=st.sampled_from(["ru", "kz", "ua"]),
    day=st.just(DAY),
    regimes=st.lists(st.sampled_from(REGIMES), min_size=1, unique=True),
    days_allowed=st.sampled_from([0, 1, 5, 30]),
    least_minor=st.just(0),
)


@given(town=towns, by=laid, order=st.randoms(use_true_random=False))
def test_every_account_is_aged_as_if_it_were_alone(town, by, order):
    rows = [(account, bill) for account, owed in town.items() for bill in owed]
    order.shuffle(rows)
    rows = [(account, bill) for account, bill in rows if bill.regime in by.regimes and bill.due_on <= by.last_due_on]
    account, month, due, minor = (
        np.array(column, np.int64)
        for column in (
            [account for account, _ in rows],
            [day_number(bill.month) for _, bill in rows],
            [day_number(bill.due_on) for _, bill in rows],
            [bill.open_minor for _, bill in rows],
        )
    )
    placed, met, starts = grouped(account, month)
    found = aged(
        starts,
        month[placed],
        due[placed],
        minor[placed],
        day=day_number(DAY),
        barred_until=day_number(by.barred_until),
        last=np.array(ages.LAST),
    )
    debts = {
        account: Debt(account, *row[:7], day_of(row[7]) if row[6] else None, row[8])
        for account, row in zip(met.tolist(), np.array(found).T.tolist(), strict=True)
    }
    alone = {pk: debt_of(pk, owed, by) for pk, owed in town.items()}
    assert debts == {pk: debt for pk, debt in alone.items() if debt != Debt(pk)}
