"""What a file is, is told by its content."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okno.exchange.formats.letters import single_byte_encoding
from okno.exchange.formats.limits import Limits, Unreadable
from okno.exchange.formats.sniff import Dialect, member_bytes, sniff

from . import making

TABLE = "Лицевой счет;Адрес;Сальдо\n0012;ул. Лесная, д. 5;1 234,56\n0013;ул. Мира, д. 1;0,00\n"
WORDS = [
    "Адрес",
    "Помещение",
    "Квартира",
    "Иванов",
    "Сергей",
    "Садовая",
    "улица",
    "Начислено",
    "Оплачено",
    "Сальдо",
    "Итого",
]
WORDS += ["Отопление", "Петрова", "Счёт", "Водоотведение", "ФИО", "Перерасчет", "ХВС"]


def archive(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in files.items():
            target.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (making.xlsx([["а", 1]]), "xlsx"),
        (making.xls([["а", 1]]), "xls"),
        (making.ods([["а", 1]]), "ods"),
        (making.xlsb(), "xlsb"),
        (making.dbf([("NLS", "C", 10, 0)], [["0012"]]), "dbf"),
        (b"a;b\n1;2\n", "csv"),
        (b"a\tb\n1\t2\n", "tsv"),
        (b"1CClientBankExchange\r\n", "statement_1c"),
        ("#BANK;Волна\n#COUNT;0\n=0;0,00\n".encode("cp1251"), "register"),
    ],
)
def test_a_file_is_told_by_its_content(content: bytes, kind: str) -> None:
    assert sniff(content).kind == kind


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251", "cp866"])
def test_the_encoding_is_told_by_the_letters(encoding: str) -> None:
    assert sniff(TABLE.encode(encoding)).encoding == encoding


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8), st.sampled_from(["cp1251", "cp866"]), st.booleans())
def test_a_few_words_are_enough_to_tell_the_encoding(words: list[str], encoding: str, capitals: bool) -> None:
    text = " ".join(words)
    assert single_byte_encoding((text.upper() if capitals else text).encode(encoding)) == encoding


def test_ukrainian_letters_do_not_mislead() -> None:
    text = "Особовий рахунок;Адреса;ПІБ\n1;вул Лісова, буд 3;Ковальчук Євген Ігорович\n"
    assert sniff(text.encode("cp1251")).encoding == "cp1251"


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_the_one_that_parts_all_lines_alike(delimiter: str) -> None:
    rows = [["счёт", "сумма", "имя"], ["1", '"10,5"', "а"], ["2", '"7,25"', "б; в"]]
    text = "\n".join(delimiter.join(f'"{cell}"' if delimiter in cell else cell for cell in row) for row in rows)
    assert sniff(text.replace('""', '"').encode()).dialect == Dialect(delimiter)


def test_decimal_commas_do_not_pass_for_delimiters() -> None:
    assert sniff(b"1,5;2,5;3,5\n4,5;5,5;6,5\n").dialect == Dialect(";")


def test_a_statement_that_claims_windows_and_is_utf8_is_seen_through() -> None:
    found = sniff(making.REAL_FILES / "1c-statement-utf8.txt")
    assert (found.kind, found.encoding, found.encoding_claimed) == ("statement_1c", "utf-8", "cp1251")


def test_utf8_that_breaks_far_from_the_beginning_is_not_utf8() -> None:
    content = b"a;b\n" * 400_000 + "Лесная;Садовая\n".encode("cp1251")
    assert sniff(content).encoding == "cp1251"


@pytest.mark.parametrize(("page", "claimed"), [(0x65, "cp866"), (0xC9, "cp1251"), (0x00, None)])
def test_the_letters_of_a_dbf_outweigh_its_code_page(page: int, claimed: str | None) -> None:
    content = making.dbf([("FIO", "C", 20, 0)], [["Иванова Анна"]], encoding="cp1251", page=page)
    found = sniff(content)
    assert (found.encoding, found.encoding_claimed) == ("cp1251", claimed)


def test_an_archive_lists_what_can_be_read_in_it() -> None:
    content = archive(**{"a.csv": b"a;b\n1;2\n", "b.pdf": b"%PDF-1.4", "c/d.xlsx": making.xlsx([["а"]])})
    found = sniff(content)
    assert [(member.name, member.sniffed.kind) for member in found.members] == [("a.csv", "csv"), ("c/d.xlsx", "xlsx")]
    assert member_bytes(content, "a.csv") == b"a;b\n1;2\n"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"%PDF-1.4 ...", "not_a_table"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "not_a_table"),
        (b"\x89PNG\r\n\x1a\n", "not_a_table"),
        (bytes(range(256)) * 20, "not_a_table"),
        ("просто письмо\nбез столбцов\n".encode(), "not_a_table"),
        (making.compound("EncryptedPackage"), "password"),
        (making.compound("WordDocument"), "not_a_table"),
        (archive(**{"photo.png": b"\x89PNG"}), "not_a_table"),
        (archive(**{"word/document.xml": b"<w/>"}), "not_a_table"),
        (making.xlsx([["а"] * 50] * 50)[:2000], "truncated"),
    ],
)
def test_what_is_no_table_is_refused_in_words(content: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        sniff(content)
    assert refused.value.code == code
    assert refused.value.reason_ru.endswith(".")
    assert refused.value.what_to_do.endswith(".")


def test_a_file_over_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(Unreadable, match="слишком велик"):
        sniff(b"a;b\n" * 100, limits=Limits(max_bytes=100))


def test_a_bomb_is_refused_by_what_it_says_it_unpacks_to() -> None:
    with pytest.raises(Unreadable) as refused:
        sniff(archive(**{"zeros.csv": bytes(60 * 2**20)}))
    assert refused.value.code == "bomb"


def test_an_archive_of_too_many_files_is_refused() -> None:
    with pytest.raises(Unreadable, match="файлов"):
        sniff(archive(**{f"{number}.csv": b"a;b" for number in range(5)}), limits=Limits(max_members=4))


def test_an_archive_with_a_password_is_refused() -> None:
    content = bytearray(archive(**{"a.csv": b"a;b\n"}))
    directory = content.rindex(b"PK\x01\x02")
    content[directory + 8] |= 1
    with pytest.raises(Unreadable) as refused:
        sniff(bytes(content))
    assert refused.value.code == "password"
