"""What the search box finds: accounts by number, address in shorthand, surname, phone and sum; houses and people.

Typing errors are forgiven in this order: the words as typed, the same keys in the other layout, one slip in an account
number, likeness of trigrams for streets and surnames. Everything is narrowed to the houses in sight.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import F, FloatField, Func, Q, QuerySet, TextField, Value
from django.db.models.lookups import GreaterThanOrEqual
from django.urls import reverse
from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from okno.access.models import Membership
from okno.access.roles import may
from okno.common import money, phones
from okno.common.addresses import search_tokens
from okno.common.folding import fold, swap_layout
from okno.houses.models import House
from okno.houses.visibility import visible_to
from okno.ledger.models import Account
from okno.people.models import Occupancy, Person, Phone
from okno.web.desk.accounts import scope
from okno.web.parts import words
from okno.web.parts.omnibox import Found, Group

MOST = 8
"""Rows of one group: more are not read in a hurry."""

MOST_CANDIDATES = 200
"""Misspelt names that are compared with what was typed."""

MOST_HOUSES = 40
"""Houses looked into for a flat; a word that fits more of them is too short to be an address."""

ALIKE = 0.4
"""How alike a misspelt word must be: «лениина» and «ленина» are 0.67, «ленена» 0.43."""

_HOUSE_NUMBER = 4
_PHONE_DIGITS = 4
_ONE_SLIP_DIGITS = 6
_NUMBER = re.compile(r"[0-9A-Za-zА-Яа-яЁё]+(?:[-/][0-9A-Za-zА-Яа-яЁё]+)*")


@dataclass(frozen=True, slots=True)
class Shorthand:
    """Words of a street and, after them, the numbers of a house and a flat: «лен 5 12»."""

    words: tuple[str, ...]
    numbers: tuple[str, ...]

    @property
    def house(self) -> str:
        return self.numbers[0] if self.numbers else ""

    @property
    def flat(self) -> str:
        return self.numbers[-1] if len(self.numbers) > 1 else ""


def readings(text: str) -> list[Shorthand]:
    """The text as an address in each layout it may have been typed in, the likeliest first, none twice."""
    latin = any(character.isascii() and character.isalpha() for character in text)
    typed = [swap_layout(text), swap_layout(text, "uk"), text] if latin else [text]
    found = [_shorthand(search_tokens(one)) for one in typed]
    return list(dict.fromkeys(one for one in found if one.words))


def _shorthand(tokens: Sequence[str]) -> Shorthand:
    """Numbers after the last word are a house's and a flat's; a number before it («8 марта») is part of the name."""
    last = max((place for place, token in enumerate(tokens) if not token[0].isdigit()), default=-1)
    return Shorthand(tuple(tokens[: last + 1]), tuple(tokens[last + 1 :]))


def houses_named(membership: Membership, text: str) -> list[House]:
    """Houses in sight whose street begins so, else those most alike; by a house number when one was told."""
    return _houses_begun(membership, text) or _houses_alike(membership, text)


def _houses_begun(membership: Membership, text: str) -> list[House]:
    for reading in readings(text):
        found = list(_by_words(visible_to(membership), reading)[:MOST_HOUSES])
        if found:
            return found
    return []


def _houses_alike(membership: Membership, text: str) -> list[House]:
    likeliest = readings(text)[:1]
    return [house for reading in likeliest for house in _alike(visible_to(membership), reading)[:MOST_HOUSES]]


def _by_words(houses: QuerySet[House], reading: Shorthand) -> QuerySet[House]:
    for word in reading.words:
        houses = houses.filter(Q(search_text__startswith=word) | Q(search_text__contains=f" {word}"))
    return _of_number(houses, reading).order_by("sort_key")


def _alike(houses: QuerySet[House], reading: Shorthand) -> QuerySet[House]:
    word = max(reading.words, key=len)
    if len(word) < 4:
        return houses.none()
    likeness = Func(Value(word), F("search_text"), function="word_similarity", output_field=FloatField())
    alike = houses.filter(GreaterThanOrEqual(likeness, ALIKE))
    return _of_number(alike, reading).order_by(likeness.desc(), "sort_key")


def _of_number(houses: QuerySet[House], reading: Shorthand) -> QuerySet[House]:
    if not reading.house:
        return houses
    part = Func(F("match_key"), Value("|"), Value(_HOUSE_NUMBER), function="split_part", output_field=TextField())
    houses = houses.annotate(own_number=part).filter(own_number=reading.house)
    if len(reading.numbers) > 2:
        block = Func(
            F("match_key"), Value("|"), Value(_HOUSE_NUMBER + 1), function="split_part", output_field=TextField()
        )
        houses = houses.annotate(own_block=block).filter(own_block__endswith=reading.numbers[1])
    return houses


def flat_told(text: str) -> str:
    """The number of the flat that the shorthand tells, or ""."""
    return next((reading.flat for reading in readings(text)), "")


def one_slip(number: str) -> list[str]:
    """Every number that one slip of the hand could have turned into this one: a digit wrong, lost, added, swapped."""
    digits = "0123456789"
    cut = [(number[:place], number[place:]) for place in range(len(number) + 1)]
    wrong = {left + digit + right[1:] for left, right in cut if right for digit in digits}
    lost = {left + digit + right for left, right in cut for digit in digits}
    added = {left + right[1:] for left, right in cut if right}
    swapped = {left + right[1] + right[0] + right[2:] for left, right in cut if len(right) > 1}
    return sorted((wrong | lost | added | swapped) - {number})


def accounts_numbered(rows: QuerySet[Account], text: str) -> QuerySet[Account]:
    """Accounts whose number is or holds the text; when there is none, those one slip away."""
    number = text.strip()
    holding = rows.filter(number__icontains=number)
    if len(number) < _ONE_SLIP_DIGITS or not number.isdigit() or holding.exists():
        return holding
    return rows.filter(number__in=one_slip(number))


def people_named(rows: QuerySet[Person], text: str) -> QuerySet[Person]:
    """People all of whose told words stand in the name; when there is nobody, those with a word most alike."""
    for wanted in _names(text):
        named = _all_words(rows, wanted)
        if named.exists():
            return named
    word = max(next(_names(text), []), key=len, default="")
    return rows.filter(pk__in=_alike_people(rows, word)) if len(word) >= 5 else rows.none()


def _all_words(rows: QuerySet[Person], wanted: Sequence[str]) -> QuerySet[Person]:
    for word in wanted:
        rows = rows.filter(Q(search_text__startswith=word) | Q(search_text__contains=f" {word}"))
    return rows


def _alike_people(rows: QuerySet[Person], word: str) -> list[int]:
    """The people in whose name a word is most like this one, found through the index of trigrams.

    Only so many candidates are looked at: a common surname has thousands of bearers, and any of them will do.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL pg_trgm.word_similarity_threshold = 0.45")
        candidates = list(spelt_alike(rows, word).values_list("pk", "search_text")[:MOST_CANDIDATES])
    candidates.sort(key=lambda row: (-_likeness(word, row[1]), row[1], row[0]))
    return [pk for pk, _name in candidates[:MOST]]


