"""A bank's register is read line by line, and its control totals are checked, never trusted."""

from datetime import date, time
from pathlib import Path

import pytest

from okno.exchange.formats.limits import Limits, Unreadable
from okno.exchange.formats.records import PaymentRecord
from okno.exchange.formats.register import BadLine, Register, RegisterRow, payment_key, payment_of, read_register
from okno.exchange.formats.sniff import sniff

from . import making

GOOD = '04.10.2026;14:05:00;000123;0012;Иванов И. И.;ул. Лесная, д. 5, кв. 12;09.2026;1000,00;"Оплата; кв. 12"'
SECOND = "04.10.2026;;000124;0013;Петрова А.;;;234,56;"


def text_of(*lines: str, count: int | str = 2, total: str = "1234.56", footer: str | None = "=2;1 234,56") -> bytes:
    head = f"#BANK;АО Волна\n#DATE;05.10.2026\n#COUNT;{count}\n#SUM;{total}\n#CHANNEL;касса\n"
    return (head + "\n".join([*lines, *([footer] if footer else [])]) + "\n").encode("cp1251")


def read(content: bytes | Path) -> tuple[Register, list[RegisterRow | BadLine]]:
    register = read_register(content, sniffed=sniff(content), today=making.TODAY)
    return register, list(register)


def remarks(content: bytes) -> list[tuple[str, bool]]:
    return [(remark.code, remark.needs_person) for remark in read(content)[0].remarks]


def problem(line: str) -> tuple[str, str]:
    _, [bad] = read(text_of(line, count=1, total="1000", footer="=1;1000"))
    assert isinstance(bad, BadLine)
    assert bad.number == 6
    [found] = bad.problems
    assert found.message_ru.endswith(".")
    return found.field, found.code


def test_a_register_is_read_whole_with_quoted_marks_and_unknown_headers() -> None:
    register, rows = read(text_of(GOOD, SECOND))
    assert (register.bank, register.made_on, register.unknown) == ("АО Волна", date(2026, 10, 5), {"CHANNEL": "касса"})
    assert rows == [
        RegisterRow(
            6,
            PaymentRecord(
                key="АО Волна|000123|2026-10-04",
                paid_on=date(2026, 10, 4),
                time=time(14, 5),
                account_number="0012",
                name="Иванов И. И.",
                address="ул. Лесная, д. 5, кв. 12",
                stated_month=date(2026, 9, 1),
                amount_minor=100000,
                purpose="Оплата; кв. 12",
            ),
        ),
        RegisterRow(
            7,
            PaymentRecord(
                "АО Волна|000124|2026-10-04", date(2026, 10, 4), None, "0013", "Петрова А.", "", None, 23456, ""
            ),
        ),
    ]
    assert (register.remarks, register.good, register.bad, register.sum_minor) == ([], 2, 0, 123456)


def test_a_register_on_the_disk_is_read_as_it_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "register.txt"
    path.write_bytes(text_of(GOOD, SECOND))
    register = read_register(path, sniffed=sniff(path), today=making.TODAY)
    assert next(register.lines).number == 6
    assert register.good == 0 or register.footer_count is None
    assert len(list(register)) == 1


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (text_of(GOOD, SECOND, count=3), [("count_differs", True)]),
        (text_of(GOOD, SECOND, total="1234,57"), [("sum_differs", True)]),
        (text_of(GOOD, SECOND, footer="=3;1234,57"), [("count_differs", True), ("sum_differs", True)]),
        (text_of(GOOD, SECOND, footer=None), [("no_footer", True)]),
        (text_of(GOOD, SECOND, count="два"), [("bad_control", True)]),
        (text_of(GOOD, SECOND, count="", total=""), [("no_control", True)]),
        (text_of(GOOD, SECOND, footer="=2;много"), [("bad_control", True)]),
        (text_of(GOOD), [("count_differs", True), ("sum_differs", True)] * 2),
    ],
)
def test_control_totals_that_do_not_agree_wait_for_a_person(content: bytes, expected: list[tuple[str, bool]]) -> None:
    assert remarks(content) == expected


