"""A row becomes a record, or every reason why not is told at once."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okno.common.money import plain_minor
from okno.exchange.formats.fields import convert, converter
from okno.exchange.formats.headers import Columns, recognise
from okno.exchange.formats.records import (
    AccountRecord,
    ConsentRecord,
    HouseRecord,
    MeterRecord,
    PersonRecord,
    Problem,
    TurnoverRecord,
    TurnoverTotals,
)
from okno.exchange.formats.sniff import sniff
from okno.exchange.formats.tables import Cell, Row, read_table
from okno.exchange.formats.turnover import TurnoverSums

from . import making

TURNOVER: dict[str, Cell] = {
    "number": "0012", "address": "ул. Лесная, д. 5", "flat": "7", "name": "Иванов Иван", "opening": "1 000,00",
    "service:maintenance": "1 234,50", "service:capital_repair": "100,00", "billed": "1 334,50",
    "recalculated": "-34,50", "paid": "1 000,00", "closing": "1 300,00",
}  # fmt: skip
ACCOUNT: dict[str, Cell] = {"number": "0012", "address": "ул. Лесная, д. 5", "flat": "7"}
PERSON: dict[str, Cell] = {"address": "ул. Лесная, д. 5", "flat": "7", "name": "Иванов Иван"}
CONSENT: dict[str, Cell] = {
    "account_number": "0012", "contact": "8 (912) 345-67-89", "channel": "СМС", "given": "Да", "given_on": "05.03.2026",
    "source": "Анкета",
}  # fmt: skip


def one(kind: str, raw: dict[str, Cell], *, country: str = "ru", **changed: Cell) -> object:
    return convert(kind, {**raw, **changed}, country=country, today=making.TODAY)  # type: ignore[arg-type]


def codes(outcome: object) -> list[tuple[str, str]]:
    assert isinstance(outcome, list), outcome
    assert outcome
    for problem in outcome:
        assert isinstance(problem, Problem)
        assert problem.message_ru.endswith(".")
    return [(problem.field, problem.code) for problem in outcome]


@pytest.mark.parametrize(
    ("name", "count", "kind"),
    [("property.xlsx", 1, HouseRecord), ("contact.xlsx", 5, PersonRecord), ("meter.xlsx", 10, MeterRecord)],
)
def test_every_row_of_the_real_templates_is_good(name: str, count: int, kind: type) -> None:
    path = making.REAL_FILES / name
    rows = list(read_table(path, sniffed=sniff(path)))
    layout = recognise(rows)
    assert layout is not None
    convert_row = converter(layout.columns, country="ru", today=making.TODAY)
    records = [convert_row(row) for row in rows[1:]]
    assert [type(record) for record in records] == [kind] * count


def test_an_account_is_read_whole() -> None:
    assert one(
        "accounts", ACCOUNT, entrance=2, floor="-1", flat_kind="Нежилое помещение", area="43,7",
        residents=Decimal("3.0"),
        opened_on="01.02.2015", closed_on=date(2030, 1, 1),
    ) == AccountRecord(
        number="0012", address="ул. Лесная, д. 5", entrance=2, floor=-1, flat="7", flat_kind="commercial",
        area=Decimal("43.70"), residents=3, opened_on=date(2015, 2, 1), closed_on=date(2030, 1, 1),
    )  # fmt: skip


def test_an_account_number_kept_as_a_number_is_taken_and_a_spoilt_one_is_not() -> None:
    record = one("accounts", ACCOUNT, number=50133547364)
    assert isinstance(record, AccountRecord)
    assert record.number == "50133547364"
    assert codes(one("accounts", ACCOUNT, number="5,01335E+10")) == [("number", "precision")]
    assert codes(one("accounts", ACCOUNT, number=Decimal("5013354736412345678"))) == [("number", "precision")]


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"number": None}, ("number", "missing")),
        ({"number": "без номера"}, ("number", "bad_number")),
        ({"address": "  "}, ("address", "missing")),
        ({"area": "сорок"}, ("area", "not_a_number")),
        ({"area": -1}, ("area", "out_of_range")),
        ({"area": 0}, ("area", "out_of_range")),
        ({"entrance": "1,5"}, ("entrance", "out_of_range")),
        ({"flat_kind": "сарай"}, ("flat_kind", "unknown_word")),
        ({"opened_on": "05.03.1889"}, ("opened_on", "bad_date")),
        ({"opened_on": "05.03.2027"}, ("opened_on", "future")),
        ({"opened_on": "05.03.26"}, ("opened_on", "bad_date")),
        ({"opened_on": "05.03.2020", "closed_on": "04.03.2020"}, ("closed_on", "wrong_order")),
        ({"address": "ул. \ufffd\ufffd"}, ("address", "unreadable")),
        ({"address": "ул.\x00"}, ("address", "unreadable")),
        ({"address": "у" * 301}, ("address", "too_long")),
    ],
)
def test_what_is_wrong_with_an_account_is_told(changed: dict[str, Cell], problem: tuple[str, str]) -> None:
    assert codes(one("accounts", ACCOUNT, **changed)) == [problem]


def test_everything_wrong_with_a_row_is_told_at_once() -> None:
    found = codes(one("accounts", {"number": None, "address": None, "flat": None, "area": "x"}))
    assert [field for field, _ in found] == ["number", "address", "flat", "area"]


def test_a_person_is_read_whole() -> None:
    assert one(
        "people", PERSON, flat_kind="Квартира",
        phones="8 912 345-67-89, +7 (922) 000-11-22", email=" Ivan@Example.org ",
        role="Жилец", account_number=12, language="казахский", since="01.02.2015", until="01.02.2030", share="1/2",
        born_on="05.05.1950", tax_number="", insurance_number="", marks="Не звонить; пожилой",
    ) == PersonRecord(
        address="ул. Лесная, д. 5", flat="7", flat_kind="flat", phones=("+79123456789", "+79220001122"),
        name="Иванов Иван",
        email="Ivan@example.org", role="resident", account_number="12", language="kk", since=date(2015, 2, 1),
        until=date(2030, 2, 1), share="1/2", born_on=date(1950, 5, 5), tax_number="", insurance_number="",
        marks=frozenset({"do_not_call", "elderly"}),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"name": None}, ("name", "missing")),
        ({"phones": "+7 944 12"}, ("phones", "bad_phone")),
        ({"phones": "нет телефона"}, ("phones", "bad_phone")),
        ({"email": "ivanov.example.org"}, ("email", "bad_email")),
        ({"role": "кум"}, ("role", "unknown_word")),
        ({"language": "эльфийский"}, ("language", "unknown_word")),
        ({"share": "3/2"}, ("share", "bad_share")),
        ({"share": "половина"}, ("share", "bad_share")),
        ({"marks": "добрый"}, ("marks", "unknown_word")),
        ({"tax_number": "1234567890"}, ("tax_number", "bad_tax_number")),
        ({"insurance_number": "123"}, ("insurance_number", "bad_snils")),
        ({"born_on": "31.02.1980"}, ("born_on", "bad_date")),
    ],
)
def test_what_is_wrong_with_a_person_is_told(changed: dict[str, Cell], problem: tuple[str, str]) -> None:
    assert codes(one("people", PERSON, **changed)) == [problem]


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [("8 776 123 45 67", "kz", "+77761234567"), ("(067) 123-45-67", "ua", "+380671234567")],
)
def test_phones_are_read_as_the_country_writes_them(written: str, country: str, number: str) -> None:
    record = one("people", PERSON, country=country, phones=written)
    assert isinstance(record, PersonRecord)
    assert record.phones == (number,)


def test_a_consent_is_read_and_needs_its_day_and_source() -> None:
    assert one("consents", CONSENT) == ConsentRecord("0012", "+79123456789", "sms", True, date(2026, 3, 5), "Анкета")
    record = one("consents", CONSENT, contact="a@example.org", given="ні", channel="email")
    assert isinstance(record, ConsentRecord)
    assert (record.contact, record.given) == ("a@example.org", False)
    broken = one("consents", CONSENT, given="может быть", given_on=None, source=None, contact="сосед", channel=None)
    assert sorted(codes(broken)) == [
        ("channel", "missing"), ("contact", "bad_contact"), ("given", "not_yes_no"), ("given_on", "missing"),
        ("source", "missing"),
    ]  # fmt: skip


def test_a_meter_with_more_readings_than_tariffs_is_set_aside() -> None:
    raw: dict[str, Cell] = {
        "address": "а", "flat": "1", "kind": "ЭЛ", "number": "7", "tariffs": 1, "reading_1": 5, "reading_2": 6,
    }  # fmt: skip
    assert codes(one("meters", raw)) == [("tariffs", "too_many_readings")]
    record = one("meters", raw, tariffs=2)
    assert isinstance(record, MeterRecord)
    assert (record.kind, record.readings) == ("electricity", (5, 6))


def test_a_turnover_row_is_read_whole() -> None:
    assert one("turnover", TURNOVER) == TurnoverRecord(
        number="0012", address="ул. Лесная, д. 5", flat="7", name="Иванов Иван", opening_minor=100000,
        services={"maintenance": 123450, "capital_repair": 10000}, billed_minor=133450, recalculated_minor=-3450,
        paid_minor=100000, closing_minor=130000,
    )  # fmt: skip


@pytest.mark.parametrize(
    "changed",
    [
        {"opening": 1000},
        {"opening": Decimal("1000.000000001")},
        {"opening": "1\u00a0000,00"},
        {"opening": "1000.00"},
        {"name": " Иванов  Иван "},
    ],
)
def test_other_ways_to_write_the_same_row_give_the_same_record(changed: dict[str, Cell]) -> None:
    assert one("turnover", TURNOVER, **changed) == one("turnover", TURNOVER)


def test_an_empty_sum_is_nothing_and_no_service() -> None:
    record = one("turnover", TURNOVER, **{"service:capital_repair": None, "billed": "1 234,50", "closing": "1 200,00"})
    assert isinstance(record, TurnoverRecord)
    assert record.services == {"maintenance": 123450}


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"closing": "1 300,01"}, ("closing", "balance_differs")),
        ({"service:maintenance": "1 234,51"}, ("billed", "services_differ")),
        ({"service:maintenance": "1 2З4,50"}, ("service:maintenance", "bad_amount")),
        ({"paid": "-1 000,00"}, ("closing", "balance_differs")),
        ({"service:capital_repair": "-100,00", "billed": "1 134,50"}, ("service:capital_repair", "negative")),
        ({"billed": None}, ("billed", "missing")),
        ({"number": None}, ("number", "missing")),
        ({"number": "5,0E+10"}, ("number", "precision")),
        ({"opening": "1,234"}, ("opening", "bad_amount")),
        ({"opening": "1e3"}, ("opening", "bad_amount")),
        ({"opening": "1 0000,00"}, ("opening", "bad_amount")),
        ({"opening": "١٢٣,٠٠"}, ("opening", "bad_amount")),
        ({"name": "\ufffd"}, ("name", "unreadable")),
        ({"name": "Ы" * 301}, ("name", "too_long")),
    ],
)
def test_what_is_wrong_with_a_turnover_row_is_told(changed: dict[str, Cell], problem: tuple[str, str]) -> None:
    assert codes(one("turnover", TURNOVER, **changed)) == [problem]


AMOUNTS = st.integers(min_value=0, max_value=10**10)


def written(minor: int, grouped: bool) -> str:
    whole, rest = plain_minor(minor).split(".")
    return f"{int(whole):,}".replace(",", " ") + f",{rest}" if grouped and minor >= 0 else f"{whole},{rest}"


@given(
    opening=st.integers(-(10**10), 10**10), services=st.lists(AMOUNTS, min_size=2, max_size=2), paid=AMOUNTS,
    recalculated=st.integers(-(10**9), 10**9), grouped=st.booleans(), binary=st.booleans(),
)  # fmt: skip
def test_any_row_that_adds_up_is_read_to_the_kopeck(
    opening: int, services: list[int], paid: int, recalculated: int, grouped: bool, binary: bool
) -> None:
    billed = sum(services)
    sums = {
        "opening": opening, "service:maintenance": services[0], "service:capital_repair": services[1], "billed": billed,
        "recalculated": recalculated, "paid": paid, "closing": opening + billed + recalculated - paid,
    }  # fmt: skip
    cells: dict[str, Cell] = {
        name: Decimal(minor) / 100 if binary else written(minor, grouped) for name, minor in sums.items()
    }
    record = one("turnover", {**TURNOVER, **cells})
    assert isinstance(record, TurnoverRecord)
    assert (record.opening_minor, record.billed_minor, record.closing_minor) == (opening, billed, sums["closing"])
    assert sum(record.services.values()) == billed


COLUMNS = Columns(
    "turnover",
    fields=(("number", 0), ("name", 1), ("billed", 3), ("paid", 4)),
    services=((2, "maintenance", "housing"),),
    total_words=("итого",),
)


def turnover_row(*cells: Cell) -> object:
    return converter(COLUMNS, country="ru", today=making.TODAY)(Row(7, cells))


def test_totals_subtotals_and_headings_are_told_from_rows() -> None:
    assert turnover_row("ИТОГО:", None, "5,00", "5,00", "2,00") == TurnoverTotals(
        None, {"maintenance": 500}, 500, None, 200, None
    )
    assert turnover_row("Итого по дому 5", None, "5,00", "5,00", "2,00") is None
    assert turnover_row(None, "ул. Лесная, д. 5") is None
    assert turnover_row("12", None, "5,00", "5,00") == TurnoverRecord(
        "12", "", "", "", 0, {"maintenance": 500}, 500, 0, 0, 500
    )


def test_money_without_an_account_is_never_passed_by() -> None:
    assert codes(turnover_row(None, "Иванов", "5,00", "5,00", None)) == [("number", "missing")]


def test_the_totals_of_the_file_are_compared_with_its_rows() -> None:
    sums = TurnoverSums()
    record = turnover_row("12", "Иванов", "5,00", "5,00", "2,00")
    assert isinstance(record, TurnoverRecord)
    sums.add(record)
    same = turnover_row("Итого", None, "5,00", "5,00", "2,00")
    other = turnover_row("Итого", None, "5,00", "6,00", "2,00")
    assert isinstance(same, TurnoverTotals)
    assert isinstance(other, TurnoverTotals)
    assert sums.compare(same, set_aside=0) == []
    [remark] = sums.compare(other, set_aside=0)
    assert (remark.code, remark.needs_person) == ("totals_differ", True)
    assert "6,00 против 5,00" in remark.message_ru
    assert not sums.compare(other, set_aside=1)[0].needs_person
    million = other._replace(billed_minor=123456789_00, services={"cold_water": 1_00})
    [remark] = sums.compare(million, set_aside=0, headings={"cold_water": "ХВС"})
    assert "123\u00a0456\u00a0789,00 против 5,00" in remark.message_ru
    assert "«ХВС» 1,00 против 0,00" in remark.message_ru
    assert sums.compare(None, set_aside=0)[0].code == "no_totals"
    assert sums.as_totals().billed_minor == 500


def test_a_file_without_a_column_of_totals_bills_the_sum_of_services() -> None:
    columns = Columns("turnover", fields=(("number", 0),), services=((1, "a", "housing"), (2, "a", "housing")))
    record = converter(columns, country="ru", today=making.TODAY)(Row(1, ("12", "1,00", "2,00")))
    assert isinstance(record, TurnoverRecord)
    assert (record.billed_minor, record.services) == (300, {"a": 300})