def _likeness(word: str, name: str) -> float:
    return max(fuzz.ratio(word, part) for part in name.split())


def spelt_alike(rows: QuerySet[Person], word: str) -> QuerySet[Person]:
    """People with a word like this one in the name; the threshold is the session's."""
    return rows.filter(search_text__trigram_word_similar=word)


def _names(text: str) -> Iterator[list[str]]:
    latin = any(character.isascii() and character.isalpha() for character in text)
    typed = [swap_layout(text), swap_layout(text, "uk"), text] if latin else [text]
    for one in dict.fromkeys(fold(one) for one in typed):
        told = [word for word in one.split() if word.isalpha()]
        if told and len(max(told, key=len)) >= 3:
            yield told


def phones_ending(membership: Membership, text: str) -> QuerySet[Phone]:
    """Phones of the organisation that end with the digits told, however the number is written."""
    digits = "".join(character for character in text if character.isdigit())
    if len(digits) < _PHONE_DIGITS:
        return Phone.objects.none()
    rows = Phone.objects.filter(organisation_id=membership.organisation_id)
    try:
        return rows.filter(number=phones.normalise(text, membership.organisation.country))
    except phones.NotAPhone:
        return rows.filter(number__endswith=digits[-10:])


def narrowed(rows: QuerySet[Account], membership: Membership, text: str) -> QuerySet[Account]:
    """The accounts that a text picks out of a list: by number, phone, address with a flat, or a person's name."""
    if not any(character.isalpha() for character in text):
        owners = phones_ending(membership, text).values("person_id")
        numbered = accounts_numbered(rows, text).values("pk")
        there = Occupancy.objects.filter(person__in=owners).values("flat_id")
        return rows.filter(Q(pk__in=numbered) | Q(flat__in=there))
    houses = houses_named(membership, text)
    if houses:
        rows_there = rows.filter(flat__house__in=[house.pk for house in houses])
        flat = flat_told(text)
        return rows_there.filter(flat__number__iexact=flat) if flat else rows_there
    people = people_named(Person.objects.filter(organisation_id=membership.organisation_id), text)
    flats = Occupancy.objects.filter(person__in=people.values("pk")).values("flat_id")
    return rows.filter(Q(flat__in=flats) | Q(number__icontains=text.strip()))


# What the box shows.


