"""The words of the paper are there in every language, and the font has their letters."""

import re
from datetime import date

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from okno.common.money import Currency, format_minor
from okno.exchange.paper import presser
from okno.exchange.paper.layout import CURRENCY
from okno.exchange.paper.wording import _FOLDER, figure, wording
from okno.ledger.services import DEFAULTS

COUNTRIES = ("ru", "kz", "ua")
#: Letters that a font of Russian alone lacks, and the signs of money.
RARE = "ӘҒҚҢӨҰҮҺІәғқңөұүһіҐЄЇґєї₽₸₴№«»—²"


def test_every_country_says_the_same_things():
    keys = {country: set(wording(country).words) for country in COUNTRIES}
    assert keys["ru"] == keys["kz"] == keys["ua"]


@pytest.mark.parametrize("country", COUNTRIES)
def test_no_word_is_missing_in_any_language_and_places_agree(country):
    document = yaml.safe_load((_FOLDER / f"{country}.yaml").read_text("utf-8"))
    for key, told in document["words"].items():
        texts = [told[language] for language in document["languages"]] if isinstance(told, dict) else [told]
        assert all(str(text).strip() for text in texts), key
        assert len({tuple(sorted(re.findall(r"{(\w+)}", str(text)))) for text in texts}) == 1, key


def test_the_state_language_of_kazakhstan_stands_first():
    assert wording("kz").languages == ("kk", "ru")
    assert wording("kz").for_month("bill_title", date(2026, 10, 1))[0] == "2026 жылғы қазан айының шоты"


def test_services_of_kazakhstan_stand_in_both_languages_until_somebody_names_them():
    words = wording("kz")
    assert words.service("heating", "Отопление") == "Жылыту / Отопление"
    assert words.service("heating", "Жылу және желдету") == "Жылу және желдету"
    assert wording("ru").service("heating", "Отопление") == "Отопление"


def test_each_service_an_organisation_of_kazakhstan_begins_with_has_a_kazakh_name():
    begun = {service.code: service.names["kz"] for service in DEFAULTS if "kz" in service.names}
    assert {code: texts[1] for code, texts in wording("kz").services.items()} == begun


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_a_sum_is_written_as_the_desk_writes_it(minor):
    desk = format_minor(minor, Currency.RUB, "ru").removesuffix("\u00a0₽").replace("-", "−")
    assert figure(minor) == desk


@pytest.mark.parametrize("name", ["GolosText-Regular.ttf", "GolosText-Medium.ttf", "GolosText-Bold.ttf"])
def test_the_vendored_font_has_every_letter_and_sign(name):
    cmap = _letters((presser.FOLDER / "fonts" / name).read_bytes())
    assert [letter for letter in RARE if ord(letter) not in cmap] == []


def _letters(font: bytes) -> set[int]:
    """The characters of a TrueType font: its cmap table of format 4 or 12."""
    tables = {
        font[at : at + 4]: int.from_bytes(font[at + 8 : at + 12])
        for at in range(12, 12 + 16 * int.from_bytes(font[4:6]), 16)
    }
    cmap = tables[b"cmap"]
    found: set[int] = set()
    for record in range(int.from_bytes(font[cmap + 2 : cmap + 4])):
        at = cmap + int.from_bytes(font[cmap + 8 + 8 * record : cmap + 12 + 8 * record])
        if int.from_bytes(font[at : at + 2]) == 4:
            count = int.from_bytes(font[at + 6 : at + 8]) // 2
            ends, starts = at + 14, at + 16 + 2 * count
            for one in range(count):
                first = int.from_bytes(font[starts + 2 * one : starts + 2 * one + 2])
                last = int.from_bytes(font[ends + 2 * one : ends + 2 * one + 2])
                found |= set(range(first, last + 1))
    return found


@pytest.mark.parametrize("country", COUNTRIES)
def test_the_sign_of_the_currency_is_the_country_s(country):
    assert CURRENCY[country].sign == {"ru": "₽", "kz": "₸", "ua": "₴"}[country]
