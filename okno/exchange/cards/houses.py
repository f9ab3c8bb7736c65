"""A list of houses."""

from collections.abc import Sequence
from typing import Any

from okno.exchange.cards import changes
from okno.exchange.cards.places import NoAddress, Places
from okno.exchange.formats.records import HouseRecord, Problem
from okno.exchange.run import Run, Verdict
from okno.houses.models import House

Rows = Sequence[tuple[int, HouseRecord]]


class Houses:
    """Houses of a file: those at a known address are completed, the rest are made."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._places = Places(run)

    def take(self, rows: Rows) -> None:
        for number, record in rows:
            try:
                verdict = self._take(record)
            except NoAddress as error:
                self._run.tally.complain(number, Problem("address", "bad_address", str(error), record.address))
                continue
            self._run.tally.saw(verdict, {"row": number, "address": record.address, "flats": record.flats})

    def finish(self) -> None:
        """New houses are what a list of houses is for: no remark is made of them."""

    def _take(self, record: HouseRecord) -> Verdict:
        values: dict[str, Any] = {
            "floors": record.floors,
            "lowest_floor": record.lowest_floor,
            "declared_flats": record.flats,
        }
        house = self._places.find(record.address)
        if house is None:
            house = self._places.make(record.address, **values)
            self._entrances(house, record)
            return "new"
        differs = changes.differing(house, values)
        if differs:
            changes.change(self._run, [(house, differs)])
        made = self._entrances(house, record)
        return "changed" if differs or made else "same"

    def _entrances(self, house: House, record: HouseRecord) -> bool:
        before = house.entrances.count()
        if record.entrances:
            self._places.entrances((house.pk, number) for number in range(1, record.entrances + 1))
        return bool(record.entrances and record.entrances > before)
