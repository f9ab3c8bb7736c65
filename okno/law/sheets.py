"""Reading and checking the YAML sheets that sit beside each topic.

A sheet that breaks `schema.json`, repeats a key or overlaps itself is refused when it is imported.
"""

import json
from collections.abc import Hashable
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from okno.law.dated import Parameter, Value


class BadSheet(ValueError):
    """The YAML file does not hold what the schema asks for."""


def load(path: Path) -> dict[str, Parameter]:
    """The parameters of one sheet by their short names; full names are country.topic.name, from the path."""
    sheet = _read(path)
    prefix = f"{path.parent.name}.{path.stem}"
    return {name: _parameter(f"{prefix}.{name}", entry) for name, entry in sheet.items()}


def complaint(unit: str, value: object) -> str | None:
    """What is wrong with the value of this unit, in the schema's words; None when nothing is."""
    if unit not in _schema()["$defs"]["units"]:
        return f"unit: {unit!r} is not one of {', '.join(_schema()['$defs']['units'])}"
    found = next(_validator(unit).iter_errors(value), None)
    return found and f"{'/'.join(map(str, ('value', *found.absolute_path)))}: {found.message}"


def _read(path: Path) -> dict[str, Any]:
    try:
        sheet = parse(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise BadSheet(f"{path.name}: {error}") from error
    found = next(_validator().iter_errors(sheet), None)
    if found is not None:
        raise BadSheet(f"{path.name}, {'/'.join(map(str, found.absolute_path))}: {found.message}")
    for name, entry in sheet.items():
        for value in entry["values"]:
            wrong = complaint(entry["unit"], value["value"])
            if wrong is not None:
                raise BadSheet(f"{path.name}, {name}, {value['since']}, {wrong}")
    return dict(sheet)


def parse(text: str) -> Any:
    """YAML as the sheets mean it: days stay text, a fraction is a Decimal, a key may not repeat. Raises YAMLError."""
    # The loader is a SafeLoader: it makes nothing but plain values.
    return yaml.load(text, _Loader)


def _parameter(name: str, entry: dict[str, Any]) -> Parameter:
    return Parameter(
        name=name,
        title=entry["title"],
        unit=entry["unit"],
        checked_on=_day(entry["checked_on"]),
        over=entry.get("over", ""),
        keyed=entry.get("keyed", ""),
        key_pattern=entry.get("key_pattern", ""),
        key_example=entry.get("key_example", ""),
        written=tuple(_value(value) for value in entry["values"]),
    )


def _value(entry: dict[str, Any]) -> Value:
    fields = dict(entry)
    for key in ("since", "until", "known_since"):
        if key in fields:
            fields[key] = _day(fields[key])
    return Value(**fields)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadSheet(f"Такого дня нет: {text}") from error


@lru_cache(maxsize=1)
def _schema() -> dict[str, Any]:
    text = (Path(__file__).parent / "schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text, parse_float=Decimal)
    Draft202012Validator.check_schema(schema)
    return schema


@lru_cache(maxsize=64)
def _validator(unit: str | None = None) -> Draft202012Validator:
    """The check of a whole sheet, or of one value of a unit."""
    if unit is None:
        return Draft202012Validator(_schema())
    return Draft202012Validator({**_schema()["$defs"]["units"][unit], "$defs": _schema()["$defs"]})


class _Loader(yaml.SafeLoader):
    """YAML that leaves dates, "on" and "no" as text, for the schema to see, and refuses a key written twice."""

    yaml_implicit_resolvers = {
        letter: [
            (tag, pattern)
            for tag, pattern in pairs
            if tag != "tag:yaml.org,2002:timestamp" and (tag != "tag:yaml.org,2002:bool" or letter in "tTfF")
        ]
        for letter, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """The mapping, unless a key repeats: YAML would silently keep the last one."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if len(set(keys)) != len(keys):
            raise yaml.YAMLError(f"ключ записан дважды{node.start_mark}")
        return super().construct_mapping(node, deep=deep)

    def construct_decimal(self, node: yaml.ScalarNode) -> Decimal:
        """A rate as it is written: 14.25 is 14.25, not the nearest binary number."""
        try:
            number = Decimal(node.value)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise yaml.YAMLError(f"не число: {node.value}{node.start_mark}")
        return number


_Loader.add_constructor("tag:yaml.org,2002:float", _Loader.construct_decimal)
