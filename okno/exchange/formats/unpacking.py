"""Opening ZIP containers (archives, .xlsx, .xlsb, .ods) without letting them fill the memory.

The reader of workbooks believes what a workbook says of itself, so a workbook is looked through here first:
how much it
unpacks to, whether it is whole, how large a rectangle its cells span, and whether its formulas carry values.
"""

import re
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from xml.parsers import expat

from .limits import Limits, Unreadable, too_big, truncated
from .references import reach
from .source import Source, open_source

_CHUNK = 2**20
_RATIO_MATTERS_FROM = 50 * 2**20
_FORMULA_WITHOUT_VALUE = re.compile(rb"<c\b([^>]*)><f\b(?:[^>]*/>|[^>]*>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>")


def member_names(source: Source, *, limits: Limits) -> list[str]:
    """The names of the files in a ZIP container. Raises `Unreadable` when it is broken, locked or a bomb."""
    with _opened(source) as archive:
        _check_declared(archive, limits)
        return archive.namelist()


def read_member(source: Source, name: str, *, limits: Limits) -> bytes:
    """The unpacked content of one file of the container."""
    with _opened(source) as archive:
        _check_declared(archive, limits)
        try:
            return archive.read(name)
        except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError) as error:
            raise truncated(f"не распаковывается «{name}»") from error


def check_workbook(source: Source, *, kind: str, limits: Limits) -> None:
    """Look a workbook through before it is given to the reader. Raises `Unreadable`.

    Every part is unpacked once, a piece at a time: that proves its true size and its checksum, which the
    directory of
    the container may lie about.
    """
    with _opened(source) as archive:
        _check_declared(archive, limits)
        for part in archive.infolist():
            try:
                _check_part(archive, part, kind, limits)
            except (
                zipfile.BadZipFile,
                EOFError,
                zipfile.LargeZipFile,
                NotImplementedError,
                OSError,
            ) as error:
                raise truncated("часть книги повреждена") from error


@contextmanager
def _opened(source: Source) -> Iterator[zipfile.ZipFile]:
    with open_source(source) as file:
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, struct.error) as error:
            raise truncated("у архива или книги нет конца") from error
        with archive:
            yield archive


def _check_declared(archive: zipfile.ZipFile, limits: Limits) -> None:
    parts = archive.infolist()
    if len(parts) > limits.max_members:
        raise too_big(f"в архиве {len(parts)} файлов", str(limits.max_members))
    unpacked = sum(part.file_size for part in parts)
    packed = max(1, sum(part.compress_size for part in parts))
    if unpacked > limits.max_unpacked_bytes or (
        unpacked > _RATIO_MATTERS_FROM and unpacked > limits.max_ratio * packed
    ):
        raise _bomb()
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable(
            "password", reason_ru="Архив защищён паролем.", what_to_do="Распакуйте его и загрузите сам файл."
        )


def _bomb() -> Unreadable:
    return Unreadable(
        "bomb",
        reason_ru="Файл распаковывается в неправдоподобно большой объём, загружать его опасно.",
        what_to_do="Получите выгрузку заново из учётной программы; если она и вправду велика, сохраните её в CSV.",
    )


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, kind: str, limits: Limits) -> None:
    look: _Sheet | _BinarySheet | _OpenDocument | None = None
    if kind == "xlsx" and re.fullmatch(r"xl/worksheets/[^/]+\.xml", part.filename):
        look = _Sheet(limits)
    elif kind == "xlsb" and re.fullmatch(r"xl/worksheets/[^/]+\.bin", part.filename):
        look = _BinarySheet(limits)
    elif kind == "ods" and part.filename == "content.xml":
        look = _OpenDocument(limits)
    with archive.open(part) as file:
        while chunk := file.read(_CHUNK):
            if look is not None:
                look.feed(chunk)
    if look is not None:
        look.finish()


