"""A voice is given words only, and the words are the ones people say."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from okno.common.money import Currency
from okno.speech.spoken import Case, account_number, address, aloud, cardinal, day, money, reading
from okno.speech.spoken.days import Stands
from okno.speech.spoken.numerals import Language
from okno.speech.understanding import Expect, understand

TODAY = date(2026, 11, 18)
LANGUAGES = get_args(Language)
_TEXTS = yaml.safe_load(Path(__file__).with_name("aloud.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("language", "written", "said"),
    [(language, written, said) for language, texts in _TEXTS.items() for written, said in texts.items()],
)
def test_a_text_is_read_aloud_without_figures(language, written, said):
    assert aloud(written, language) == said


@pytest.mark.parametrize(
    ("language", "written", "said"),
    [
        ("ru", "ул. Ленина, 5А, кв. 12", "улица Ленина, дом пять а, квартира двенадцать"),
        ("ru", "пр-т Победы, д. 160/2", "проспект Победы, дом сто шестьдесят дробь два"),
        ("uk", "вул. Сумська, буд. 12-Б, кв. 3", "вулиця Сумська, будинок дванадцять б, квартира три"),
        ("kk", "Абай к., 12 үй, 5 п.", "Абай көшесі, он екінші үй, бесінші пәтер"),
        ("kk", "Абай к-сі, 5-үй, 12-пәтер", "Абай көшесі, бесінші үй, он екінші пәтер"),
        ("kk", "ул. Абая, 10А, кв. 12", "Абая көшесі, оныншы а үй, он екінші пәтер"),
        ("kk", "Абай даңғылы, 5/2, 12-пәтер", "Абай даңғылы, бес бөлшек екі, он екінші пәтер"),
    ],
)
def test_an_address_is_said_in_full_words(language, written, said):
    assert address(written, language) == said


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (Case.NOMINATIVE, "одна тысяча две копейки"),
        (Case.GENITIVE, "одной тысячи двух копеек"),
        (Case.ACCUSATIVE, "одну тысячу две копейки"),
    ],
)
def test_a_sum_agrees_with_its_sentence(case, said):
    assert money(100_002, Currency.RUB, "ru", case=case).replace(" рублей", "") == said


def test_a_number_to_write_down_is_said_in_threes():
    assert account_number("4000123", "ru") == "четыре ноль ноль, ноль один два, три"


@given(minor=st.integers(1, 10**9), language=st.sampled_from(LANGUAGES))
def test_a_sum_said_by_us_is_understood_by_us(minor, language):
    currency = {"ru": Currency.RUB, "uk": Currency.UAH, "kk": Currency.KZT}[language]
    assert understand(money(minor, currency, language), language, Expect.SUM, TODAY).value == minor


@given(whole=st.integers(0, 99_999), part=st.integers(0, 999), language=st.sampled_from(LANGUAGES))
def test_a_reading_said_by_us_is_understood_by_us(whole, part, language):
    value = Decimal(whole) + Decimal(part) / 1000
    assert understand(reading(value, language), language, Expect.READING, TODAY).value == value


@given(told=st.dates(TODAY, date(2027, 11, 17)), language=st.sampled_from(LANGUAGES), stands=st.sampled_from(Stands))
def test_a_day_said_by_us_is_understood_by_us(told, language, stands):
    assert understand(day(told, language, stands), language, Expect.DATE, TODAY).value == told


@given(number=st.text("0123456789", min_size=4, max_size=12), language=st.sampled_from(LANGUAGES))
def test_an_account_said_by_us_is_understood_by_us(number, language):
    assert understand(account_number(number, language), language, Expect.ACCOUNT, TODAY).value == number


@given(number=st.integers(0, 10), language=st.sampled_from(LANGUAGES))
def test_a_rating_said_by_us_is_understood_by_us(number, language):
    assert understand(cardinal(number, language), language, Expect.RATING, TODAY).value == number


@given(minor=st.integers(0, 10**11), currency=st.sampled_from(Currency), language=st.sampled_from(LANGUAGES))
def test_no_figure_is_left_in_a_sum(minor, currency, language):
    for case in Case:
        assert not any(sign.isdigit() for sign in money(minor, currency, language, case=case))
