"""Files for the tests, written by other programs than the one that reads them."""

import io
import struct
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import openpyxl
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

REAL_FILES = Path(__file__).parents[1] / "files"
TODAY = date(2026, 11, 20)


def xlsx(rows: Iterable[Sequence[object]], *, sheet: str = "Лист1") -> bytes:
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xls(rows: Iterable[Sequence[object]]) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Лист1")
    day = xlwt.easyxf(num_format_str="DD.MM.YYYY")
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            if isinstance(cell, date):
                sheet.write(number, place, cell, day)
            elif cell is not None:
                sheet.write(number, place, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ods(rows: Iterable[Sequence[object]]) -> bytes:
    document = OpenDocumentSpreadsheet()
    table = Table(name="Лист1")
    for row in rows:
        line = TableRow()
        for cell in row:
            line.addElement(_ods_cell(cell))
        table.addElement(line)
    document.spreadsheet.addElement(table)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _ods_cell(cell: object) -> TableCell:
    if cell is None:
        return TableCell()
    if isinstance(cell, date):
        return TableCell(valuetype="date", datevalue=cell.isoformat())
    if isinstance(cell, int | float):
        return TableCell(valuetype="float", value=str(cell))
    made = TableCell(valuetype="string")
    made.addElement(P(text=str(cell)))
    return made


def dbf(
    fields: Sequence[tuple[str, str, int, int]],
    rows: Iterable[Sequence[str]],
    *,
    encoding: str = "cp866",
    page: int = 0x65,
    deleted: frozenset[int] = frozenset(),
) -> bytes:
    """A dBase III table: fields are (name, type, length, decimals), rows hold the texts as they lie in the records."""
    records = b""
    count = 0
    for count, row in enumerate(rows, start=1):
        records += b"*" if count in deleted else b" "
        for (_, kind, length, _), text in zip(fields, row, strict=True):
            data = text.encode(encoding)[:length]
            records += data.rjust(length) if kind == "N" else data.ljust(length)
    header = struct.pack(
        "<BBBBIHH16xBBH", 3, 126, 11, 20, count, 33 + 32 * len(fields), 1 + sum(f[2] for f in fields), 0, page, 0
    )
    for name, kind, length, decimals in fields:
        header += struct.pack("<11sc4xBB14x", name.encode(encoding), kind.encode(), length, decimals)
    return header + b"\r" + records + b"\x1a"


def with_part(book: bytes, name: str, content: bytes) -> bytes:
    """The same ZIP container with one part replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.namelist():
            target.writestr(part, content if part == name else source.read(part))
    return out.getvalue()


def with_sheet(cells: bytes) -> bytes:
    """A workbook whose only sheet holds these raw rows."""
    return with_part(
        xlsx([["x"]]),
        "xl/worksheets/sheet1.xml",
        b'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b"<sheetData>" + cells + b"</sheetData></worksheet>",
    )


def compound(stream: str) -> bytes:
    """The beginning of an OLE container that names one stream, like encrypted workbooks and Word documents."""
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)
    return head + stream.encode("utf-16-le") + bytes(2048)


def xlsb(*, row: int = 0, column: int = 0) -> bytes:
    """A small binary workbook with one number, 7, at the row and column (from 0)."""

    def record(kind: int, content: bytes = b"") -> bytes:
        head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
        return head + bytes([len(content)]) + content

    def wide(text: str) -> bytes:
        return struct.pack("<I", len(text)) + text.encode("utf-16-le")

    sheet = (
        record(129)
        + record(148, struct.pack("<IIII", row, row, column, column))
        + record(145)
        + record(0, struct.pack("<IIHBBBI", row, 0, 300, 0, 0, 0, 0))
        + record(5, struct.pack("<IId", column, 0, 7.0))
        + record(146)
        + record(130)
    )
    book = (
        record(131)
        + record(143)
        + record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("Лист1"))
        + record(144)
        + record(132)
    )
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relation = (
        '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        'relationships"><Relationship Id="rId1" Type="{office}/{kind}" Target="{target}"/></Relationships>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("[Content_Types].xml", "<Types/>")
        target.writestr("_rels/.rels", relation.format(office=office, kind="officeDocument", target="xl/workbook.bin"))
        target.writestr("xl/workbook.bin", book)
        target.writestr(
            "xl/_rels/workbook.bin.rels",
            relation.format(office=office, kind="worksheet", target="worksheets/sheet1.bin"),
        )
        target.writestr("xl/worksheets/sheet1.bin", sheet)
    return out.getvalue()
