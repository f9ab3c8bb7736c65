"""Exports carry no formulas and read back as they were written."""

import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from okno.common.money import parse_minor
from okno.exchange.formats import writing
from okno.exchange.formats.formulas import disarmed, is_dangerous, restored
from okno.exchange.formats.sniff import Dialect, Sniffed, sniff
from okno.exchange.formats.tables import read_table
from okno.exchange.formats.writing import Column, Money, OutCell, TooManyRows, write_csv, write_xlsx

DANGEROUS = [
    "=1+1",
    "+7 912",
    "-5",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "\u00a0=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠x",
    "|calc",
    "%0A",
]
COLUMNS = [Column("Имя", 30), Column("Сумма")]
#: What a spreadsheet file can hold at all: no control signs and no halves of signs.
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=40)


def csv_of(*rows: tuple[OutCell, ...]) -> bytes:
    out = io.BytesIO()
    assert write_csv(out, COLUMNS, rows) == len(rows)
    return out.getvalue()


def xlsx_of(*rows: tuple[OutCell, ...]) -> bytes:
    out = io.BytesIO()
    assert write_xlsx(out, COLUMNS, rows) == len(rows)
    return out.getvalue()


def back(content: bytes) -> list[tuple[object, ...]]:
    known = (
        Sniffed("csv", encoding="utf-8-sig", dialect=Dialect(";")) if not content.startswith(b"PK") else sniff(content)
    )
    return [row.cells for row in read_table(content, sniffed=known)][1:]


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_text_that_looks_like_a_formula_is_disarmed_and_reads_back(text: str) -> None:
    content = csv_of((text, None))
    assert f"\n{text}" not in content.decode("utf-8-sig").replace('"', "")
    assert back(content) == [(text, None)]


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_workbook_holds_texts_only(text: str) -> None:
    content = xlsx_of((text, None))
    sheet = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert [str(cells[0]).strip() for cells in back(content)] == [text.strip()]


@given(st.text())
@example("'=1")
@example("''")
@example("'")
def test_disarming_is_undone_exactly(text: str) -> None:
    assert restored(disarmed(text)) == text
    assert not is_dangerous(disarmed(text))


@given(st.lists(st.tuples(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), TEXTS), max_size=8))
def test_any_texts_survive_csv(rows: list[tuple[str, str]]) -> None:
    assert back(csv_of(*rows)) == [(first, second or None) for first, second in rows]


@given(st.lists(st.tuples(TEXTS.filter(str.strip), st.integers(-(10**14), 10**14)), min_size=1, max_size=5))
@example([("_x0041_", 0), ("http://example.org", 1), ("{=1}", 2), ("  по краям  ", 3)])
def test_any_texts_and_sums_survive_a_workbook(rows: list[tuple[str, int]]) -> None:
    found = back(xlsx_of(*((text, Money(minor)) for text, minor in rows)))
    assert [(text, parse_minor(amount)) for text, amount in found] == rows  # type: ignore[arg-type]


@given(st.integers(-(10**15), 10**15))
def test_money_survives_csv(minor: int) -> None:
    [(_, amount)] = back(csv_of(("а", Money(minor))))
    assert parse_minor(str(amount)) == minor


def test_days_moments_numbers_and_nothing_are_written_as_people_write_them() -> None:
    moment = datetime(2026, 3, 5, 14, 5, tzinfo=UTC)
    rows = [("день", date(2026, 3, 5)), ("миг", moment), ("число", Decimal("1.50")), ("номер", 12), ("ничего", None)]
    assert [cells[1] for cells in back(csv_of(*rows))] == ["05.03.2026", "05.03.2026 14:05:00", "1,50", "12", None]
    assert [cells[1] for cells in back(xlsx_of(*rows))] == [
        date(2026, 3, 5), moment.replace(tzinfo=None), Decimal("1.5"), 12, None,
    ]  # fmt: skip


def test_a_number_too_long_for_a_spreadsheet_is_written_as_text() -> None:
    rows: list[tuple[OutCell, ...]] = [
        ("а", 12345678901234567890),
        ("б", Decimal("1234567.12345678901")),
        ("в", Money(10**15)),
    ]
    assert [cells[1] for cells in back(xlsx_of(*rows))] == [
        "12345678901234567890",
        "1234567.12345678901",
        "10000000000000.00",
    ]


def test_a_text_longer_than_a_cell_is_cut_and_shows_it() -> None:
    [(text, _)] = back(xlsx_of(("я" * 40_000, None)))
    assert (len(str(text)), str(text)[-1]) == (32_767, "…")


def test_a_header_is_disarmed_too() -> None:
    out = io.BytesIO()
    write_csv(out, [Column("=1+1")], [])
    assert out.getvalue().decode("utf-8-sig") == "'=1+1\r\n"


def test_files_are_written_to_the_disk_row_by_row(tmp_path: Path) -> None:
    for write, name in ((write_csv, "a.csv"), (write_xlsx, "a.xlsx")):
        path = tmp_path / name
        assert write(path, COLUMNS, ((f"строка {number}", number) for number in range(1000))) == 1000
        assert len(list(read_table(path, sniffed=sniff(path)))) == 1001


def test_a_letter_the_encoding_lacks_is_an_error_and_not_a_question_mark(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        write_csv(tmp_path / "a.csv", COLUMNS, [("Әсел", None)], encoding="cp1251")


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_XLSX_ROWS", 3)
    with pytest.raises(TooManyRows, match="CSV"):
        write_xlsx(io.BytesIO(), COLUMNS, [("а", 1)] * 3)
