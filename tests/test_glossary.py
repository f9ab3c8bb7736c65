"""One word, one thing: every table has its word in four languages, and no word speaks of code that is gone."""

import re
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).parent.parent
LINES = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs/glossary.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith(("| ru ", "| ---"))
]
MODELS = [
    model.__name__
    for model in apps.get_models()
    if model.__module__.startswith("okno.") and not model.__name__.endswith("Event")
]


@pytest.fixture(scope="module")
def code() -> str:
    """All names of the code: its files' and those that stand in them."""
    files = [path for ending in ("py", "yaml") for path in (ROOT / "okno").rglob(f"*.{ending}")]
    return " ".join([*(str(path) for path in files), *(path.read_text(encoding="utf-8") for path in files)])


@pytest.mark.parametrize("model", MODELS)
def test_every_table_has_its_word(model: str) -> None:
    assert any(re.search(rf"\b{model}\b", line[4]) for line in LINES)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[0])
def test_every_word_is_told_in_four_languages_and_stands_in_the_code(line: list[str], code: str) -> None:
    assert len(line) == 6
    assert all(line)
    for name in re.findall(r"`([^`]+)`", line[4]):
        assert re.search(rf"\b{re.split('[./]', name)[-1]}\b", code)


def test_no_word_is_explained_twice() -> None:
    words = [line[0] for line in LINES]
    assert len(words) == len(set(words))
