"""Rows come out of every kind of file as they were put in."""

import io
import zipfile
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from okno.exchange.formats.limits import Limits, Unreadable
from okno.exchange.formats.sniff import sniff
from okno.exchange.formats.tables import Row, read_table

from . import making

ROWS = [
    ["Счёт", "Сумма", "Дата"],
    ["0012", 1234.5, date(2026, 3, 5)],
    [None, None, None],
    ["0013", 7, date(2026, 3, 6)],
]
READ = [
    Row(1, ("Счёт", "Сумма", "Дата")),
    Row(2, ("0012", Decimal("1234.5"), date(2026, 3, 5))),
    Row(4, ("0013", 7, date(2026, 3, 6))),
]


def read(content: bytes | Path, **options: object) -> list[Row]:
    return list(read_table(content, sniffed=sniff(content), **options))  # type: ignore[arg-type]


def refused(content: bytes, **limits: int) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        list(read_table(content, sniffed=sniff(content), limits=Limits(**limits)))
    return caught.value


@pytest.mark.parametrize("make", [making.xlsx, making.xls, making.ods])
def test_workbooks_of_every_kind_give_the_same_rows_with_their_numbers(make: object) -> None:
    assert read(make(ROWS)) == READ  # type: ignore[operator]


def test_a_binary_workbook_is_read() -> None:
    assert read(making.xlsb(row=2, column=1)) == [Row(3, (None, 7))]


def test_an_account_number_kept_as_a_number_comes_out_whole() -> None:
    cells = b'<row r="1"><c r="A1"><v>50133547364.0</v></c><c r="B1"><v>0.30000000000000004</v></c></row>'
    assert read(making.with_sheet(cells)) == [Row(1, (50133547364, Decimal("0.3")))]


def test_a_moment_keeps_its_time_and_midnight_is_a_day() -> None:
    # A workbook knows no time zones.
    moment = datetime.combine(date(2026, 3, 5), time(14, 5))
    midnight = datetime.combine(date(2026, 3, 5), time())
    assert read(making.xlsx([[moment, midnight]])) == [Row(1, (moment, date(2026, 3, 5)))]


@pytest.mark.parametrize("make", [making.xlsx, making.xls, making.ods])
def test_rows_and_columns_before_the_data_keep_their_places(make: object) -> None:
    assert read(make([[None, None], [None, "а", 1]])) == [Row(2, (None, "а", 1))]  # type: ignore[operator]


def test_yes_and_no_of_a_workbook_are_words_and_never_numbers() -> None:
    assert read(making.xlsx([[True, False, 1]])) == [Row(1, ("да", "нет", 1))]


def test_the_first_sheet_with_rows_is_read_and_another_can_be_named() -> None:
    book = openpyxl.Workbook()
    book.active.title = "Пусто"
    book.create_sheet("Данные").append(["а"])
    book.create_sheet("Ещё").append(["б"])
    book.create_sheet("Скрытый").sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    content = out.getvalue()
    assert read(content) == [Row(1, ("а",))]
    assert read(content, sheet="Ещё") == [Row(1, ("б",))]
    with pytest.raises(Unreadable, match="нет листа «Нет такого»"):
        read(content, sheet="Нет такого")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251", "cp866"])
def test_a_text_table_is_read_in_its_encoding(encoding: str) -> None:
    content = 'Счёт;Имя\r\n0012;"Иванов; Иван\r\nи семья"\r\n\r\n0013;Пётр\r\n'.encode(encoding)
    assert read(content) == [
        Row(1, ("Счёт", "Имя")),
        Row(2, ("0012", "Иванов; Иван\r\nи семья")),
        Row(5, ("0013", "Пётр")),
    ]


def test_a_person_may_choose_another_encoding() -> None:
    content = "Имя;Счёт\nПётр;1\n".encode("cp866")
    assert next(read_table(content, sniffed=replace(sniff(content), encoding="cp866"))).cells == ("Имя", "Счёт")


def test_a_text_table_on_the_disk_is_read_as_it_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "any.name"
    path.write_bytes(b"a;b\n" * 10)
    table = read_table(path, sniffed=sniff(path))
    assert [next(table).number, next(table).number] == [1, 2]


def test_a_dbf_gives_exact_sums_and_counts_the_deleted() -> None:
    fields = [("NLS", "C", 10, 0), ("SUM", "N", 12, 2), ("DAY", "D", 8, 0), ("FIO", "C", 20, 0)]
    rows = [
        ["0012", "1234.50", "20260305", "Иванов"],
        ["0013", "1.00", "20260306", "Стёрт"],
        ["0014", "", "20261399", "Ёлкина"],
    ]
    content = making.dbf(fields, rows, deleted=frozenset({2}))
    table = read_table(content, sniffed=sniff(content))
    assert list(table) == [
        Row(1, ("NLS", "SUM", "DAY", "FIO")),
        Row(2, ("0012", Decimal("1234.50"), date(2026, 3, 5), "Иванов")),
        Row(4, ("0014", None, "20261399", "Ёлкина")),
    ]
    assert table.deleted == 1


def test_a_dbf_on_the_disk_is_read_like_one_in_memory(tmp_path: Path) -> None:
    content = making.dbf([("FIO", "C", 20, 0)], [["Иванов"]], encoding="cp1251", page=0)
    path = tmp_path / "x.dbf"
    path.write_bytes(content)
    assert read(path) == read(content)