def find(membership: Membership, text: str) -> Iterable[Group]:
    """Everything that the text may mean to this person, grouped; nothing for those who may not see houses."""
    if not may(membership, "houses.view") or len(text) < 2:
        return
    sees_accounts = may(membership, "ledger.view")
    with_letters = any(character.isalpha() for character in text)
    if sees_accounts and not with_letters:
        yield from _figures(membership, text)
    if not with_letters:
        return
    with_digits = any(character.isdigit() for character in text)
    houses = _houses_begun(membership, text)
    if houses:
        yield from _places(membership, text, houses, sees_accounts=sees_accounts)
    # Nobody's name has a number in it.
    if may(membership, "people.view") and not with_digits:
        yield _people_group(membership, text)
    if not houses:
        yield from _places(membership, text, _houses_alike(membership, text), sees_accounts=sees_accounts)
    if sees_accounts and with_digits and _NUMBER.fullmatch(text):
        rows = scope.accounts(membership).filter(number__icontains=text)
        yield Group(title=_("Лицевые счета"), rows=_account_rows(rows))


def _figures(membership: Membership, text: str) -> Iterator[Group]:
    rows = scope.accounts(membership)
    bare = re.sub(r"[\s-]", "", text)
    if bare.isdigit():
        found = accounts_numbered(rows, bare).order_by("number") if len(bare) >= 3 else rows.none()
        yield Group(title=_("Лицевые счета"), rows=_account_rows(found))
    if may(membership, "people.view"):
        yield _phones_group(membership, text)
    owed = _sum(text)
    if owed:
        exactly = rows.filter(balance__open_minor=owed, balance__organisation_id=membership.organisation_id)
        yield Group(title=_("Должны ровно столько"), rows=_account_rows(exactly.order_by("number")))


def _sum(text: str) -> int:
    """The sum told in whole units, in minor units; 0 when the text is not one."""
    try:
        return max(0, money.parse_minor(text.rstrip(" ₽₸₴")))
    except money.NotAnAmount:
        return 0


def _places(membership: Membership, text: str, houses: Sequence[House], *, sees_accounts: bool) -> Iterator[Group]:
    flat = flat_told(text)
    if flat and sees_accounts:
        there = scope.accounts(membership).filter(
            flat__house__in=[house.pk for house in houses], flat__number__iexact=flat
        )
        places = {house.pk: place for place, house in enumerate(houses)}
        found = sorted(_first(there), key=lambda row: places[row.flat.house_id])
        yield Group(title=_("Лицевые счета"), rows=[_found_account(row) for row in found])
    rows = [
        Found(
            title=house.short_address,
            url=reverse("desk:house", args=[house.pk]),
            hint=house.address,
            icon="building-2",
        )
        for house in houses[:MOST]
    ]
    yield Group(title=_("Дома"), rows=rows)


def _people_group(membership: Membership, text: str) -> Group:
    named = people_named(scope.people(membership), text)
    people = list(named.prefetch_related("occupancies__flat__house")[:MOST])
    return Group(title=_("Люди"), rows=[_found_person(person) for person in people])


def _phones_group(membership: Membership, text: str) -> Group:
    ids = [row.person_id for row in phones_ending(membership, text)[: MOST * 3]]
    people = scope.people(membership).filter(pk__in=ids).prefetch_related("occupancies__flat__house", "phones")
    digits = "".join(character for character in text if character.isdigit())
    rows = [
        _found_person(person, aside=next((p.number for p in person.phones.all() if digits[-4:] in p.number), ""))
        for person in people[:MOST]
    ]
    return Group(title=_("По телефону"), rows=rows)


def _found_person(person: Person, aside: str = "") -> Found:
    flats = [occupancy.flat for occupancy in person.occupancies.all()]
    return Found(
        title=person.full_name,
        url=reverse("desk:person", args=[person.pk]),
        hint="; ".join(dict.fromkeys(flat.short_address for flat in flats[:3])),
        aside=phones.pretty(aside) if aside else "",
        icon="building" if person.is_company else "user",
    )


def _account_rows(rows: QuerySet[Account]) -> list[Found]:
    return [_found_account(row) for row in _first(rows)]


def _first(rows: QuerySet[Account]) -> list[Account]:
    return list(rows.select_related("flat__house", "balance")[:MOST])


def _found_account(row: Account) -> Found:
    saldo = row.balance.open_minor - row.balance.advance_minor
    return Found(
        title=row.flat.short_address,
        url=reverse("desk:account", args=[row.pk]),
        hint=_("лицевой счёт %(number)s") % {"number": row.number},
        aside=saldo_words(saldo),
        icon="wallet",
    )


def saldo_words(minor: int) -> str:
    """«долг 4 312,50 ₽», «переплата 500,00 ₽», "" for nothing."""
    if minor == 0:
        return ""
    told = {"sum": words.money_text(abs(minor))}
    return _("долг %(sum)s") % told if minor > 0 else _("переплата %(sum)s") % told
