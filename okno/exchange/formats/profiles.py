"""Profiles: how files of one shape are read. Those shipped lie beside this module as YAML under a JSON schema."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import jsonschema
import yaml

FileKind = Literal["houses", "accounts", "people", "consents", "meters", "turnover", "register", "statement"]
Regime = Literal["housing", "capital_repair", "target", "other"]

_FOLDER = Path(__file__).with_name("profiles")


class BadProfile(ValueError):
    """A profile breaks the schema; the text says where."""


@dataclass(frozen=True)
class FieldHeaders:
    """The header words a field is known by, and whether a row means nothing without it."""

    headers: tuple[str, ...]
    required: bool = False


@dataclass(frozen=True)
class ServiceHeaders:
    """The header words of a service column, the service's code and the regime its bills fall under."""

    headers: tuple[str, ...]
    code: str
    regime: Regime


@dataclass(frozen=True)
class Profile:
    """How files of one shape are read. `telling` fields tell this kind of file from its neighbours."""

    name: str
    title: str
    kind: FileKind
    format: Literal["table", "register", "statement_1c"]
    country: str | None = None
    title_words: tuple[str, ...] = ()
    total_words: tuple[str, ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)
    telling: tuple[str, ...] = ()
    fields: Mapping[str, FieldHeaders] = field(default_factory=dict)
    services: tuple[ServiceHeaders, ...] = ()


def parse_profile(document: Mapping[str, Any]) -> Profile:
    """A profile out of a document of the shape of `profiles/schema.json`. Raises `BadProfile`."""
    error = jsonschema.exceptions.best_match(_validator().iter_errors(document))
    if error is not None:
        where = "/".join(str(step) for step in error.absolute_path) or "корень"
        raise BadProfile(f"Профиль «{document.get('name', '?')}», {where}: {error.message}")
    strange = set(document.get("telling", ())) - set(document.get("fields", {}))
    if strange:
        raise BadProfile(f"Профиль «{document['name']}»: в telling нет таких полей: {', '.join(sorted(strange))}.")
    return Profile(
        name=document["name"],
        title=document["title"],
        kind=document["kind"],
        format=document["format"],
        country=document.get("country"),
        title_words=tuple(document.get("title_words", ())),
        total_words=tuple(document.get("total_words", ())),
        constants=dict(document.get("constants", {})),
        telling=tuple(document.get("telling", ())),
        fields={
            name: FieldHeaders(tuple(found["headers"]), found.get("required", False))
            for name, found in document.get("fields", {}).items()
        },
        services=tuple(
            ServiceHeaders(tuple(found["headers"]), found["code"], found["regime"])
            for found in document.get("services", ())
        ),
    )


@cache
def shipped_profiles() -> Mapping[str, Profile]:
    """The profiles Okno ships, by name."""
    documents = [yaml.safe_load(path.read_text("utf-8")) for path in sorted(_FOLDER.glob("*.yaml"))]
    return {profile.name: profile for profile in map(parse_profile, documents)}


@cache
def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads((_FOLDER / "schema.json").read_text("utf-8")))
