"""Sheets of dated values: the YAML files that stand beside the code of each topic.

A sheet that breaks `schema.json`, repeats a key or overlaps itself is refused when it is imported.
"""

import json
from collections.abc import Hashable
from datetime import date
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


def _read(path: Path) -> dict[str, Any]:
    try:
        # The loader is a SafeLoader: it makes nothing but plain values.
        sheet = yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except yaml.YAMLError as error:
        raise BadSheet(f"{path.name}: {error}") from error
    complaint = next(_validator().iter_errors(sheet), None)
    if complaint is not None:
        raise BadSheet(f"{path.name}, {'/'.join(map(str, complaint.absolute_path))}: {complaint.message}")
    return dict(sheet)


def _parameter(name: str, entry: dict[str, Any]) -> Parameter:
    return Parameter(
        name=name,
        title=entry["title"],
        unit=entry["unit"],
        checked_on=_day(entry["checked_on"]),
        values=tuple(_value(value) for value in entry["values"]),
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
def _validator() -> Draft202012Validator:
    schema = json.loads((Path(__file__).parent / "schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


class _Loader(yaml.SafeLoader):
    """YAML that leaves dates as text, for the schema to see, and refuses a key written twice."""

    yaml_implicit_resolvers = {
        letter: [(tag, pattern) for tag, pattern in pairs if tag != "tag:yaml.org,2002:timestamp"]
        for letter, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """The mapping, unless a key repeats: YAML would silently keep the last one."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if len(set(keys)) != len(keys):
            raise yaml.YAMLError(f"ключ записан дважды{node.start_mark}")
        return super().construct_mapping(node, deep=deep)
