"""One pass over a file, whatever it holds: rows are read and staged once, then gone through dry or for real."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Protocol

from django.utils.translation import gettext as _

from okno.exchange import payments, staging, turnover
from okno.exchange.cards.accounts import Accounts
from okno.exchange.cards.consents import Consents
from okno.exchange.cards.houses import Houses
from okno.exchange.cards.meters import Meters
from okno.exchange.cards.people import People
from okno.exchange.formats.records import AccountRecord, Record
from okno.exchange.models import FileKind
from okno.exchange.reading import Bad, Reading, read
from okno.exchange.run import Run

#: Rows of cards written together.
CARDS_AT_ONCE = 2_000
#: Between two updates of the progress while a file is read.
_READ_AT_ONCE = 500


class Cards(Protocol):
    """What puts rows of one kind into cards."""

    def take(self, rows: Any) -> None: ...

    def finish(self) -> None: ...


CARDS: dict[str, type[Any]] = {
    FileKind.HOUSES: Houses,
    FileKind.ACCOUNTS: Accounts,
    FileKind.PEOPLE: People,
    FileKind.CONSENTS: Consents,
    FileKind.METERS: Meters,
}
MONEY = (FileKind.TURNOVER, FileKind.REGISTER, FileKind.STATEMENT)


def stage(run: Run, rows: Iterator[tuple[int, Record]]) -> int:
    """Keep the rows of a file of money between reading and posting; how many there were."""
    shape, make = _shape(run)
    staged = 0

    def counted() -> Iterator[tuple[Any, ...]]:
        nonlocal staged
        for number, record in rows:
            staged += 1
            yield make(number, record)

    staging.create(run.cursor, run.source.pk, shape)
    staging.fill(run.cursor, run.source.pk, shape, counted())
    return staged


def _shape(run: Run) -> tuple[staging.Shape, Any]:
    if run.source.kind == FileKind.TURNOVER:
        return turnover.shape(run), turnover.stager(run)
    return payments.SHAPE, payments.stage


def good_rows(run: Run, reading: Reading, bad: list[Bad]) -> Iterator[tuple[int, Record]]:
    """The rows that could be read; the others gather in `bad`."""
    for count, row in enumerate(reading.rows, start=1):
        if count % _READ_AT_ONCE == 0:
            run.progress.advance(_READ_AT_ONCE)
        if isinstance(row, Bad):
            bad.append(row)
        else:
            yield row


def go_through_money(run: Run) -> None:
    """Compare the staged rows with the ledger and, when the run writes, post them."""
    if run.source.kind == FileKind.TURNOVER:
        if run.setting("create_missing"):
            _open_missing(run)
        turnover.ensure_services(run)
        turnover.go_through(run)
    else:
        payments.go_through(run)


def go_through_cards(run: Run, rows: Iterator[tuple[int, Record]]) -> None:
    """Put the rows into cards. It always writes: a dry run is rolled back by its caller."""
    cards: Cards = CARDS[run.source.kind](run)
    while chunk := list(islice(rows, CARDS_AT_ONCE)):
        cards.take(chunk)
    cards.finish()


def reread(run: Run) -> Iterator[tuple[int, Record]]:
    """The good rows of the file once more, for posting cards: the file is kept under its hash and does not change."""
    return good_rows(run, read(run.source, today=run.today), [])


def _open_missing(run: Run) -> None:
    """Open the accounts a turnover names and nobody knows, where the row tells their address and flat."""
    query = (
        "SELECT DISTINCT ON (staged.number) staged.row_number, staged.number, staged.address, staged.flat"
        " FROM {staged} AS staged LEFT JOIN ledger_account AS account"
        " ON account.organisation_id = {organisation} AND account.number = staged.number"
        " WHERE account.id IS NULL AND staged.address <> '' AND staged.flat <> '' ORDER BY staged.number"
    )
    accounts = Accounts(run)
    # What is told of the accounts themselves is no verdict on the rows of the sheet.
    counts, samples = run.tally.counts.copy(), dict(run.tally.samples)
    for chunk in staging.joined(run.cursor, run.source.pk, query, organisation=run.organisation.pk, size=CARDS_AT_ONCE):
        accounts.take(
            [
                (number, AccountRecord(account, address, None, None, flat, "flat", None, None, None, None))
                for number, account, address, flat in chunk
            ]
        )
    opened = run.tally.counts["new"] - counts["new"]
    accounts.finish()
    run.tally.counts, run.tally.samples = counts, samples
    run.tally.counts["accounts_opened"] = opened


def step_names() -> tuple[str, str, str]:
    """The steps of an import in words: reading, comparing, posting."""
    return _("Читаем файл"), _("Сравниваем с учётом"), _("Проводим")