class _Extent:
    """The rectangle a sheet spans. The reader allocates it whole, so one far cell could take all memory."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.rows = 0
        self.columns = 26

    def check(self) -> None:
        if self.rows > self.limits.max_rows:
            raise too_big(f"{self.rows} строк", f"{self.limits.max_rows}")
        if self.columns > self.limits.max_columns:
            raise too_big(f"{self.columns} столбцов", f"{self.limits.max_columns}")
        if self.rows * self.columns > self.limits.max_cells:
            raise too_big(f"лист {self.rows} × {self.columns} ячеек", f"{self.limits.max_cells} ячеек")


class _Sheet:
    """A sheet of .xlsx, fed piece by piece: its extent and its formulas without values."""

    def __init__(self, limits: Limits) -> None:
        self._extent = _Extent(limits)
        self._rest = b""
        self._hollow = 0

    def feed(self, chunk: bytes) -> None:
        data = self._rest + chunk
        # A tag may be cut by the edge of the piece: keep everything from the last cell on for the next one.
        cut = max(data.rfind(b"<c "), data.rfind(b"<row "), 0)
        if len(data) - cut > _CHUNK:
            cut = len(data)
        self._look(data[:cut])
        self._rest = data[cut:]

    def finish(self) -> None:
        self._look(self._rest)
        if self._hollow:
            raise formulas_without_values(self._hollow)

    def _look(self, data: bytes) -> None:
        extent = self._extent
        found = reach(data)
        extent.rows, extent.columns = max(extent.rows, found.row), max(extent.columns, found.column)
        extent.check()
        if b"<f" in data:
            # A formula whose text is empty is stored in the same way but says t="str".
            self._hollow += sum(b't="str"' not in told for told in _FORMULA_WITHOUT_VALUE.findall(data))


def formulas_without_values(count: int) -> Unreadable:
    """The refusal of a workbook whose formulas were never calculated: a missing sum must not pass for zero."""
    return Unreadable(
        "formulas",
        reason_ru=f"В книге есть формулы, значения которых никто не вычислил: {count}.",
        what_to_do="Откройте книгу в Excel или LibreOffice, дождитесь пересчёта, сохраните и загрузите снова.",
    )


class _BinarySheet:
    """A sheet of .xlsb: records of (type, length, content), both numbers in 7-bit pieces."""

    _ROW_HEADER = 0
    _LAST_CELL = 11

    def __init__(self, limits: Limits) -> None:
        self._extent = _Extent(limits)
        self._pending = bytearray()

    def feed(self, chunk: bytes) -> None:
        self._pending += chunk
        position = 0
        while (record := self._record(position)) is not None:
            kind, start, end = record
            if kind <= self._LAST_CELL and end - start >= 4:
                number = int.from_bytes(self._pending[start : start + 4], "little") + 1
                if kind == self._ROW_HEADER:
                    self._extent.rows = max(self._extent.rows, number)
                else:
                    self._extent.columns = max(self._extent.columns, number)
            position = end
        del self._pending[:position]
        self._extent.check()

    def finish(self) -> None:
        if self._pending:
            raise truncated("лист книги обрывается на полуслове")

    def _record(self, position: int) -> tuple[int, int, int] | None:
        """(type, start of content, end) of the record at the position; None until it has come whole."""
        data = self._pending
        if position + 2 > len(data):
            return None
        kind = data[position]
        position += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | data[position] << 7
            position += 1
        length = shift = 0
        for _ in range(4):
            if position >= len(data):
                return None
            byte = data[position]
            position += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        return (kind, position, position + length) if position + length <= len(data) else None


class _OpenDocument:
    """content.xml of .ods: repeated cells and rows are written once with a number, which the reader unrolls."""

    _TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
    _OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 "

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.EntityDeclHandler = self._entity
        self._row_repeated = 1
        self._rows = self._columns = self._filled = self._cells = self._hollow = 0

    def feed(self, chunk: bytes) -> None:
        self._parse(chunk, final=False)

    def finish(self) -> None:
        self._parse(b"", final=True)
        if self._hollow:
            raise formulas_without_values(self._hollow)

    def _parse(self, chunk: bytes, *, final: bool) -> None:
        try:
            self._parser.Parse(chunk, final)
        except expat.ExpatError as error:
            raise truncated("содержимое таблицы повреждено") from error

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == f"{self._TABLE}table":
            self._rows = 0
        elif name == f"{self._TABLE}table-row":
            self._row_repeated = int(attributes.get(f"{self._TABLE}number-rows-repeated", 1))
            self._columns = self._filled = 0
        elif name in (f"{self._TABLE}table-cell", f"{self._TABLE}covered-table-cell"):
            self._columns += int(attributes.get(f"{self._TABLE}number-columns-repeated", 1))
            typed = f"{self._OFFICE}value-type" in attributes
            if typed:
                self._filled = self._columns
            elif f"{self._TABLE}formula" in attributes:
                self._hollow += 1

    def _end(self, name: str) -> None:
        if name != f"{self._TABLE}table-row":
            return
        self._rows += self._row_repeated
        if not self._filled:
            # Programs close a sheet with a million empty rows; the reader drops them.
            return
        self._cells += self._filled * self._row_repeated
        if self._rows > self._limits.max_rows:
            raise too_big(f"{self._rows} строк", f"{self._limits.max_rows}")
        if self._filled > self._limits.max_columns:
            raise too_big(f"{self._filled} столбцов", f"{self._limits.max_columns}")
        if self._cells > self._limits.max_cells:
            raise too_big(f"{self._cells} ячеек", f"{self._limits.max_cells}")

    def _entity(self, *_: object) -> None:
        raise _bomb()
