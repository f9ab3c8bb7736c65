"""An account by what a caller says of it: its number, a telephone we know, or the address of one of our houses."""

import re
from collections.abc import Sequence
from datetime import date

from django.db.models import Q, QuerySet
from rapidfuzz import fuzz

from okno.access.models import Organisation
from okno.common import addresses, phones
from okno.common.folding import fold
from okno.dialogs.facts.readings import accounts_of
from okno.houses.models import House
from okno.ledger.models import Account
from okno.people.models import Phone
from okno.speech.understanding import Expect, understand
from okno.speech.understanding.lexicon import lexicon
from okno.speech.understanding.numbers import Number, numbers
from okno.speech.understanding.words import Word, cut

MOST = 5
"""So many accounts are told one by one; whoever fits more has to be asked by a person."""
ALIKE = 82
"""How alike (of 100) a spoken word and a word of the street's name must be: "на Ленинской" is Ленинская."""
LEAST_LETTERS = 4
LEAST_FIGURES = 4
"""A shorter run of figures is a house or a flat rather than an account."""

_FLAT = re.compile(r"кв\w*|п[әа]тер\w*|помещен\w+|офис\w*|приміщен\w+")


def identity(organisation: Organisation, said: str, language: str, day: date) -> list[Account]:
    """The open accounts that `said` names, at most `MOST`; nothing when it names none or too many."""
    return find(organisation, said, language, day)[0]


def find(organisation: Organisation, said: str, language: str, day: date) -> tuple[list[Account], bool]:
    """The same, and whether they were found by a telephone: whoever knows one is not told where its owner lives."""
    told = _figures(said, language, day)
    found = next(filter(None, (by_number(organisation, figures) for figures in told)), [])
    of_phone = [] if found else next(filter(None, (by_phone(organisation, figures, day) for figures in told)), [])
    found = found or of_phone or by_address(organisation, said, language)
    return (found if len(found) <= MOST else []), bool(of_phone)


def by_number(organisation: Organisation, figures: str) -> list[Account]:
    """The account of this number; noughts before it may be left out."""
    bare = figures.lstrip("0")
    if len(figures) < LEAST_FIGURES or not bare:
        return []
    rows = _open(organisation).filter(Q(number=figures) | Q(number__regex=rf"^0*{bare}$"))
    return list(rows[: MOST + 1])


def by_phone(organisation: Organisation, figures: str, day: date) -> list[Account]:
    """The accounts of the people whose number this is."""
    try:
        number = phones.normalise(figures, organisation.country)
    except phones.NotAPhone:
        return []
    people = Phone.objects.filter(organisation=organisation, number=number, is_wrong=False).values_list("person_id")
    return accounts_of([row[0] for row in people], organisation.pk, day)


def by_address(organisation: Organisation, said: str, language: str) -> list[Account]:
    """The accounts of a flat told by street, house and flat, in words or figures; the house must be one of ours."""
    words = cut(said, lexicon(language))
    told = [one for one in numbers(words, lexicon(language)) if not one.ordinal]
    flat = _flat(told, words)
    if flat is None:
        return []
    names = [fold(word.text) for word in words if not word.is_figure and len(word.text) >= LEAST_LETTERS]
    figures = [one.figures.lstrip("0") for one in told if one is not flat]
    houses = [house.pk for house in _houses(organisation, names) if _is(house, names, figures)]
    rows = _open(organisation).filter(flat__house__in=houses, flat__number=flat.figures.lstrip("0") or "0")
    return list(rows[: MOST + 1])


def _figures(said: str, language: str, day: date) -> list[str]:
    """Every number the words may be, the likeliest first: "екі нөл бес" is 205 for one and 005 for another."""
    heard = understand(said, language, Expect.ACCOUNT, day)
    return [*([str(heard.value)] if heard.value else []), *(str(one.value) for one in heard.alternatives)]


def _open(organisation: Organisation) -> QuerySet[Account]:
    rows = Account.objects.filter(organisation=organisation, closed_on=None)
    return rows.select_related("organisation", "flat__house").order_by("flat__house__sort_key", "pk")


def _flat(told: Sequence[Number], words: Sequence[Word]) -> Number | None:
    """The number beside the word "квартира", else the last of at least two."""
    for one in told:
        before = words[one.start - 1].text if one.start else ""
        after = words[one.end].text if one.end < len(words) else ""
        if _FLAT.fullmatch(before) or (_FLAT.fullmatch(after) and after.startswith("п")):
            return one
    return told[-1] if len(told) > 1 else None


def _houses(organisation: Organisation, names: Sequence[str]) -> list[House]:
    """Houses whose address has a word that begins like one of those said."""
    begins = Q()
    for name in names:
        begins |= Q(search_text__contains=name[:LEAST_LETTERS])
    return list(House.objects.filter(begins, organisation=organisation)[:500]) if begins else []


def _is(house: House, names: Sequence[str], figures: Sequence[str]) -> bool:
    """Whether every word of the street was said, and the figures of the house in their order."""
    address = addresses.parse(house.address)
    street = [word for word in fold(address.street).split() if len(word) > 2 and not word.isdigit()]
    numbered = re.findall(r"\d+", f"{address.house} {address.block}")
    own = re.findall(r"\d+", fold(address.street))
    said = [figure for figure in figures if figure not in own]
    return (
        bool(street)
        and all(any(fuzz.ratio(word, name) >= ALIKE for name in names) for word in street)
        and said == numbered
    )
