"""Sums, days, keys and drawings read as people read them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from okno.access.actor import Actor, acting
from okno.common.money import Currency
from okno.web.parts import charts, keys, standing, words
from okno.web.parts.charts import MonthPaid


@pytest.fixture(autouse=True)
def russian():
    with translation.override("ru"):
        yield


def test_a_debt_is_told_by_a_word_and_without_a_minus() -> None:
    shown = words.money_html(1_234_560, of=Currency.RUB, balance=True)
    assert "долг" in shown
    assert "<b>12\u00a0345</b>" in shown
    assert ",60&nbsp;₽" in shown


def test_an_overpayment_is_told_by_a_word_and_without_a_minus() -> None:
    shown = words.money_html(-50_000, of=Currency.KZT, balance=True)
    assert "переплата" in shown
    assert "−" not in shown
    assert "-" not in shown.replace("data-sign", "")


def test_a_plain_negative_sum_keeps_its_sign() -> None:
    assert "−100" in words.money_html(-10_000, of=Currency.UAH)


def test_no_debt_is_said_in_words() -> None:
    assert "долга нет" in words.money_html(0, of=Currency.RUB, balance=True)


def test_a_sum_outside_an_organisation_needs_its_currency() -> None:
    with pytest.raises(words.NoCurrency):
        words.money_text(100)


def test_a_sum_takes_the_currency_of_who_acts(organisation) -> None:
    with acting(Actor(organisation=organisation, user=None, membership=None, name=""), source="test"):
        assert words.money_text(100).endswith("₽")


def test_days_near_today_have_names(noon) -> None:
    today = date(2026, 11, 18)
    told = [words.day_text(today + timedelta(days=shift), "words") for shift in (-1, 0, 1, 3)]
    assert told == ["вчера", "сегодня", "завтра", "21 нояб."]


def test_a_moment_is_told_in_the_time_zone_of_the_organisation(noon) -> None:
    assert words.moment_text(datetime(2026, 11, 18, 7, 41, tzinfo=UTC)) == "сегодня, 10:41"


@pytest.mark.parametrize(
    ("style", "told"), [("short", "12.11.2026"), ("long", "12 ноября 2026\u202fг.")], ids=["short", "long"]
)
def test_a_day_is_written_in_two_styles(style: str, told: str) -> None:
    assert words.day_text(date(2026, 11, 12), style) == told


@pytest.mark.parametrize(
    ("combination", "label", "aria"),
    [
        ("KeyN", "N", "N"),
        ("Ctrl+Enter", "Ctrl+Enter", "Control+Enter"),
        ("KeyG KeyZ", "G Z", ""),
        ("Digit1", "1", "1"),
        ("Slash", "/", "/"),
    ],
)
def test_keys_are_named_by_what_is_written_on_them(combination: str, label: str, aria: str) -> None:
    assert keys.label(combination) == label
    assert keys.aria(combination) == aria


def test_a_trend_is_told_in_words_too() -> None:
    drawn = charts.sparkline([3, 5, 4])
    assert "<title>от 3 до 4</title>" in drawn
    assert charts.sparkline([1]) == ""


def test_a_flat_trend_is_drawn() -> None:
    assert "polyline" in charts.sparkline([7, 7, 7])


def test_debt_by_age_says_every_part() -> None:
    drawn = charts.ageing_bar([100, 200, 300, 400], currency="RUB")
    assert drawn.count("c-age4") == 2
    assert "больше 90: 4,00\u00a0₽" in drawn


def test_an_empty_debt_draws_no_nonsense() -> None:
    assert "nan" not in charts.ageing_bar([0, 0, 0, 0], currency="RUB").lower()


def test_payments_of_three_years_have_a_square_a_month() -> None:
    months = [MonthPaid(date(2024 + number // 12, number % 12 + 1, 1), "paid") for number in range(36)]
    drawn = charts.payment_strip(months)
    assert drawn.count("<rect") == 36
    assert "оплачен вовремя: 36" in drawn


@pytest.mark.parametrize("part", [-1, 0, 0.5, 1, 7])
def test_a_share_stays_inside_its_bar(part: float) -> None:
    assert 'width="' in charts.share_bar(part, "доля", width=96)
    assert 'width="672"' not in charts.share_bar(part, "доля", width=96)


def test_a_sentence_that_ends_with_a_day_ends_with_one_stop():
    for language in ("ru", "uk", "kk", "en"):
        with translation.override(language):
            assert not standing._day(date(2026, 11, 20)).endswith(".")
