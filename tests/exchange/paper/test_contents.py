"""A page whose parts do not make its sum is never made."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okno.exchange.paper.contents import DoesNotFoot, PrintedStatement, StatementRow, split
from tests.exchange.paper import samples


def test_a_bill_whose_parts_do_not_make_the_sum_is_refused():
    told = samples.russian()
    with pytest.raises(DoesNotFoot):
        replace(told, parts=(replace(told.parts[0], minor=told.parts[0].minor + 1),))


def test_a_statement_whose_rows_do_not_lead_from_opening_to_closing_is_refused():
    bill = samples.russian()
    common = {"country": "ru", "since": samples.OCTOBER, "until": samples.ISSUED, "issued_on": samples.ISSUED}
    row = StatementRow(on=samples.OCTOBER, kind="bill", month=samples.OCTOBER, text="", asked_minor=100)
    more = {**common, "executor": bill.executor, "flat": bill.flat, "rows": (row,), "opening_minor": 50}
    assert PrintedStatement(**more, closing_minor=150).asked_minor == 100
    with pytest.raises(DoesNotFoot):
        PrintedStatement(**more, closing_minor=151)


def test_nothing_is_to_be_paid_of_an_advance():
    told = samples.russian(opening_minor=-10_000_000, received=())
    assert told.closing_minor < 0
    assert (told.to_pay_minor, told.parts) == (0, ())


SUMS = st.integers(min_value=0, max_value=10**9)


@given(st.lists(SUMS, min_size=1, max_size=4), st.integers(min_value=-(10**9), max_value=10**9))
def test_the_parts_of_the_payees_sum_up_to_what_is_owed(open_by_payee, advance):
    closing = sum(open_by_payee) - advance
    parts = split(closing, open_by_payee)
    assert sum(parts) == max(0, closing)
    assert all(part >= 0 for part in parts)


@given(st.lists(SUMS, min_size=1, max_size=4))
def test_without_an_advance_each_payee_is_owed_what_is_open_for_it(open_by_payee):
    assert split(sum(open_by_payee), open_by_payee) == open_by_payee
