"""What every country's pack promises to the rooms above."""

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okno.law.contact import FAMILIES, ContactHours
from okno.law.countries import UnknownCountry, pack

COUNTRIES = st.sampled_from(["ru", "kz", "ua"])
DAYS = st.dates(min_value=date(2022, 1, 1), max_value=date(2027, 12, 31))


def test_an_unknown_country_is_told() -> None:
    with pytest.raises(UnknownCountry, match="ru, kz, ua"):
        pack("by")


@pytest.mark.parametrize(("country", "currency"), [("ru", "RUB"), ("kz", "KZT"), ("ua", "UAH")])
def test_a_country_has_its_money_and_its_hours(country: str, currency: str) -> None:
    law = pack(country)
    assert law.currency == currency
    assert all(ZoneInfo(zone).key == zone for zone in law.time_zones)


@given(COUNTRIES, DAYS)
def test_every_day_has_hours_and_caps_that_call_themselves_policy(country: str, day: date) -> None:
    law = pack(country)
    hours = law.contact_hours(day)
    assert hours.value.basis == "policy"
    assert hours.rows[0].norm
    for family in FAMILIES:
        assert law.contact_caps(day, family).value.basis == "policy"


def test_the_opening_minute_is_allowed_and_the_closing_one_is_not() -> None:
    hours = ContactHours(opens=time(9), closes=time(20), basis="policy")
    assert hours.allow(time(9))
    assert hours.allow(time(19, 59, 59))
    assert not hours.allow(time(20))
    assert not hours.allow(time(8, 59, 59))
    assert not ContactHours(opens=None, closes=None, basis="policy").allow(time(12))


@given(COUNTRIES, st.dates(min_value=date(2020, 2, 1), max_value=date(2030, 12, 31)))
def test_a_debt_is_never_barred_on_the_day_it_is_due_and_the_end_is_the_edge(country: str, due_on: date) -> None:
    law = pack(country)
    assert not law.is_time_barred(due_on, due_on)
    last = law.limitation_ends(due_on).value
    if last is not None:
        assert not law.is_time_barred(due_on, last)
        assert law.is_time_barred(due_on, last + timedelta(days=1))


@given(st.dates(min_value=date(2012, 1, 1), max_value=date(2030, 12, 31)))
def test_a_later_ukrainian_debt_is_never_barred_earlier(due_on: date) -> None:
    law = pack("ua")
    ends = [law.limitation_ends(day).value for day in (due_on, due_on + timedelta(days=1))]
    assert ends[0] is not None
    assert ends[1] is not None
    assert ends[0] <= ends[1]


def test_the_penalty_of_a_ukrainian_debt_has_one_year() -> None:
    from okno.law.ua.limitation import PENALTY_RULES

    assert PENALTY_RULES.ends(date(2025, 9, 20)).value == date(2026, 9, 20)


@pytest.mark.parametrize(("due_month", "day"), [(date(2026, 2, 28), 1), (date(2026, 3, 1), 5)])
def test_a_russian_bill_is_delivered_by_the_first_and_since_the_reform_by_the_fifth(due_month: date, day: int) -> None:
    delivery = pack("ru").bill_delivery
    assert delivery is not None
    assert delivery.at(due_month).value == day


@pytest.mark.parametrize("country", ["kz", "ua"])
def test_no_day_of_delivery_is_invented_where_the_law_names_none(country: str) -> None:
    assert pack(country).bill_delivery is None
