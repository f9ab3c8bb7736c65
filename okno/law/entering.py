"""Reading what the operator enters: one value from text, and a file of many (CSV or YAML), line by line.

A line that cannot be read is told with its number and its reason; the others are read all the same. Whether a value
fits beside the sheet's is asked of the parameter itself (`Parameter.joined_with`).
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import yaml

from okno.common.days import NotADay, last_day, parse_day
from okno.law.dated import Parameter, UnknownNorm, Value, parameter
from okno.law.sheets import complaint, parse
from okno.law.unit_words import NEEDED

_ONE_DAY = timedelta(days=1)
_MONTHLY = "percent of the month before"

#: Words of a header by what they mean.
COLUMNS: Mapping[str, frozenset[str]] = {
    "name": frozenset({"name", "значение закона", "норма", "параметр"}),
    "key": frozenset({"key", "code", "код", "ключ", "код территории", "катоттг"}),
    "since": frozenset({"since", "valid_from", "from", "date", "с", "с дня", "дата", "начало", "действует с"}),
    "until": frozenset({"until", "valid_to", "to", "по", "по день", "окончание", "конец", "действует по"}),
    "known_since": frozenset({"known_since", "известно с"}),
    "value": frozenset({"value", "rate", "index", "значение", "ставка", "индекс"}),
    "source": frozenset({"source", "источник", "документ"}),
    "verified": frozenset({"verified", "сверено", "проверено"}),
    "note": frozenset({"note", "примечание", "название", "name of the territory"}),
}
#: How people write a value that is true or false.
_TRUTH = {"да": True, "yes": True, "true": True, "нет": False, "no": False, "false": False}
_YES = frozenset({"yes", "true", "1", "да", "+"})
_NO = frozenset({"no", "false", "0", "нет", "-", ""})


class BadValue(ValueError):
    """The text is no value of the parameter's unit, or a field of it is missing; the message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a file: a value for a parameter, or the reason why it is none."""

    number: int
    name: str = ""
    value: Value | None = None
    reason: str = ""
    #: The line as it was, to be saved and mended.
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What a file does not say in its lines. `until` is for the last value of a parameter whose values run out."""

    name: str = ""
    source: str = ""
    until: date | None = None
    verified: bool = False


def read_value(of: Parameter, text: str) -> Any:
    """The value the text means for the parameter: `14,25`, `да`, `[{above: 0, …}]`. Raises `BadValue`."""
    tidy = text.strip()
    if of.unit == "yes or no" and tidy.lower() in _TRUTH:
        return _TRUTH[tidy.lower()]
    if of.unit.startswith(("percent", "multiplier", "money")):
        tidy = tidy.removesuffix("%").strip().replace(",", ".").replace("\N{NO-BREAK SPACE}", "")
    refusal = BadValue(f"{of.name}: «{text}» не подходит, {NEEDED[of.unit]}.")
    try:
        value = parse(tidy)
    except yaml.YAMLError as error:
        raise refusal from error
    if complaint(of.unit, value) is not None:
        raise refusal
    return value


def checked(of: Parameter, value: Value) -> Value:
    """The value marked as entered, with the day it ends where its unit says so. Raises `BadValue`."""
    if not value.source.strip():
        raise BadValue(f"{of.name}: укажите источник (--source).")
    if value.until is not None and value.until < value.since:
        raise BadValue(f"{of.name}: последний день раньше первого.")
    if of.unit == _MONTHLY and value.since.day != 1:
        raise BadValue(f"{of.name}: индекс вводят с первого дня месяца.")
    until = last_day(value.since) if of.unit == _MONTHLY and value.until is None else value.until
    return replace(value, entered=True, until=until, key=read_key(of, value.key))


def read_key(of: Parameter, text: str) -> str:
    """The key as the parameter's keys are written, "ua63…" too; no key stays none. Raises `BadValue`."""
    key = text.strip().upper() if of.key_pattern else text.strip()
    if key and of.key_pattern and not re.fullmatch(of.key_pattern, key):
        raise BadValue(f"«{text}» не подходит, нужен {of.keyed[:1].lower()}{of.keyed[1:]}, например {of.key_example}.")
    return key


