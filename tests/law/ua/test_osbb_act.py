"""A real act of debt of a Ukrainian association, 44 months of 67.08 m² (UA-2), to all its digits; and sums of courts.

It is a check of arithmetic: the act counts days that ordinance 206 bans, so the debtor is told to be no population.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest

from okno.common.days import add_months, month_range
from okno.common.money import parse_minor
from okno.law.countries import pack
from okno.law.penalty import PenaltyQuestion, PenaltyResult
from okno.law.penalty_bills import Billed, Payment, Settled, settle

FIRST, LAST = date(2021, 11, 1), date(2025, 6, 1)
PAID: Mapping[str, str] = {
    "2022-10": "500",
    "2023-01": "352.17",
    "2023-05": "2000",
    "2023-06": "1000",
    "2023-07": "1000",
    "2024-02": "500",
    "2024-07": "500",
    "2024-09": "500",
    "2024-12": "1000",
    "2025-01": "1000",
    "2025-04": "420",
    "2025-06": "500",
}


def _charge(month: date) -> int:
    tariff = Decimal("5.25") if month < date(2024, 7, 1) else Decimal("6.25")
    return parse_minor((Decimal("67.08") * tariff).quantize(Decimal("0.01"), ROUND_HALF_UP))


def _act(last: date) -> Settled:
    """The act through a month: what is charged or paid in a month counts from its first day, as the act has it."""
    months = list(month_range(FIRST, last))
    eve = {month: month - timedelta(days=1) for month in months}
    bills = [Billed(amount_minor=parse_minor("352.17"), due_on=eve[FIRST])]
    bills += [Billed(amount_minor=_charge(month), due_on=eve[month]) for month in months]
    payments = [
        Payment(amount_minor=parse_minor(PAID[f"{month:%Y-%m}"]), on=eve[month])
        for month in months
        if f"{month:%Y-%m}" in PAID
    ]
    return settle(bills, payments, "housing", pack("ua").limitation)


def _asked(last: date, **settings: str) -> PenaltyResult:
    question = PenaltyQuestion(
        arrears=_act(last).arrears,
        as_of=add_months(last, 1) - timedelta(days=1),
        settings={"debtor": "other", "claim_625": "yes", **settings},
    )
    return pack("ua").penalty.explain(question)


def _hryvnias(result: PenaltyResult, line: str) -> float:
    exact = next(told.exact for told in result.lines if told.line == line)
    assert exact is not None
    return float(exact / 100)


def test_a_month_is_charged_by_area_and_tariff() -> None:
    assert _charge(FIRST) == parse_minor("352.17")
    assert _charge(LAST) == parse_minor("419.25")


def test_charged_paid_and_left() -> None:
    act = _act(LAST)
    paid = sum(one.amount_minor for arrear in act.arrears for one in arrear.paid)
    charged = sum(arrear.amount_minor for arrear in act.arrears)
    assert (charged - parse_minor("352.17"), paid) == (parse_minor("16300.44"), parse_minor("9272.17"))
    assert (charged - paid, act.advance_minor) == (parse_minor("7380.44"), 0)
    assert (add_months(LAST, 1) - FIRST).days == 1338


def test_three_per_cent_a_year() -> None:
    assert _hryvnias(_asked(LAST), "three_percent") == pytest.approx(516.9665973905232, abs=1e-12)


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (date(2021, 11, 1), 1.7367287671232876),
        (date(2021, 12, 1), 1.7367287671232876 + 2.691929589041096),
    ],
)
def test_three_per_cent_of_the_first_months(last: date, expected: float) -> None:
    assert _hryvnias(_asked(last), "three_percent") == pytest.approx(expected, abs=1e-12)


def test_three_per_cent_of_a_leap_month() -> None:
    january, before = _asked(date(2024, 1, 1)), _asked(date(2023, 12, 1))
    grown = _hryvnias(january, "three_percent") - _hryvnias(before, "three_percent")
    assert grown == pytest.approx(12.726745081967213, abs=1e-11)


def test_inflation_of_the_balance() -> None:
    result = _asked(LAST, inflation="balance")
    assert _hryvnias(result, "inflation") == pytest.approx(4395.853893921326, abs=1e-11)
    (risen,) = {row.rate + 1 for row in result.rows if row.line == "inflation"}
    assert float(risen) == pytest.approx(1.5956086485251997, abs=1e-15)
    body = 7380.44
    together = body + _hryvnias(result, "three_percent") + _hryvnias(result, "inflation")
    assert together == pytest.approx(12293.26049131185, abs=1e-10)


def test_inflation_of_the_second_month() -> None:
    result = _asked(date(2021, 12, 1), inflation="balance")
    assert _hryvnias(result, "inflation") == pytest.approx(6.33906, abs=1e-12)
    assert sum(row.base_minor for row in result.rows if row.line == "inflation") == parse_minor("1056.51")


def test_inflation_by_lots() -> None:
    assert _hryvnias(_asked(LAST), "inflation") == pytest.approx(744.9697244172174, abs=1e-11)


@pytest.mark.parametrize(
    ("parts", "together"),
    [
        (("7569.66", "325.92", "1316.30"), "9211.88"),
        (("90531.68", "37707.89", "9733.22"), "137972.79"),
    ],
)
def test_what_courts_summed_up_sums_up(parts: tuple[str, ...], together: str) -> None:
    """UA-9: debt, inflation and 3 % of two claims."""
    assert sum(parse_minor(part) for part in parts) == parse_minor(together)