def test_a_broken_date_of_the_header_waits_for_a_person() -> None:
    assert remarks(text_of(GOOD, SECOND).replace(b"05.10.2026", b"05.13.2026")) == [("bad_header", True)]


def test_a_bad_line_is_counted_in_the_totals_and_the_rest_goes_on() -> None:
    register, rows = read(text_of(GOOD.replace("04.10.2026", "31.02.2026"), SECOND))
    assert [type(row) for row in rows] == [BadLine, RegisterRow]
    assert (register.remarks, register.good, register.bad) == ([], 1, 1)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (GOOD.replace("1000,00", "-1000,00"), ("amount", "not_positive")),
        (GOOD.replace("1000,00", "0"), ("amount", "not_positive")),
        (GOOD.replace("1000,00", "1 2З4,ОО"), ("amount", "bad_amount")),
        (GOOD.replace("1000,00", "1e3"), ("amount", "bad_amount")),
        (GOOD.replace("04.10.2026", "04.10.1926"), ("paid_on", "bad_date")),
        (GOOD.replace("04.10.2026", "04.10.2027"), ("paid_on", "future")),
        (GOOD.replace("04.10.2026", ""), ("paid_on", "missing")),
        (GOOD.replace("14:05:00", "25:05:00"), ("time", "bad_time")),
        (GOOD.replace("000123", ""), ("operation", "missing")),
        (GOOD.replace(";09.2026;", ";13.2026;"), ("stated_month", "bad_month")),
        (GOOD + ";лишнее", ("", "wrong_width")),
        (GOOD.replace('"', "", 1).replace("; кв", " кв").replace('12"', '12";"'), ("", "wrong_width")),
        ("просто слова", ("", "wrong_width")),
    ],
)
def test_a_bad_line_is_named_with_its_number_and_reason(line: str, expected: tuple[str, str]) -> None:
    assert problem(line) == expected


def test_an_unclosed_quote_spoils_its_own_line_only() -> None:
    _, rows = read(text_of(GOOD.replace('кв. 12"', "кв. 12"), SECOND))
    assert [type(row) for row in rows] == [RegisterRow, RegisterRow]


def test_an_operation_twice_in_a_file_is_one_payment() -> None:
    _, rows = read(text_of(GOOD, GOOD))
    assert [type(row) for row in rows] == [RegisterRow, BadLine]
    assert rows[1].problems[0].code == "repeat"  # type: ignore[union-attr]
    _, rows = read(text_of(GOOD, GOOD.replace("1000", "1001")))
    assert rows[1].problems[0].code == "same_number"  # type: ignore[union-attr]


def test_a_line_mended_on_the_screen_becomes_the_payment_it_should_have_been() -> None:
    _, [bad] = read(text_of(GOOD.replace("04.10.2026", "31.02.2026"), count=1, footer=None))
    assert isinstance(bad, BadLine)
    payment, problems = payment_of({**bad.cells, "paid_on": "04.10.2026"}, bank="АО Волна", today=making.TODAY)
    assert (payment, problems) == (read(text_of(GOOD))[1][0].payment, [])  # type: ignore[union-attr]


def test_a_long_key_keeps_within_its_column_and_stays_different() -> None:
    first, second = payment_key("Банк" * 50, "1"), payment_key("Банк" * 50, "2")
    assert first != second
    assert len(first) == len(second) == 100


@pytest.mark.parametrize("content", [b"a;b\n1;2\n", "#BANK;Волна\n#COUNT;0\n".encode()])
def test_what_is_no_register_is_refused(content: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        read_register(content, sniffed=sniff(content), today=making.TODAY)
    assert refused.value.code == "wrong_format"


def test_lines_over_the_limits_are_refused() -> None:
    content = text_of(GOOD, SECOND)
    for limits in (Limits(max_rows=5), Limits(max_cell_letters=50)):
        with pytest.raises(Unreadable):
            list(read_register(content, sniffed=sniff(content), today=making.TODAY, limits=limits))