def read_file(text: str, defaults: Defaults) -> list[Line]:
    """The lines of a CSV (a header names the columns) or of a YAML list of mappings with the same names.

    Raises `BadValue` when the whole file cannot be read.
    """
    rows = _yaml_rows(text) if text.lstrip("\ufeff").lstrip().startswith(("-", "[")) else _csv_rows(text)
    return _closed([_line(number, fields, defaults) for number, fields in rows], defaults)


def _csv_rows(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    lines = text.removeprefix("\ufeff")
    head = lines.partition("\n")[0]
    delimiter = max(";,\t", key=head.count)
    reader = csv.reader(io.StringIO(lines), delimiter=delimiter)
    columns = [_column(cell) for cell in next(reader, [])]
    if "since" not in columns:
        raise BadValue(
            "В первой строке нужны названия столбцов: норма, с, значение, источник (или name, since, value, source)."
        )
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                named = zip(columns, cells, strict=False)
                yield reader.line_num, {column: cell.strip() for column, cell in named if column}
    except csv.Error as error:
        raise BadValue(f"Строку {reader.line_num} не разобрать: похоже, кавычка открыта и не закрыта.") from error


def _column(cell: str) -> str:
    tidy = " ".join(cell.lower().replace("ё", "е").split())
    return next((name for name, words in COLUMNS.items() if tidy in words), "")


def _yaml_rows(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    try:
        document = yaml.compose(text, yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise BadValue(f"Файл начат как YAML, но не читается{_place(error)}. Исправьте его или дайте CSV.") from error
    if not isinstance(document, yaml.SequenceNode):
        raise BadValue("В файле нужен список: у каждой записи name, since, value, source.")
    for entry in document.value:
        pairs = entry.value if isinstance(entry, yaml.MappingNode) else []
        fields = {_column(str(key.value)): _as_text(value) for key, value in pairs}
        yield entry.start_mark.line + 1, {column: told for column, told in fields.items() if column}


def _place(error: yaml.YAMLError) -> str:
    mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
    return "" if mark is None else f": строка {mark.line + 1}, знак {mark.column + 1}"


def _as_text(node: yaml.Node) -> str:
    """A field as it would stand in a table: a plain word, or YAML of what has parts."""
    if isinstance(node, yaml.ScalarNode):
        return "" if node.tag == "tag:yaml.org,2002:null" else str(node.value)
    return str(yaml.serialize(node, Dumper=yaml.SafeDumper))


def _line(number: int, fields: Mapping[str, str], defaults: Defaults) -> Line:
    name = fields.get("name") or defaults.name
    try:
        if not name:
            raise BadValue("нет имени значения: столбец name или --name")
        return Line(number=number, name=name, value=_value(parameter(name), fields, defaults), fields=fields)
    except (BadValue, NotADay, UnknownNorm) as refusal:
        return Line(number=number, name=name, reason=str(refusal), fields=fields)


def _value(of: Parameter, fields: Mapping[str, str], defaults: Defaults) -> Value:
    written = fields.get("value", "") or ("true" if of.unit == "yes or no" else "")
    if not written:
        raise BadValue("нет значения")
    value = Value(
        since=parse_day(fields.get("since", "")),
        until=_day(fields, "until"),
        known_since=_day(fields, "known_since"),
        value=read_value(of, written),
        source=fields.get("source") or defaults.source,
        verified=_flag(fields["verified"]) if "verified" in fields else defaults.verified,
        note=fields.get("note", ""),
        key=fields.get("key", ""),
    )
    return checked(of, value)


def _day(fields: Mapping[str, str], name: str) -> date | None:
    return parse_day(fields[name]) if fields.get(name) else None


def _flag(text: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise BadValue(f"«{text}»: нужно да или нет")


def _closed(lines: Iterable[Line], defaults: Defaults) -> list[Line]:
    """The lines with the ends a file means: a value of a rate ends where the file's next one begins."""
    found = list(lines)
    for place, line in enumerate(found):
        if line.value is None or line.value.until is not None or not parameter(line.name).runs_out:
            continue
        later = [
            other.value.since
            for other in found
            if other.value is not None
            and (other.name, other.value.key) == (line.name, line.value.key)
            and other.value.since > line.value.since
        ]
        until = min(later) - _ONE_DAY if later else defaults.until
        try:
            found[place] = replace(line, value=checked(parameter(line.name), replace(line.value, until=until)))
        except BadValue as refusal:
            found[place] = replace(line, value=None, reason=str(refusal))
    return found
