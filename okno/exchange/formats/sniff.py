"""What a file is, told by its content and never by its name."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Literal

from . import letters, unpacking
from .limits import DEFAULT_LIMITS, Limits, Unreadable, too_big
from .source import Source, open_source, size_of

Kind = Literal["xlsx", "xls", "xlsb", "ods", "csv", "tsv", "dbf", "statement_1c", "register", "zip"]

WORKBOOKS: frozenset[Kind] = frozenset({"xlsx", "xls", "xlsb", "ods"})
TEXT_TABLES: frozenset[Kind] = frozenset({"csv", "tsv"})

_SAMPLE_BYTES = 2**20
_SAMPLE_LINES = 60
_SAMPLE_LETTERS = 4_096
#: Marks that part cells and the weight of each: a comma is also a decimal mark here, so it needs twice the evidence.
_DELIMITERS = ((";", 1.0), ("\t", 1.0), ("|", 1.0), (",", 0.5))
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DBF_VERSIONS = frozenset({0x02, 0x03, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8B, 0xCB, 0xF5, 0xFB})
_DBF_PAGES = {0x26: "cp866", 0x65: "cp866", 0xC9: "cp1251", 0x57: "cp1251"}
_CLAIMS_1C = {"windows": "cp1251", "dos": "cp866", "utf-8": "utf-8", "utf8": "utf-8"}

#: First bytes of things people send instead of a table, what each is called, and what to do.
_FOREIGN = (
    (b"%PDF", "это документ PDF", "Попросите ту же выгрузку в Excel или CSV."),
    (b"\x1f\x8b", "это архив gzip", "Распакуйте его и загрузите сам файл."),
    (b"7z\xbc\xaf\x27\x1c", "это архив 7z", "Распакуйте его и загрузите сам файл или архив ZIP."),
    (b"Rar!", "это архив RAR", "Распакуйте его и загрузите сам файл или архив ZIP."),
    (b"\x89PNG", "это картинка", "Нужна таблица, а не снимок экрана."),
    (b"\xff\xd8\xff", "это фотография", "Нужна таблица, а не снимок экрана."),
    (b"{\\rtf", "это текстовый документ RTF", "Сохраните таблицу в Excel (.xlsx) или CSV."),
)


@dataclass(frozen=True)
class Dialect:
    """How a text table parts its cells."""

    delimiter: str
    quote: str = '"'


@dataclass(frozen=True)
class Sniffed:
    """What a file turned out to be.

    `encoding` is what the letters say, `encoding_claimed` is what the file says (None when it is silent).
    `members` are
    the readable files of an archive.
    """

    kind: Kind
    encoding: str | None = None
    encoding_claimed: str | None = None
    dialect: Dialect | None = None
    members: tuple["Member", ...] = ()


@dataclass(frozen=True)
class Member:
    """One readable file inside a ZIP archive."""

    name: str
    sniffed: Sniffed


def sniff(source: Source, *, limits: Limits = DEFAULT_LIMITS) -> Sniffed:
    """Tell what the file is. Raises `Unreadable` for what is empty, too big, protected or no table at all."""
    size = size_of(source)
    if size == 0:
        raise Unreadable(
            "empty",
            reason_ru="Файл пуст.",
            what_to_do="Проверьте выгрузку: возможно, за выбранный период нет данных.",
        )
    if size > limits.max_bytes:
        raise too_big(f"{size // 2**20} МБ", f"{limits.max_bytes // 2**20} МБ")
    with open_source(source) as file:
        head = file.read(_SAMPLE_BYTES)
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return _zip(source, limits)
        if head.startswith(_OLE):
            return _ole(file, head)
        _refuse_foreign(head)
        if _is_dbf(head, size):
            return _dbf(head)
        return _text(file, head, whole=size <= _SAMPLE_BYTES)


def member_bytes(source: Source, name: str, *, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """The content of one file of a ZIP archive, unpacked within the limits."""
    return unpacking.read_member(source, name, limits=limits)


def _zip(source: Source, limits: Limits) -> Sniffed:
    names = unpacking.member_names(source, limits=limits)
    if "xl/workbook.xml" in names:
        return Sniffed("xlsx")
    if "xl/workbook.bin" in names:
        return Sniffed("xlsb")
    if "mimetype" in names and "content.xml" in names:
        if b"opendocument.spreadsheet" in unpacking.read_member(source, "mimetype", limits=limits):
            return Sniffed("ods")
        raise _not_a_table("это документ, но не таблица", "Сохраните таблицу в Excel (.xlsx), ODS или CSV.")
    if "word/document.xml" in names or "ppt/presentation.xml" in names:
        raise _not_a_table("это документ Word или презентация", "Перенесите таблицу в Excel и сохраните как .xlsx.")
    members = tuple(_members(source, names, limits))
    if not members:
        raise _not_a_table("в архиве нет ни одной таблицы или выписки", "Проверьте, тот ли это архив.")
    return Sniffed("zip", members=members)


def _members(source: Source, names: list[str], limits: Limits) -> Iterator[Member]:
    """The files of an archive that can be read; an archive within an archive is not opened."""
    for name in names:
        if name.endswith("/") or name.startswith("__MACOSX/"):
            continue
        content = unpacking.read_member(source, name, limits=limits)
        try:
            sniffed = sniff(content, limits=limits)
        except Unreadable:
            continue
        if sniffed.kind != "zip":
            yield Member(name, sniffed)


def _ole(file: IO[bytes], head: bytes) -> Sniffed:
    """Excel 97 lies in the same container as Word and as encrypted .xlsx; the stream names tell them apart."""
    content = head + file.read()
    if _stream("EncryptedPackage") in content:
        raise password_protected()
    if _stream("Workbook") in content or _stream("Book") in content:
        return Sniffed("xls")
    raise _not_a_table("это документ Word или другой программы", "Перенесите таблицу в Excel и сохраните как .xlsx.")


def _stream(name: str) -> bytes:
    return name.encode("utf-16-le") + b"\0\0"


def password_protected() -> Unreadable:
    """The refusal of a workbook that opens by a password."""
    return Unreadable(
        "password",
        reason_ru="Книга защищена паролем.",
        what_to_do="Откройте её в Excel, снимите пароль (Файл → Сведения → Защита книги) и сохраните.",
    )


def _not_a_table(reason: str, what_to_do: str) -> Unreadable:
    return Unreadable("not_a_table", reason_ru=f"Таблицы в файле нет: {reason}.", what_to_do=what_to_do)


def _refuse_foreign(head: bytes) -> None:
    for mark, reason, what_to_do in _FOREIGN:
        if head.startswith(mark):
            raise _not_a_table(reason, what_to_do)
    start = head[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<html", b"<!doctype html", b"<table", b"<?xml")):
        raise _not_a_table(
            "это веб-страница или XML, сохранённые под именем таблицы",
            "Откройте файл в Excel и сохраните как «Книга Excel (.xlsx)».",
        )


def _is_dbf(head: bytes, size: int) -> bool:
    if len(head) < 33 or head[0] not in _DBF_VERSIONS:
        return False
    header_length = int.from_bytes(head[8:10], "little")
    record_length = int.from_bytes(head[10:12], "little")
    month, day = head[2], head[3]
    return header_length >= 65 and record_length >= 2 and month <= 12 and day <= 31 and header_length <= size


def _dbf(head: bytes) -> Sniffed:
    """The code page byte is often wrong or missing, so the letters of the records decide when there are any."""
    header_length = int.from_bytes(head[8:10], "little")
    claimed = _DBF_PAGES.get(head[29])
    records = head[header_length:]
    if any(byte >= 0x80 for byte in records):
        encoding = letters.single_byte_encoding(records)
    else:
        encoding = claimed or letters.single_byte_encoding(head[32:header_length])
    return Sniffed("dbf", encoding=encoding, encoding_claimed=claimed)


def _text(file: IO[bytes], head: bytes, *, whole: bool) -> Sniffed:
    encoding = letters.encoding_of(head, whole=whole)
    if encoding is None:
        raise _not_a_table("это двоичный файл неизвестного вида", "Сохраните выгрузку в Excel (.xlsx) или CSV.")
    if encoding == "utf-8" and not whole and not letters.is_utf8_to_the_end(file):
        encoding = letters.single_byte_encoding(head)
    text = head.decode(encoding, errors="replace")
    lines = [line[:_SAMPLE_LETTERS] for line in text.splitlines()[:_SAMPLE_LINES] if line.strip()]
    if not lines:
        raise Unreadable(
            "empty",
            reason_ru="В файле нет ничего, кроме пустых строк.",
            what_to_do="Проверьте выгрузку: возможно, за выбранный период нет данных.",
        )
    if lines[0].strip() == "1CClientBankExchange":
        return Sniffed("statement_1c", encoding=encoding, encoding_claimed=_claimed_by_1c(text))
    delimiter = _delimiter(lines)
    if delimiter is None:
        raise _not_a_table(
            "строки не делятся на столбцы", "Сохраните таблицу в Excel (.xlsx) или CSV с разделителем «;»."
        )
    if lines[0].startswith("#") and delimiter == ";":
        return Sniffed("register", encoding=encoding, dialect=Dialect(";"))
    return Sniffed("tsv" if delimiter == "\t" else "csv", encoding=encoding, dialect=Dialect(delimiter))


def _claimed_by_1c(text: str) -> str | None:
    found = re.search(r"^\s*Кодировка\s*=\s*(\S+)", text[:4000], re.MULTILINE | re.IGNORECASE)
    return _CLAIMS_1C.get(found[1].lower(), found[1]) if found else None


def _delimiter(lines: list[str]) -> str | None:
    """The mark that parts the most lines into the same number of cells; quoted marks do not count."""
    best: tuple[float, str] | None = None
    for delimiter, weight in _DELIMITERS:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if len(row) > 1)
        if not widths:
            continue
        width, times = widths.most_common(1)[0]
        # Two alike rows of two cells prove less than two alike rows of ten.
        score = weight * times * min(width, 10)
        if best is None or score > best[0]:
            best = (score, delimiter)
    return best[1] if best else None
