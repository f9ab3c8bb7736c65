"""What a country lends a town: names, streets, tariffs, banks and the words its files use."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

Country = Literal["ru", "kz", "ua"]

_FOLDER = Path(__file__).with_name("places")


@dataclass(frozen=True)
class TurnoverWords:
    """The words of a turnover file: its title, headers before and after the services, services by code, the total."""

    title: str
    total: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    services: Mapping[str, str]


@dataclass(frozen=True)
class Place:
    """A country's share in a town. Tariffs are minor units of the first year: per m² a month, per m³, per resident."""

    country: Country
    currency: str
    language: str
    languages: Mapping[str, int]
    city: str
    house: str
    flat: str
    organisation: str
    account_prefix: str
    own_account: str
    #: Where residents pay to besides the account: fields of `exchange.PaymentDetails`.
    payment: Mapping[str, str]
    foreign_account: str
    phone: str
    local_phone: str
    encoding: str
    banks: tuple[str, ...]
    streets: tuple[str, ...]
    male: tuple[str, ...]
    female: tuple[str, ...]
    male_patronymics: tuple[str, ...]
    female_patronymics: tuple[str, ...]
    surnames: tuple[str, ...]
    companies: tuple[str, ...]
    tariffs: Mapping[str, int]
    yearly_growth_percent: int
    growth_month: int
    heating_months: frozenset[int]
    turnover: TurnoverWords
    purpose: str
    account_words: str


@cache
def place(country: Country) -> Place:
    """The place of a country."""
    document = yaml.safe_load((_FOLDER / f"{country}.yaml").read_text("utf-8"))
    words = document.pop("turnover")
    lists = {key: tuple(value) for key, value in document.items() if isinstance(value, list)}
    return Place(
        **{
            **document,
            **lists,
            "country": country,
            "heating_months": frozenset(document["heating_months"]),
            "turnover": TurnoverWords(
                title=words["title"],
                total=words["total"],
                before=tuple(words["before"]),
                after=tuple(words["after"]),
                services=words["services"],
            ),
        }
    )
