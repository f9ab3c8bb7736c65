"""Columns are recognised by their words, and what is guessed is said to be guessed."""

from datetime import date

import pytest

from okno.exchange.formats.headers import Columns, Layout, fingerprint_of, recognise
from okno.exchange.formats.profiles import BadProfile, parse_profile, shipped_profiles
from okno.exchange.formats.sniff import sniff
from okno.exchange.formats.tables import Cell, Row, read_table

from . import making

HEADER = (
    "Лицевой счет;Адрес;Помещение;ФИО;Сальдо на начало;Содержание жилья;Капитальный ремонт;Начислено;Перерасчет;"
    "Оплачено;Сальдо на конец"
)


def layout_of(*lines: str, country: str | None = None) -> Layout:
    rows = [Row(number, tuple(cell or None for cell in line.split(";"))) for number, line in enumerate(lines, start=1)]
    found = recognise(rows, country=country)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "profile"),
    [("property.xlsx", "houses_doma"), ("contact.xlsx", "contacts_doma"), ("meter.xlsx", "meters_doma")],
)
def test_the_real_templates_are_recognised_without_a_question(name: str, profile: str) -> None:
    path = making.REAL_FILES / name
    found = recognise(list(read_table(path, sniffed=sniff(path))))
    assert found is not None
    assert (found.profile.name, found.header_row, found.certain, found.unknown) == (profile, 1, True, ())


def test_the_header_is_found_below_the_title_and_the_month_in_the_title() -> None:
    found = layout_of("Оборотно-сальдовая ведомость за октябрь 2026", "ООО «УК»", "", HEADER, country="ru")
    assert (found.profile.name, found.header_row, found.month) == ("turnover_ru", 4, date(2026, 10, 1))
    assert found.certain
    assert [(code, regime) for _, code, regime in found.columns.services] == [
        ("maintenance", "housing"),
        ("capital_repair", "capital_repair"),
    ]


@pytest.mark.parametrize(
    ("title", "month"),
    [
        ("Оборотно-сальдова відомість за жовтень 2026", date(2026, 10, 1)),
        ("Ведомость за 09.2026", date(2026, 9, 1)),
        ("Ведомость за мартобрь 2026", None),
        ("Просто ведомость", None),
    ],
)
def test_a_month_is_read_from_the_title_or_left_to_the_person(title: str, month: date | None) -> None:
    assert layout_of(title, HEADER).month == month


def test_a_ukrainian_header_chooses_the_ukrainian_profile() -> None:
    header = (
        "Особовий рахунок;Адреса;Приміщення;ПІБ;Сальдо на початок;Утримання будинку;Опалення;Холодна вода;Гаряча вода;"
        "Водовідведення;Вивезення сміття;Нараховано;Перерахунок;Сплачено;Сальдо на кінець"
    )
    found = layout_of(header)
    assert (found.profile.name, found.certain, len(found.columns.services)) == ("turnover_ua", True, 6)


def test_spelling_and_case_do_not_matter_but_a_likeness_is_only_a_guess() -> None:
    found = layout_of("ЛИЦЕВОЙ СЧЁТ;адрес;Помещение;Площадь, м2;Дата открытия;Количество проживающих.")
    assert found.profile.kind == "accounts"
    assert found.certain
    guessed = layout_of("Лицевой счот;Адрес;Помещение;Площадь;Дата открытия")
    assert not guessed.certain
    assert {match.field: match.confidence for match in guessed.matches}["number"] < 1


def test_an_unknown_column_of_a_turnover_is_asked_about_for_it_may_be_money() -> None:
    found = layout_of(HEADER.replace("Капитальный ремонт", "Домофон"))
    assert [match.header for match in found.unknown] == ["Домофон"]
    assert not found.certain


def test_numbered_columns_are_never_mixed_up() -> None:
    found = layout_of("Адрес;Помещение;Тип счетчика;Номер счетчика;Показание 2;Показание 1")
    fields = dict(found.columns.fields)
    assert (fields["reading_1"], fields["reading_2"]) == (5, 4)


def test_a_missing_required_column_is_named() -> None:
    assert layout_of("Лицевой счет;ФИО;Сальдо на начало;Оплачено;Сальдо на конец").missing == ("billed",)


def test_rows_without_a_header_are_not_guessed_at() -> None:
    assert recognise([Row(1, ("1", "2")), Row(2, ("Иванов", None))]) is None
    assert recognise([]) is None


def test_the_mapping_survives_storing() -> None:
    columns = layout_of(HEADER).columns
    assert Columns.from_json(columns.as_json()) == columns


def test_a_row_is_shown_field_by_field_with_every_column_of_a_service() -> None:
    columns = Columns(
        "turnover", fields=(("number", 0),), services=((1, "heating", "housing"), (2, "heating", "housing"))
    )
    raw: dict[str, Cell] = {"number": "12", "service:heating": "1,00", "service:heating:2": None}
    assert columns.raw(("12", "1,00")) == raw


def test_the_fingerprint_does_not_depend_on_case_and_empty_tails() -> None:
    assert fingerprint_of(("ЛС", "Сумма, руб.")) == fingerprint_of(("лс", "сумма руб", None))
    assert fingerprint_of(("ЛС", "Сумма")) != fingerprint_of(("Сумма", "ЛС"))


def test_every_shipped_profile_keeps_to_the_schema() -> None:
    assert set(shipped_profiles()) == {
        "houses_doma", "contacts_doma", "meters_doma", "accounts", "consents", "turnover_ru", "turnover_ua",
        "turnover_kz", "payments", "register", "statement_1c",
    }  # fmt: skip


@pytest.mark.parametrize(
    "broken",
    [
        {"kind": "letters"},
        {"fields": {}},
        {"telling": ["nothing"]},
        {"extra": 1},
        {"fields": {"number": {"headers": []}}},
    ],
)
def test_a_broken_profile_is_refused_with_the_place(broken: dict[str, object]) -> None:
    good = {
        "name": "mine", "title": "Моя", "kind": "accounts", "format": "table", "telling": ["number"],
        "fields": {"number": {"headers": ["ЛС"]}},
    }  # fmt: skip
    assert parse_profile(good).name == "mine"
    with pytest.raises(BadProfile, match="mine"):
        parse_profile({**good, **broken})
