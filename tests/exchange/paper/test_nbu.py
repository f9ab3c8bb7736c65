"""The payment code of Ukraine is that of the National Bank's rules."""

from base64 import urlsafe_b64decode
from dataclasses import replace

import pytest

from okno.exchange.paper.codes import UnfitForCode
from okno.exchange.paper.codes.nbu import NbuCode

#: The rules' own example of a utility payment (format 003), as an open implementation took it from the document.
GAS = NbuCode(
    name="ТОВ «ГК«Нафтогаз України»",
    iban="UA201234560000000260323012042",
    code="40121452",
    purpose="?TickNo=”YA1267”&Addr=”вулиця Лугова, буд. 911,Микитинцi”",
    amount_minor=299_839,
    reference="AA15678-679",
)
WATER = NbuCode(
    name="ПрАТ АК “Водопостачання”",
    iban="UA783226690000026005012107132",
    code="40723825",
    purpose="Оплата за червень 2019, вул. Свободи 1, кв. 24, Петренко С. І. Показання лічильника 23578,3",
    amount_minor=57_645,
    format="001",
)


def lines(payload: bytes, link: str, encoding: str = "cp1251") -> list[str]:
    assert payload.decode("ascii").startswith(link)
    coded = payload[len(link) :]
    return urlsafe_b64decode(coded + b"=" * (-len(coded) % 4)).decode(encoding).split("\n")


def test_the_newest_format_has_the_lines_of_the_rules_example_but_for_the_reserved_one():
    assert lines(GAS.payload(), "https://qr.bank.gov.ua/") == [
        "BCD",
        "003",
        "2",
        "UCT",
        "",
        "ТОВ «ГК«Нафтогаз України»",
        "UA201234560000000260323012042",
        "UAH2998.39",
        "40121452",
        "SUPP/SUPP",
        "AA15678-679",
        "?TickNo=”YA1267”&Addr=”вулиця Лугова, буд. 911,Микитинцi”",
        "",
        "FEFF",
        "",
        "",
        "",
    ]


def test_the_link_bears_no_padding():
    assert b"=" not in GAS.payload()


def test_the_second_format_has_its_own_link_and_thirteen_lines():
    told = lines(replace(WATER, format="002").payload(), "https://bank.gov.ua/qr/")
    assert told[:5] == ["BCD", "002", "2", "UCT", ""]
    assert told[5:] == [WATER.name, WATER.iban, "UAH576.45", "40723825", "", "", WATER.purpose, ""]


def test_the_first_format_is_the_lines_themselves():
    told = WATER.payload().decode("utf-8").split("\n")
    assert told[:4] == ["BCD", "001", "1", "UCT"]
    assert len(told) == 13


@pytest.mark.parametrize(("minor", "written"), [(15_000, "UAH150"), (15_050, "UAH150.50"), (1, "UAH0.01")])
def test_kopecks_are_two_digits_or_left_out(minor, written):
    assert lines(replace(GAS, amount_minor=minor).payload(), "https://qr.bank.gov.ua/")[7] == written


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"iban": "UA20123456000000026032301204"}, "Рахунок отримувача"),
        ({"name": ""}, "Отримувач"),
        ({"name": "Н" * 141}, "Отримувач"),
        ({"code": "12345678901"}, "Код отримувача"),
        ({"purpose": "П" * 421}, "Призначення платежу"),
        ({"purpose": "П" * 400}, "Призначення платежу"),
        ({"purpose": "одна\nдругий рядок"}, "Призначення платежу"),
        ({"reference": "рахунок"}, "Reference"),
        ({"amount_minor": 100_000_000_000}, "Сума"),
        ({"name": "ОСИ «Әсел»"}, "Призначення платежу"),
    ],
)
def test_what_does_not_fit_is_refused_by_the_name_of_the_line(changes, field):
    with pytest.raises(UnfitForCode) as refusal:
        replace(GAS, **changes).payload()
    assert refusal.value.field == field
