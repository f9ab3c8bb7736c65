"""Two spellings of one house meet; two houses never do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okno.common.addresses import Address, match_key, parse, search_tokens, short

SPELLINGS = [
    ("г Арамиль, ул Гарнизон, д 19Б", Address("Арамиль", "Гарнизон", "ул", "19Б")),
    (" г Арамиль, ул Гарнизон, д 19Б", Address("Арамиль", "Гарнизон", "ул", "19Б")),
    ("г. Ижевск, ул. Ленина, д. 19б, кв. 12", Address("Ижевск", "Ленина", "ул", "19Б", "", "12")),
    ("Ижевск г, Ленина ул, д. 5, корп. 2, кв. 12", Address("Ижевск", "Ленина", "ул", "5", "к2", "12")),
    ("426000, Удмуртская Респ, г Ижевск, ул Мира, д 268 к 1", Address("Ижевск", "Мира", "ул", "268", "к1")),
    ("Московская обл, г Химки, ул Мира, 7 с 2", Address("Химки", "Мира", "ул", "7", "стр2")),
    ("Ижевск ул Ленина 5", Address("Ижевск", "Ленина", "ул", "5")),
    ("УЛ.ЛЕНИНА, Д.5", Address("", "Ленина", "ул", "5")),
    ("ул.Ленина д.123/2 кв5", Address("", "Ленина", "ул", "123/2", "", "5")),
    ("пр-кт Мира 10-25", Address("", "Мира", "пр-кт", "10", "", "25")),
    ("Ленина ул., 5к2-12", Address("", "Ленина", "ул", "5", "к2", "12")),
    ("Ленина, 5, 12", Address("", "Ленина", "", "5", "", "12")),
    ("Ленина 5 2 12", Address("", "Ленина", "", "5", "к2", "12")),
    ("ул Ленина, 5 а, кв 3", Address("", "Ленина", "ул", "5А", "", "3")),
    ("Красноармейская, 19A", Address("", "Красноармейская", "", "19А")),
    ("мкр Самал-2, д. 33, кв 5", Address("", "Самал-2", "мкр", "33", "", "5")),
    ("мкр 5, д 12", Address("", "5", "мкр", "12")),
    ("5 мкр, 12", Address("", "5", "мкр", "12")),
    ("ул. 8 Марта, 15", Address("", "8 Марта", "ул", "15")),
    ("ул 50 лет Октября 12", Address("", "50 лет Октября", "ул", "12")),
    ("г Приречный, ул Набережная, д 4", Address("Приречный", "Набережная", "ул", "4")),
    ("Набережная ул, 5, кв 3", Address("", "Набережная", "ул", "5", "", "3")),
    ("г Приречный, Набережная, д 4", Address("Приречный", "Набережная", "", "4")),
    ("ул. Площадь Победы, д. 1", Address("", "Площадь Победы", "ул", "1")),
    ("2-я Садовая, 4", Address("", "2-я Садовая", "", "4")),
    ("мкр Северный, ул Садовая, д 5", Address("", "Садовая (мкр Северный)", "ул", "5")),
    ("д Старые Кены, ул Мира, д 3", Address("Старые Кены", "Мира", "ул", "3")),
    ("г Ижевск ул Ленина д 5 кв 12 под 2 эт 3", Address("Ижевск", "Ленина", "ул", "5", "", "12")),
    ("ул Ленина, д 5, лит А, оф 3", Address("", "Ленина", "ул", "5", "литА", "оф 3")),
    ("ул Ленина, д 5, кв 12, комн 2", Address("", "Ленина", "ул", "5", "", "12 комн 2")),
    ("Алматы қ., Абай көш., 10 үй, 5 пәтер", Address("Алматы", "Абай", "көш", "10", "", "5")),
    ("Абай даңғ. 10, 5-пәтер", Address("", "Абай", "даңғ", "10", "", "5")),
    ("м. Харків, вул. Сумська, буд. 10, кв. 5", Address("Харків", "Сумська", "вул", "10", "", "5")),
    ("просп. Науки, 14-а", Address("", "Науки", "пр-кт", "14А")),
]


@pytest.mark.parametrize(("text", "address"), SPELLINGS)
def test_an_address_is_read_as_people_write_it(text: str, address: Address) -> None:
    assert parse(text) == address


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("г Ижевск, ул Ленина, д 5", "Ижевск г, ЛЕНИНА УЛ., Д.5"),
        ("г Ижевск, ул Ленина, д 19Б, кв 12", "Ижевск, Ленина, 19 б, 12"),
        ("ул Орлёнка, 5", "ул. Орленка, д. 5"),
        ("ул 2-я Садовая, 4", "Садовая 2-я ул., 4"),
        ("вул. Сумська, буд. 10", "Сумська вул., 10"),
        ("Абай көш., 10 үй", "көш Абай, 10"),
        ("ул Мира 10-25", "ул Мира, д 10, кв 25"),
        ("Красноармейская, 19A", "Красноармейская, 19А"),
    ],
)
def test_two_spellings_of_one_place_meet(one: str, other: str) -> None:
    assert match_key(parse(one)) == match_key(parse(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ул Ленина, 5", "пр-кт Ленина, 5"),
        ("ул Ленина, 12/3", "ул Ленина, 123"),
        ("ул Ленина, 5, кв 12", "ул Ленина, 51, кв 2"),
        ("ул Ленина, 5 к 1", "ул Ленина, 51"),
        ("ул Ленина, 5, кв 1-2", "ул Ленина, 5, кв 12"),
        ("ул Ленина, 5, кв 3", "ул Ленина, 5, оф 3"),
        ("мкр Северный, ул Садовая, 5", "мкр Южный, ул Садовая, 5"),
        ("г Ижевск, ул Мира, 5", "г Воткинск, ул Мира, 5"),
        ("ул Ленина, 5А", "ул Ленина, 5Б"),
    ],
)
def test_two_places_never_meet(one: str, other: str) -> None:
    assert match_key(parse(one)) != match_key(parse(other))


def test_a_city_can_stand_in_when_the_address_names_none() -> None:
    assert match_key(parse("ул Ленина, 5"), city="Ижевск") == match_key(parse("г Ижевск, ул Ленина, 5"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("г Ижевск, ул Ленина, д 5, корп 2, кв 12", "ул. Ленина, 5 к2, кв. 12"),
        ("пр-кт Мира 10-25", "пр-кт Мира, 10, кв. 25"),
        ("Алматы қ., Абай көш., 10 үй, 5 пәтер", "Абай көш., 10, 5-пәтер"),
        ("вул. Сумська, буд. 10, кв. 5", "вул. Сумська, 10, кв. 5"),
        ("ул Ленина, д 5, оф 3", "ул. Ленина, 5, оф 3"),
    ],
)
def test_a_short_address_is_one_line_without_the_city(text: str, shown: str) -> None:
    assert short(parse(text)) == shown


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("лен 5 12", ("лен", "5", "12")),
        ("ул. Лен д 5 кв 12", ("лен", "5", "12")),
        ("лен 5к2-12", ("лен", "5", "2", "12")),
        ("ленина 19 б", ("ленина", "19б")),
        ("Әл-Фараби 5", ("ал фараби", "5")),
        ("с", ("с",)),
        ("", ()),
    ],
)
def test_a_dispatchers_shorthand_becomes_tokens(text: str, tokens: tuple[str, ...]) -> None:
    assert search_tokens(text) == tokens


STREETS = st.sampled_from(["Ленина", "8 Марта", "40 лет Победы", "Карла Маркса", "Мира", "Сумська", "Абай"])
KINDS = st.sampled_from(["ул", "пр-кт", "пер", "б-р", "вул"])
HOUSES = st.from_regex(r"[1-9][0-9]{0,2}[А-В]?(/[1-9])?", fullmatch=True)
BLOCKS = st.sampled_from(["", "к1", "стр2", "к3 стр1"])
FLATS = st.from_regex(r"([1-9][0-9]{0,2}[А-В]?)?", fullmatch=True)


@given(STREETS, KINDS, HOUSES, BLOCKS, FLATS)
def test_a_short_address_reads_back(street: str, kind: str, house: str, block: str, flat: str) -> None:
    address = Address("", street, kind, house, block, flat)
    assert parse(short(address)) == address


@given(STREETS, KINDS, HOUSES, FLATS)
def test_order_case_and_dots_do_not_change_the_key(street: str, kind: str, house: str, flat: str) -> None:
    plain = f"г Ижевск, {kind} {street}, д {house}" + (f", кв {flat}" if flat else "")
    dressed = f"Ижевск г., {kind.upper()}. {street.upper()}, Д.{house.lower()}" + (f", КВ.{flat}" if flat else "")
    assert match_key(parse(plain)) == match_key(parse(dressed))


@given(st.text(max_size=60))
def test_any_text_is_read_somehow(text: str) -> None:
    address = parse(text)
    assert match_key(address).count("|") == 5
    short(address)
    search_tokens(text)
