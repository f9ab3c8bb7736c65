"""The words a country's paper uses, in its languages: where there are two, both stand on the page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path

import yaml
from babel.dates import format_date

from okno.exchange.paper.contents import Texts

_FOLDER = Path(__file__).with_name("words")


@dataclass(frozen=True)
class Wording:
    """Words by key, in each of `languages` in their order."""

    languages: tuple[str, ...]
    words: Mapping[str, Texts]
    #: The names that services have before the organisation changes them, by code, where there are two languages.
    services: Mapping[str, Texts]

    def service(self, code: str, name: str) -> str:
        """A service as the page calls it: in both languages while it has the name it began with."""
        told = self.services.get(code, ())
        return " / ".join(told) if name in told else name

    def say(self, key: str, **values: object) -> Texts:
        """The words with their places filled in; a value may be a tuple, one text for each language."""
        if not values:
            return self.words[key]
        return tuple(
            text.format(**{name: value[place] if isinstance(value, tuple) else value for name, value in values.items()})
            for place, text in enumerate(self.words[key])
        )

    def for_month(self, key: str, month: date, **values: object) -> Texts:
        """The words about a month: {month} is its name, {year} its year."""
        return self.say(key, month=self.month(month), year=month.year, **values)

    def month(self, month: date) -> Texts:
        """The name of the month alone: октябрь, қазан, жовтень."""
        return tuple(_month(month.month, language) for language in self.languages)

    def long_day(self, day: date) -> Texts:
        """A day in words where its case fits any sentence: 16 ноября 2026; figures in Kazakh, whose suffixes vary."""
        return tuple(_long_day(day, language) for language in self.languages)


@cache
def wording(country: str) -> Wording:
    """The words of a country: ru, kz or ua."""
    document = yaml.safe_load((_FOLDER / f"{country}.yaml").read_text("utf-8"))
    languages = tuple(document["languages"])
    words, services = (
        {
            key: tuple(told[language] for language in languages) if isinstance(told, dict) else (told,)
            for key, told in document.get(section, {}).items()
        }
        for section in ("words", "services")
    )
    return Wording(languages, words, services)


@lru_cache(maxsize=64)
def _month(number: int, language: str) -> str:
    # Kazakh names of months come capital-first; inside a sentence they are small as the others.
    return str(format_date(date(2026, number, 1), "LLLL", locale=language)).lower()


@lru_cache(maxsize=512)
def _long_day(day: date, language: str) -> str:
    if language == "kk":
        return short_day(day)
    return str(format_date(day, "d MMMM y", locale=language))


def short_day(day: date) -> str:
    """16.11.2026, the same in every language."""
    return f"{day:%d.%m.%Y}"


def figure(minor: int) -> str:
    """A sum without its currency: 123456789 → «1 234 567,89», a true minus before what is taken off.

    The three languages write sums alike; Babel says the same a hundred times slower, and a town has a million of them.
    """
    whole, rest = divmod(abs(minor), 100)
    sign = "−" if minor < 0 else ""
    return f"{sign}{whole:,}".replace(",", "\u00a0") + f",{rest:02d}"
