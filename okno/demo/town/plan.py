"""The plan of a town: its houses, premises and who pays how. Everything follows from the seed.

A million accounts are held in arrays of small numbers; names, addresses and numbers are made from them when needed.
"""

from array import array
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import islice
from random import Random

from okno.common.days import add_months, month_of, month_range

from .place import Country, Place, place


@dataclass(frozen=True, kw_only=True)
class Town:
    """What to build. `accounts` (when given) sets the size and outweighs `houses`.

    `today` is the demo's day: bills go up to the month before it (the last of `months`), payments up to the day before
    it, and those of the day itself lie in the folder `today`.
    """

    country: Country = "ru"
    houses: int = 92
    accounts: int | None = None
    months: int = 36
    seed: int = 1
    today: date

    @cached_property
    def place(self) -> Place:
        """What the country lends."""
        return place(self.country)

    @property
    def first_month(self) -> date:
        """The first month with bills."""
        return add_months(month_of(self.today), -self.months)

    @property
    def bill_months(self) -> list[date]:
        """The months with bills, as first days."""
        return list(month_range(self.first_month, add_months(month_of(self.today), -1)))


#: Entrances, floors, flats on a floor: series of houses as they stand in such towns, in their usual proportion.
_SERIES = (
    (4, 5, 4), (4, 9, 4), (3, 5, 4), (2, 9, 6), (4, 5, 3), (1, 12, 8), (4, 9, 4), (4, 5, 4), (2, 9, 6), (1, 16, 8),
    (4, 5, 4), (3, 5, 4), (3, 9, 4),
)  # fmt: skip

#: Areas in hundredths of m²: eight kinds of flats, then four of shops on the ground floor.
AREAS = (3040, 3360, 4370, 4520, 5410, 5820, 6410, 7690, 6200, 8450, 11800, 15400)
_SHOP_AREAS = 8
_AREA_BY_STAIR = (2, 0, 5, 7, 1, 4, 3, 6)

PUNCTUAL, LATE, FORGETFUL, SEASONAL, HARDSHIP, CHRONIC, AHEAD, MOVED_OUT, NEW_OWNER, COMPANY = range(10)
_KINDS = (
    (PUNCTUAL, 640), (LATE, 150), (FORGETFUL, 75), (SEASONAL, 25), (HARDSHIP, 25), (CHRONIC, 50), (AHEAD, 15),
    (MOVED_OUT, 8), (NEW_OWNER, 12),
)  # fmt: skip
_KIND_OF_PER_MILLE = [kind for kind, share in _KINDS for _ in range(share)]
_KIND_BLOCK = len(_KIND_OF_PER_MILLE)


@dataclass(frozen=True)
class House:
    """A house: flats are numbered from 1, then come the shops. `first` is the index of its first account."""

    index: int
    address: str
    entrances: int
    floors: int
    per_floor: int
    shops: int
    first: int

    @property
    def flats(self) -> int:
        """How many flats there are, without shops."""
        return self.entrances * self.floors * self.per_floor

    def entrance_and_floor(self, flat: int) -> tuple[int, int]:
        """Where the flat lies; a shop (number above the flats) is on the ground floor."""
        if flat > self.flats:
            return (flat - self.flats - 1) % self.entrances + 1, 1
        per_entrance = self.floors * self.per_floor
        return (flat - 1) // per_entrance + 1, (flat - 1) % per_entrance // self.per_floor + 1


