"""Which bill a payment pays."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from okno.law.countries import pack
from okno.ledger.allocation import FreeMoney, OpenBill, allocate
from okno.ledger.limitation import barred_until, is_barred


def never(due_on: date, day: date) -> bool:
    return False


def housing(pk: int, month: int, minor: int, *, kind: str = "month", regime: str = "housing") -> OpenBill:
    return OpenBill(pk, kind, regime, date(2026, month, 1), date(2026, month + 1, 10), minor)


def money(pk: int, minor: int, *, day: int = 1, stated: int | None = None, regime: str = "") -> FreeMoney:
    return FreeMoney(pk, date(2026, 11, day), minor, date(2026, stated, 1) if stated else None, regime)


def spread(bills, payments, barred=never) -> list[tuple[int, int, int]]:
    return [(share.payment_id, share.bill_id, share.amount_minor) for share in allocate(bills, payments, barred)]


def test_the_month_the_payer_named_comes_first():
    assert spread([housing(1, 1, 100), housing(2, 3, 100)], [money(7, 150, stated=3)]) == [(7, 2, 100), (7, 1, 50)]


def test_without_a_month_the_oldest_bill_is_paid_first():
    assert spread([housing(2, 3, 100), housing(1, 1, 100)], [money(7, 150)]) == [(7, 1, 100), (7, 2, 50)]


def test_principal_is_paid_before_an_older_penalty():
    bills = [housing(1, 1, 100, kind="penalty"), housing(2, 3, 100)]
    assert spread(bills, [money(7, 150)]) == [(7, 2, 100), (7, 1, 50)]


def test_what_is_left_stays_free():
    left = money(7, 150)
    assert spread([housing(1, 1, 100)], [left]) == [(7, 1, 100)]
    assert left.free_minor == 50


def test_a_purse_pays_only_its_own_regime():
    bills = [housing(1, 1, 100), housing(2, 1, 100, regime="capital_repair")]
    assert spread(bills, [money(7, 150, regime="capital_repair")]) == [(7, 2, 100)]


def test_a_time_barred_month_gets_no_unaddressed_money():
    old = OpenBill(1, "month", "housing", date(2022, 1, 1), date(2022, 2, 10), 100)
    assert spread([old, housing(2, 1, 100)], [money(7, 300)], lambda due, day: due.year == 2022) == [(7, 2, 100)]


def test_a_time_barred_month_is_paid_when_the_payer_names_it():
    old = OpenBill(1, "month", "housing", date(2022, 1, 1), date(2022, 2, 10), 100)
    named = FreeMoney(7, date(2026, 11, 1), 100, date(2022, 1, 1))
    assert spread([old, housing(2, 1, 100)], [named], lambda due, day: due.year == 2022) == [(7, 1, 100)]


def test_money_of_one_day_goes_as_it_was_posted_even_beside_a_penalty():
    """The first pays what the second names: posted alone it would have done so before the second came."""
    bills = [housing(1, 1, 1), housing(2, 1, 1, kind="penalty")]
    first, second = FreeMoney(1, date(2026, 1, 1), 2), FreeMoney(2, date(2026, 1, 1), 1, date(2026, 1, 1))
    assert spread(bills, [first, second]) == [(1, 1, 1), (1, 2, 1)]


BILLS = st.lists(
    st.builds(
        OpenBill,
        id=st.integers(1, 10**6),
        kind=st.sampled_from(["month", "opening", "recalculation", "penalty"]),
        regime=st.sampled_from(["housing", "capital_repair"]),
        month=st.integers(1, 9).map(lambda number: date(2026, number, 1)),
        due_on=st.integers(2, 10).map(lambda number: date(2026, number, 10)),
        open_minor=st.integers(0, 500),
    ),
    max_size=6,
    unique_by=lambda bill: bill.id,
)
MONEY = st.lists(
    st.builds(
        FreeMoney,
        id=st.integers(1, 10**6),
        value_on=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
        free_minor=st.integers(0, 900),
        stated_month=st.none() | st.integers(1, 9).map(lambda number: date(2026, number, 1)),
        regime=st.sampled_from(["", "housing", "capital_repair"]),
    ),
    max_size=5,
    unique_by=lambda payment: payment.id,
)


def copy(rows):
    return [type(row)(**{name: getattr(row, name) for name in row.__slots__}) for row in rows]


@given(BILLS, MONEY)
def test_a_kopeck_is_neither_made_nor_lost(bills, payments):
    before = sum(bill.open_minor for bill in bills), sum(row.free_minor for row in payments)
    moved = sum(share.amount_minor for share in allocate(bills, payments, never))
    after = sum(bill.open_minor for bill in bills), sum(row.free_minor for row in payments)
    assert (before[0] - moved, before[1] - moved) == after
    assert all(bill.open_minor >= 0 for bill in bills)
    assert all(row.free_minor >= 0 for row in payments)


@given(BILLS, MONEY)
def test_a_list_of_payments_is_the_same_as_one_after_another(bills, payments):
    together = copy(bills), copy(payments)
    allocate(*together, never)
    one_by_one = copy(bills), copy(payments)
    for row in sorted(one_by_one[1], key=lambda row: (row.value_on, row.id)):
        allocate(one_by_one[0], [row], never)
    assert together == one_by_one


@given(BILLS, MONEY)
def test_nothing_is_left_free_that_could_pay_something(bills, payments):
    allocate(bills, payments, never)
    for row in payments:
        for bill in bills:
            assert not (row.free_minor and bill.open_minor and row.regime in ("", bill.regime))


@given(
    st.sampled_from(["ru", "kz", "ua"]),
    st.dates(date(2006, 1, 1), date(2030, 12, 31)),
    st.dates(date(2010, 1, 1), date(2030, 12, 31)),
)
def test_the_bound_of_limitation_answers_as_the_law_does(country, due_on, day):
    assert is_barred(country, due_on, day) == pack(country).is_time_barred(due_on, day)


def test_the_bound_moves_by_a_day():
    assert barred_until("ru", date(2026, 3, 16)) == date(2023, 3, 15)
    assert barred_until("ru", date(2026, 3, 17)) == date(2023, 3, 16)


def test_no_limitation_bars_a_bill_in_kazakhstan():
    assert barred_until("kz", date(2026, 3, 16)) is None


def test_the_order_is_the_one_the_law_sheets_tell():
    for country in ("ru", "kz", "ua"):
        order = pack(country).allocation_order(date(2026, 11, 1)).value
        assert order.steps[0] == "stated_period"
        assert order.steps[-1] == "advance"
        assert order.principal_before_penalty
