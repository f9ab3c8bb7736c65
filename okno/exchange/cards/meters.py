"""A list of meters with their last readings."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from okno.exchange.cards import changes
from okno.exchange.cards.places import FlatKey, NoAddress, Places, flat_number
from okno.exchange.formats.records import MeterRecord, Problem
from okno.exchange.run import Run
from okno.houses.models import Meter, MeterReading
from okno.ledger.models import Account

Rows = Sequence[tuple[int, MeterRecord]]
MeterKey = tuple[int, str, str]
READING_SOURCE = "import"


class Meters:
    """Meters of a file, each in its flat: that of the account where the file names one, else that of the address."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._places = Places(run)

    def take(self, rows: Rows) -> None:
        flats = self._flat_ids(rows)
        placed = [(number, record, flats[number]) for number, record in rows if number in flats]
        meters = {
            (meter.flat_id, meter.kind, meter.number): meter
            for meter in Meter.objects.filter(flat__in=[flat for _n, _r, flat in placed])
        }
        fresh: dict[MeterKey, Meter] = {}
        altered: list[tuple[Meter, Mapping[str, Any]]] = []
        verdicts: list[tuple[int, MeterRecord, MeterKey, str]] = []
        for number, record, flat in placed:
            key = (flat, record.kind, record.number)
            values = _values(record)
            meter = meters.get(key)
            if meter is None and key in fresh:
                verdicts.append((number, record, key, "duplicates"))
            elif meter is None:
                fresh[key] = Meter(
                    organisation=self._run.organisation, flat_id=flat, kind=record.kind, number=record.number, **values
                )
                verdicts.append((number, record, key, "new"))
            else:
                differs = changes.differing(meter, values)
                altered += [(meter, differs)] if differs else []
                verdicts.append((number, record, key, "changed" if differs else "same"))
        changes.make(self._run, list(fresh.values()))
        changes.change(self._run, altered)
        read = self._readings(placed, meters | fresh)
        for number, record, key, verdict in verdicts:
            if verdict == "same" and key in read:
                verdict = "changed"
            sample = {"row": number, "number": record.number, "address": record.address, "flat": record.flat}
            self._run.tally.saw(verdict, sample)  # type: ignore[arg-type]

    def finish(self) -> None:
        self._places.remark()

    def _flat_ids(self, rows: Rows) -> dict[int, int]:
        """Row → flat; a row without a place is set aside."""
        numbers = {record.account_number for _n, record in rows if record.account_number}
        by_account = dict(
            Account.objects.filter(organisation=self._run.organisation, number__in=numbers).values_list(
                "number", "flat_id"
            )
        )
        found: dict[int, int] = {}
        keys: dict[int, FlatKey] = {}
        for number, record in rows:
            if record.readings and record.read_on is None:
                text = _("Есть показания, но нет даты, когда их сняли. Впишите дату или очистите показания.")
                self._run.tally.complain(number, Problem("read_on", "missing", text, ""))
            elif record.account_number in by_account:
                found[number] = by_account[record.account_number]
            else:
                try:
                    house = self._places.find_or_make(record.address)
                except NoAddress as error:
                    self._run.tally.complain(number, Problem("address", "bad_address", str(error), record.address))
                    continue
                keys[number] = FlatKey(house.pk, record.flat_kind, flat_number(record.flat))
        flats = self._places.flats({key: {} for key in keys.values()}) if keys else {}
        return found | {number: flats[key].pk for number, key in keys.items()}

    def _readings(
        self, placed: Sequence[tuple[int, MeterRecord, int]], meters: Mapping[MeterKey, Meter]
    ) -> set[MeterKey]:
        """Write readings that are not there yet; which meters got some."""
        known = set(
            MeterReading.objects.filter(
                meter__in=[meter.pk for meter in meters.values()], source=READING_SOURCE
            ).values_list("meter_id", "taken_on", "tariff")
        )
        rows: list[MeterReading] = []
        got: set[MeterKey] = set()
        for _n, record, flat in placed:
            key = (flat, record.kind, record.number)
            if record.read_on is None:
                continue
            for tariff, value in enumerate(record.readings, start=1):
                mark = (meters[key].pk, record.read_on, tariff)
                if mark not in known:
                    known.add(mark)
                    got.add(key)
                    rows.append(
                        MeterReading(
                            meter=meters[key],
                            taken_on=record.read_on,
                            tariff=tariff,
                            value=value,
                            source=READING_SOURCE,
                        )
                    )
        changes.make(self._run, rows)
        return got


def _values(record: MeterRecord) -> dict[str, Any]:
    return {
        "tariffs": record.tariffs,
        "place": record.place[:100],
        "automatic": record.automatic,
        "installed_on": record.installed_on,
        "commissioned_on": record.commissioned_on,
        "sealed_on": record.sealed_on,
        "verified_on": record.verified_on,
        "next_verification_on": record.verify_next_on,
        "checked_on": record.control_on,
        "removed_on": record.decommissioned_on,
    }
