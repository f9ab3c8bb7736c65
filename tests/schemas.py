"""`python -m tests.schemas`: every YAML file that has a schema beside or above it obeys it."""

import json
import sys
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parent.parent
GOVERNED = {
    "okno/law/schema.json": "okno/law/*/*.yaml",
    "okno/exchange/formats/profiles/schema.json": "okno/exchange/formats/profiles/*.yaml",
    "okno/speech/answering/words/schema.json": "okno/speech/answering/words/*.yaml",
}


def main() -> None:
    complaints: list[str] = []
    checked = 0
    for schema, pattern in GOVERNED.items():
        validator = Draft202012Validator(json.loads((ROOT / schema).read_text(encoding="utf-8")))
        for path in sorted(ROOT.glob(pattern)):
            checked += 1
            # The sheets' dates are keys and values in words; JSON knows no dates.
            document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
            plain = _typed(yaml.safe_load(path.read_text(encoding="utf-8")), document)
            for error in validator.iter_errors(plain):
                complaints.append(f"{path.relative_to(ROOT)}: {'/'.join(map(str, error.path))}: {error.message}")
    print("\n".join(complaints) if complaints else f"Файлов YAML по схемам: {checked}")
    sys.exit(bool(complaints))


def _typed(value: object, text: object) -> object:
    """The document with its numbers and flags, but days as they are written."""
    if isinstance(value, dict) and isinstance(text, dict):
        return {str(key): _typed(part, text[str(key)]) for key, part in value.items()}
    if isinstance(value, list) and isinstance(text, list):
        return [_typed(part, word) for part, word in zip(value, text, strict=True)]
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    return text


if __name__ == "__main__":
    main()