def test_a_dbf_cut_short_is_refused() -> None:
    content = making.dbf([("FIO", "C", 20, 0)], [["Иванов"]] * 10)
    assert refused(content[:-60]).code == "truncated"


def test_formulas_give_the_values_stored_with_them() -> None:
    cells = b'<row r="1"><c r="A1"><f>2+3</f><v>5</v></c><c r="B1" t="str"><f>IF(1,"")</f><v></v></c></row>'
    assert read(making.with_sheet(cells)) == [Row(1, (5, None))]


def test_formulas_never_calculated_are_refused_for_a_missing_sum_is_not_zero() -> None:
    assert refused(making.xlsx([["Сумма"], ["=1+2"]])).code == "formulas"


def test_a_formula_is_never_run_but_kept_as_the_text_it_is() -> None:
    assert read(b"a;b\n=1+2;=HYPERLINK(1)\n")[1].cells == ("=1+2", "=HYPERLINK(1)")


@pytest.mark.parametrize("cell", [b"XFD1", b"A1048576", b"ZZZ9"])
def test_one_far_cell_does_not_take_all_memory(cell: bytes) -> None:
    row = cell.lstrip(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    content = making.with_sheet(
        b'<row r="1"><c r="A1"><v>1</v></c></row><row r="%s"><c r="%s"><v>1</v></c></row>' % (row, cell)
    )
    limits = {"max_cells": 1_000_000}
    assert refused(content, **limits).code == "too_big"


def test_a_far_cell_of_a_row_that_does_not_say_its_number_does_not_take_all_memory() -> None:
    content = making.with_sheet(b'<row><c r="A1"><v>1</v></c><c r="B9000000"><v>1</v></c></row>')
    assert refused(content).code == "too_big"


def test_one_far_cell_of_a_binary_workbook_does_not_take_all_memory() -> None:
    assert refused(making.xlsb(row=1_000_000, column=500)).code == "too_big"
    assert refused(making.xlsb(column=16_000)).code == "too_big"


def test_repeated_cells_of_an_open_document_are_counted_before_they_are_unrolled() -> None:
    book = making.ods([["а"]])
    content = zipfile.ZipFile(io.BytesIO(book)).read("content.xml")
    repeated = content.replace(b"<table:table-row>", b'<table:table-row table:number-rows-repeated="3000000">')
    assert repeated != content
    assert refused(making.with_part(book, "content.xml", repeated)).code == "too_big"


def test_an_open_document_with_entities_is_refused() -> None:
    book = making.ods([["а"]])
    content = zipfile.ZipFile(io.BytesIO(book)).read("content.xml")
    start = content.index(b"?>") + 2
    bomb = content[:start] + b'<!DOCTYPE a [<!ENTITY b "bbbb">]>' + content[start:]
    assert refused(making.with_part(book, "content.xml", bomb)).code == "bomb"


def test_a_bomb_that_lies_about_its_size_is_found_while_unpacking() -> None:
    content = bytearray(making.with_sheet(b'<row r="1"><c r="A1"><v>1</v></c></row>' + b" " * 2_000_000))
    place = content.index(b"PK\x01\x02")
    while content[place + 46 : place + 46 + 24] != b"xl/worksheets/sheet1.xml":
        place = content.index(b"PK\x01\x02", place + 1)
    content[place + 24 : place + 28] = (1000).to_bytes(4, "little")
    assert refused(bytes(content)).code == "truncated"


def test_a_sheet_that_is_no_xml_is_refused() -> None:
    content = making.with_part(making.xlsx([["а"]]), "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row><c>")
    assert refused(content).code in ("truncated", "empty")


@pytest.mark.parametrize("content", [making.xlsx([]), making.xls([]), making.ods([])])
def test_a_workbook_without_rows_is_refused(content: bytes) -> None:
    assert refused(content).code == "empty"


def test_rows_columns_and_cells_over_the_limits_are_refused() -> None:
    assert refused(b"a;b\n" * 11, max_rows=10).code == "too_big"
    assert refused(b";".join([b"a"] * 11), max_columns=10).code == "too_big"
    assert refused(b"a;" + b"b" * 11, max_cell_letters=10).code == "too_big"
    assert refused(making.xlsx([["a"] * 11]), max_columns=10).code == "too_big"
    assert refused(making.xlsx([["a"]] * 11), max_rows=10).code == "too_big"
    assert refused(making.xlsx([["b" * 11]]), max_cell_letters=10).code == "too_big"
    assert refused(making.dbf([("A", "C", 2, 0)], [["1"]] * 11), max_rows=10).code == "too_big"


def test_a_header_of_a_million_columns_is_refused() -> None:
    assert refused(b";".join(b"c%d" % number for number in range(1_000_000)) + b"\n1;2\n").code == "too_big"


def test_a_quote_never_closed_is_refused_with_its_line() -> None:
    content = b'a;b\n1;2\n3;"4\n' + b"5;6\n" * 60_000
    problem = refused(content)
    assert problem.code in ("not_a_table", "too_big")
    assert "3" in problem.reason_ru


def test_bytes_that_no_encoding_has_become_a_sign_that_fields_refuse() -> None:
    assert "\ufffd" in str(read("Имя;Счёт\nПётр\n".encode("cp1251").replace(b"\n\xcf", b"\n\x98"))[1].cells[0])


def test_a_statement_is_no_table() -> None:
    assert refused(b"1CClientBankExchange\n").code == "wrong_format"
