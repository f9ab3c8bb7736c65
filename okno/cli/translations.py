"""Words of the screens: extract them, count what is not translated, compile the catalogues.

Russian words are the keys themselves, so the Russian catalogue holds plurals only. Works with Babel and Django's own
template lexer; GNU gettext is not needed.
"""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from okno.cli import start

ROOT = Path(__file__).resolve().parent.parent.parent
LANGUAGES = ("ru", "kk", "uk", "en")
CALL = re.compile(
    r"\b(?:gettext|ngettext|pgettext|npgettext)"
    r"\((?:[^()\"']|u?\"(?:\\.|[^\"\\])*\"|u?'(?:\\.|[^'\\])*')*\)"
)
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


@click.group()
def translations() -> None:
    """Переводы рабочего стола: русский, казахский, украинский, английский."""


@translations.command("extract")
def extract_words() -> None:
    """Собрать слова из программы и страниц в каталоги locale/."""
    start.settings_only()
    template = _words()
    for language in LANGUAGES:
        path = _path(language)
        catalogue = _read(language)
        catalogue.update(template, no_fuzzy_matching=True, update_header_comment=False)
        catalogue.obsolete.clear()
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as stream:
            write_po(stream, catalogue, width=120, sort_output=True, omit_header=False, include_lineno=False)
    click.echo(f"Слов: {len(template)}")


@translations.command("check")
@click.option("--json", "as_json", is_flag=True)
def check_words(as_json: bool) -> None:
    """Сосчитать непереведённое; есть пробелы — код 1."""
    start.settings_only()
    found = gaps()
    if as_json:
        click.echo(json.dumps({language: len(words) for language, words in found.items()}))
    else:
        for language, words in found.items():
            click.echo(f"{language}: без перевода {len(words)}")
            for word in words[:5]:
                click.echo(f"    {word}")
    if any(found.values()):
        raise SystemExit(1)


@translations.command("compile")
def compile_words() -> None:
    """Собрать .mo из .po."""
    for language in LANGUAGES:
        with _path(language).with_suffix(".mo").open("wb") as stream:
            write_mo(stream, _read(language))


def gaps() -> dict[str, list[str]]:
    """By language, the words of the program and the pages that its catalogue does not translate."""
    template = _words()
    found: dict[str, list[str]] = {}
    for language in LANGUAGES:
        catalogue = _read(language)
        missing: list[str] = []
        for message in template:
            if not message.id or (language == "ru" and not message.pluralizable):
                continue
            known = catalogue.get(message.id, message.context)
            strings = known.string if known else ""
            complete = all(strings) if isinstance(strings, tuple | list) else bool(strings)
            if not complete:
                missing.append(str(message.id if isinstance(message.id, str) else message.id[0]))
        found[language] = sorted(missing)
    return found


def _path(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def _read(language: str) -> Catalog:
    path = _path(language)
    if not path.exists():
        return Catalog(locale=language, project="Okno", charset="utf-8")
    with path.open("rb") as stream:
        return read_po(stream, locale=language)


def _words() -> Catalog:
    """Every word shown to people, from the Python sources and from the templates."""
    catalogue = Catalog(project="Okno", charset="utf-8")
    for name, source in _sources():
        found = extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS, comment_tags=("Translators:",))
        for _line, words, comments, context in found:
            catalogue.add(words, locations=[(name, 0)], auto_comments=comments, context=context)
    return catalogue


def _sources() -> Iterator[tuple[str, str]]:
    from django.utils.translation import template as lexer

    for folder in ("okno", "config"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
        for path in sorted((ROOT / folder).rglob("*.html")):
            source = lexer.templatize(path.read_text(encoding="utf-8"), origin=str(path))
            yield str(path.relative_to(ROOT)), _as_python(source)


def _as_python(source: str) -> str:
    """What Django's lexer leaves of a page is calls of gettext among marks; keep the calls, a line each."""
    import re

    calls = re.findall(
        r"\b(?:gettext|ngettext|pgettext|npgettext)\((?:[^()\"']|u?\"(?:\\.|[^\"\\])*\"|u?'(?:\\.|[^'\\])*')*\)", source
    )
    return "\n".join(calls)
