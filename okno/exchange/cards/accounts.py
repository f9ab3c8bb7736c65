"""A list of accounts with their flats."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from okno.exchange.cards import changes
from okno.exchange.cards.places import FlatKey, NoAddress, Places, flat_number
from okno.exchange.formats.records import AccountRecord, Problem
from okno.exchange.run import Run
from okno.houses.models import Entrance, Flat
from okno.ledger.accounts import NewAccount, open_accounts
from okno.ledger.models import Account

Rows = Sequence[tuple[int, AccountRecord]]


class Accounts:
    """Accounts of a file: new ones are opened, known ones completed; a number listed twice is set aside."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._places = Places(run)
        self._rows_of: dict[str, int] = {}

    def take(self, rows: Rows) -> None:
        placed = [(number, record, key) for number, record in rows if (key := self._key(number, record)) is not None]
        flats = self._flats(placed)
        known = {
            account.number: account
            for account in Account.objects.filter(
                organisation=self._run.organisation, number__in=[record.number for _n, record, _k in placed]
            )
        }
        flat_changes = self._flat_changes(placed, flats)
        account_changes: list[tuple[Account, dict[str, Any]]] = []
        fresh: list[NewAccount] = []
        for number, record, key in placed:
            account, flat = known.get(record.number), flats[key]
            if account is None:
                fresh.append(
                    NewAccount(
                        number=record.number, flat_id=flat.pk, opened_on=record.opened_on, closed_on=record.closed_on
                    )
                )
            values = {"flat_id": flat.pk, "opened_on": record.opened_on, "closed_on": record.closed_on}
            differs = changes.differing(account, values) if account is not None else {}
            if account is not None and differs:
                account_changes.append((account, differs))
            changed = bool(differs) or flat.pk in flat_changes
            sample = {"row": number, "number": record.number, "address": record.address, "flat": record.flat}
            self._run.tally.saw("new" if account is None else "changed" if changed else "same", sample)
        changes.change(self._run, list(flat_changes.values()))
        changes.change(self._run, account_changes)
        self._open(fresh)

    def finish(self) -> None:
        self._places.remark()

    def _key(self, number: int, record: AccountRecord) -> FlatKey | None:
        """The flat of a row; None when the row is set aside."""
        tally = self._run.tally
        before = self._rows_of.setdefault(record.number, number)
        if before != number:
            tally.counts["duplicates"] += 1
            text = _("Лицевой счёт %(number)s уже был в строке %(row)s. Уберите лишнюю строку.")
            values = {"number": record.number, "row": before}
            tally.complain(number, Problem("number", "duplicate", text % values, record.number))
            return None
        try:
            house = self._places.find_or_make(record.address)
        except NoAddress as error:
            tally.complain(number, Problem("address", "bad_address", str(error), record.address))
            return None
        return FlatKey(house.pk, record.flat_kind, flat_number(record.flat))

    def _flats(self, placed: Sequence[tuple[int, AccountRecord, FlatKey]]) -> dict[FlatKey, Flat]:
        self._entrances = self._places.entrances(
            (key.house_id, record.entrance) for _n, record, key in placed if record.entrance
        )
        wanted = {key: self._values(record, key) for _n, record, key in placed}
        return self._places.flats(wanted)

    def _values(self, record: AccountRecord, key: FlatKey) -> dict[str, Any]:
        entrance: Entrance | None = self._entrances.get((key.house_id, record.entrance or 0))
        return {
            "entrance_id": entrance.pk if entrance else None,
            "floor": record.floor,
            "area": record.area,
            "residents": record.residents,
        }

    def _flat_changes(
        self, placed: Sequence[tuple[int, AccountRecord, FlatKey]], flats: dict[FlatKey, Flat]
    ) -> dict[int, tuple[Flat, dict[str, Any]]]:
        found: dict[int, tuple[Flat, dict[str, Any]]] = {}
        for _n, record, key in placed:
            differs = changes.differing(flats[key], self._values(record, key))
            if differs:
                found[flats[key].pk] = (flats[key], differs)
        return found

    def _open(self, fresh: Sequence[NewAccount]) -> None:
        if not fresh:
            return
        ids = open_accounts(self._run.organisation, fresh)
        changes.remember_made(
            self._run,
            [
                Account(
                    pk=ids[row.number],
                    organisation=self._run.organisation,
                    flat_id=row.flat_id,
                    number=row.number,
                    opened_on=row.opened_on,
                    closed_on=row.closed_on,
                )
                for row in fresh
            ],
        )
