"""Houses and flats that the rows of a file speak of: found by their addresses, made where the file brings new ones."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rapidfuzz import fuzz, process

from okno.common.addresses import Address, match_key, parse, short
from okno.common.folding import fold
from okno.common.sorting import sort_key
from okno.exchange.cards import changes
from okno.exchange.formats.records import Remark
from okno.exchange.run import Run
from okno.houses.models import Entrance, Flat, House

#: From this likeness of 100 a new address is shown beside the one it may be a misspelling of.
_ALIKE = 88
_SHOWN = 5


class FlatKey(NamedTuple):
    """What tells flats apart."""

    house_id: int
    kind: str
    number: str


class NoAddress(ValueError):
    """The address names no street or no house."""


class Places:
    """The organisation's houses by their folded addresses, and flats of the houses at hand."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._houses: dict[str, House] = {}
        self._without_city: dict[str, list[House]] = {}
        self._read: dict[str, House | None] = {}
        self.made: list[House] = []
        for house in House.objects.filter(organisation=run.organisation):
            self._learn(house)

    def find(self, address: str) -> House | None:
        """The house at this address. A city that the file leaves out is no hindrance where only one house fits."""
        if address not in self._read:
            key = match_key(_of_house(address))
            house = self._houses.get(key)
            alike = self._without_city.get(_bare(key), [])
            if house is None and len(alike) == 1 and (key.startswith("|") or alike[0].match_key.startswith("|")):
                house = alike[0]
            self._read[address] = house
        return self._read[address]

    def find_or_make(self, address: str) -> House:
        """The house at this address, made if there is none; the person is told of every such one.

        Raises NoAddress.
        """
        return self.find(address) or self.make(address)

    def make(self, address: str, **values: object) -> House:
        """A new house. Raises NoAddress."""
        parsed = _of_house(address)
        if not parsed.street or not parsed.house:
            raise NoAddress(_("В адресе «%(address)s» не видно улицы и дома. Исправьте адрес.") % {"address": address})
        organisation = self._run.organisation
        name = short(parsed)
        house = House(
            organisation=organisation,
            address=" ".join(address.split()),
            short_address=name[:120],
            match_key=match_key(parsed),
            search_text=fold(address)[:300],
            sort_key=sort_key(name, organisation.default_language)[:300],
            time_zone=organisation.time_zone,
            **values,
        )
        changes.make(self._run, [house])
        self._learn(house)
        self._read.clear()
        self.made.append(house)
        return house

    def flats(self, wanted: Mapping[FlatKey, Mapping[str, object]]) -> dict[FlatKey, Flat]:
        """The flats wanted, those that are missing made with the values given."""
        found = self._known(wanted)
        missing = [
            Flat(
                organisation=self._run.organisation,
                house_id=key.house_id,
                kind=key.kind,
                number=key.number,
                number_order=number_order(key.number),
                **values,
            )
            for key, values in wanted.items()
            if key not in found
        ]
        for flat in changes.make(self._run, missing):
            found[FlatKey(flat.house_id, flat.kind, flat.number)] = flat
        return found

    def entrances(self, wanted: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Entrance]:
        """Entrances by (house, number), those that are missing made."""
        pairs = set(wanted)
        houses = {house for house, _number in pairs}
        found = {(row.house_id, row.number): row for row in Entrance.objects.filter(house__in=houses)}
        missing = [Entrance(house_id=house, number=number) for house, number in sorted(pairs - set(found))]
        for entrance in changes.make(self._run, missing):
            found[entrance.house_id, entrance.number] = entrance
        return found

    def remark(self) -> None:
        """Tell the person of the houses made on the way: a misspelt address makes a house that is not there."""
        if not self.made:
            return
        made = {house.pk for house in self.made}
        known = {house.search_text: house.address for house in self._houses.values() if house.pk not in made}
        names = []
        for house in self.made[:_SHOWN]:
            alike = process.extractOne(house.search_text, list(known), scorer=fuzz.ratio, score_cutoff=_ALIKE)
            hint = _(", похож на «%(address)s»") % {"address": known[alike[0]]} if alike else ""
            names.append(f"«{house.address}»{hint}")
        more = "…" if len(self.made) > _SHOWN else ""
        text = ngettext(
            "Будет создан %(count)s дом, которого не было в системе: %(names)s%(more)s",
            "Будут созданы дома, которых не было в системе (%(count)s): %(names)s%(more)s",
            len(self.made),
        ) % {"count": len(self.made), "names": "; ".join(names), "more": more}
        self._run.tally.remarks.append(Remark("new_houses", text, needs_person=True))

    def _learn(self, house: House) -> None:
        self._houses[house.match_key] = house
        self._without_city.setdefault(_bare(house.match_key), []).append(house)

    def _known(self, keys: Iterable[FlatKey]) -> dict[FlatKey, Flat]:
        keys = list(keys)
        flats = Flat.objects.filter(house__in={key.house_id for key in keys}, number__in={key.number for key in keys})
        return {FlatKey(flat.house_id, flat.kind, flat.number): flat for flat in flats}


def flat_number(written: str) -> str:
    """A flat's number as the card keeps it: "кв. 12" and " 12 " are 12, letters are capitals."""
    number = re.sub(r"^(?:кв|квартира|пом|помещение|оф|офис|пәтер)\b\.?\s*", "", written.strip(), flags=re.IGNORECASE)
    return " ".join(number.upper().split())[:16]


def number_order(number: str) -> int:
    """The digits of a flat's number, for ordering."""
    digits = re.search(r"\d+", number)
    return min(int(digits[0]), 2**31 - 1) if digits else 0


def _of_house(address: str) -> Address:
    return replace(parse(address), flat="")


def _bare(key: str) -> str:
    return key.split("|", 1)[1]