class Plan:
    """Houses and accounts of a town. An account is known by its index from 0; `Plan` makes words of it."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.place = town.place
        self.houses: list[House] = []
        self._house = array("I")
        self._flat = array("H")
        self.area = array("B")
        self.residents = array("B")
        self.kind = array("B")
        #: The month, counted from the first, in which something happens to the account (hardship, a new owner, a move).
        self.turn = array("B")
        self._name = array("I")
        self._build()

    def __len__(self) -> int:
        return len(self._house)

    def number(self, index: int) -> str:
        """The account's number, eleven digits; some countries' begin with zeros."""
        return f"{self.place.account_prefix}{self._house[index] + 1:05d}{self._flat[index]:04d}"

    def house(self, index: int) -> House:
        """The house of the account."""
        return self.houses[self._house[index]]

    def saves_for_repair(self, index: int) -> bool:
        """Whether the organisation itself collects for capital repair: in Russia from houses with an account of their
        own for it (one in twelve here; the region collects from the rest), in Kazakhstan from every house."""
        return self.town.country != "ru" or self._house[index] % 12 == 0

    def flat(self, index: int) -> str:
        """The number of the premise: 12, or Н2 for the second shop."""
        flat = self._flat[index]
        shop = flat - self.houses[self._house[index]].flats
        return f"Н{shop}" if shop > 0 else str(flat)

    def entrance_and_floor(self, index: int) -> tuple[int, int]:
        """Where the premise lies."""
        return self.house(index).entrance_and_floor(self._flat[index])

    def name(self, index: int, month: int = 10_000) -> str:
        """Whose account it is in the month (counted from the first): owners change. By default, the latest."""
        if self.kind[index] == COMPANY:
            return self.place.companies[self._name[index] % len(self.place.companies)]
        if self.kind[index] == NEW_OWNER and month < self.turn[index]:
            return self.person_name(self._name[index] // 7)
        return self.person_name(self._name[index])

    def person_name(self, code: int, *, woman: bool | None = None) -> str:
        """A full name out of a number; `woman` overrides the sex the number gives."""
        lent = self.place
        female = code % 2 == 1 if woman is None else woman
        code //= 2
        surname = lent.surnames[code % len(lent.surnames)]
        code //= len(lent.surnames)
        firsts = lent.female if female else lent.male
        patronymics = lent.female_patronymics if female else lent.male_patronymics
        first = firsts[code % len(firsts)]
        patronymic = patronymics[code // len(firsts) % len(patronymics)]
        return f"{_feminine(surname) if female else surname} {first} {patronymic}"

    def relative(self, index: int, code: int) -> str:
        """Somebody of the same family: the owner's surname with another first name."""
        surname = self._name[index] // 2 % len(self.place.surnames)
        return self.person_name((code * len(self.place.surnames) + surname) * 2 + code % 2)

    def _build(self) -> None:
        town = self.town
        rnd = Random(f"{town.seed}:plan")
        wanted = town.accounts
        index = 0
        while len(self) < wanted if wanted is not None else index < town.houses:
            house = self._new_house(index, rnd)
            self.houses.append(house)
            room = None if wanted is None else wanted - len(self)
            for flat in islice(range(1, house.flats + house.shops + 1), room):
                self._new_account(house, flat, rnd)
            index += 1

    def _new_house(self, index: int, rnd: Random) -> House:
        entrances, floors, per_floor = _SERIES[index % len(_SERIES)]
        streets = self.place.streets
        number = index // len(streets) * 2 + 1 + rnd.randrange(2)
        letter = rnd.choice("АБВ") if rnd.random() < 0.15 else ""
        return House(
            index=index,
            address=self.place.house.format(
                city=self.place.city, street=streets[index % len(streets)], number=f"{number}{letter}"
            ),
            entrances=entrances,
            floors=floors,
            per_floor=per_floor,
            shops=1 + rnd.randrange(2) if floors >= 9 else 0,
            first=len(self),
        )

    def _new_account(self, house: House, flat: int, rnd: Random) -> None:
        shop = flat > house.flats
        self._house.append(house.index)
        self._flat.append(flat)
        self._name.append(rnd.getrandbits(31))
        if shop:
            self.area.append(_SHOP_AREAS + rnd.randrange(4))
            self.residents.append(0)
            self.kind.append(COMPANY)
        else:
            self.area.append(_AREA_BY_STAIR[flat % house.per_floor])
            self.residents.append((1, 1, 2, 2, 2, 3, 3, 4, 5)[rnd.randrange(9)])
            self.kind.append(_KIND_OF_PER_MILLE[rnd.randrange(_KIND_BLOCK)])
        self.turn.append(rnd.randrange(2, max(3, min(self.town.months - 2, 255))))


def _feminine(surname: str) -> str:
    """The surname of a woman; those in -енко, -чук, -ко, foreign ones and the like stay as they are."""
    if surname.endswith(("ов", "ев", "ёв", "ин", "ын")):
        return f"{surname}а"
    return f"{surname[:-2]}ая" if surname.endswith("ий") else surname
