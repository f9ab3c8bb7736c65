"""Everything the ledger keeps beside its history, made anew from the history where it differs by a kopeck.

The whole history is read once without a lock and compared by columns (`recounting`). Accounts that look different are
taken in pieces, each in a transaction that holds its balances as a posting does, counted again there and put right. A
true ledger is never written to; a rebuild cut short, by kill −9 too, leaves whole pieces and is simply begun again.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import psycopg
from django.db import connection, transaction
from django.utils.translation import gettext as _

from okno.access import trail
from okno.access.actor import process
from okno.access.models import Organisation
from okno.ledger.kernel import columns
from okno.ledger.kernel.columns import Cursor, Ints
from okno.ledger.kernel.slices import readers
from okno.ledger.penalties.standing import lock, recount
from okno.ledger.penalties.terms import OrganisationTerms
from okno.ledger.recounting import BALANCE, BILL, FREE, PAYMENT, Counted, Places, Span, count, sealed_through

AT_ONCE = 20_000
"""Accounts of one piece: bounds how long a payment may wait."""

HISTORY = ("ledger_bill", "ledger_payment", "ledger_allocation")
KEPT = ("ledger_balance", "ledger_openbill", "ledger_lateshare", "ledger_penaltystanding")

Progress = Callable[[int, int], None]
"""(pages of the tables read, pages in all)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What a rebuild found: accounts and rows of history counted, accounts that were put right, and accounts whose
    history contradicts itself and was left alone (by their numbers in the tables)."""

    accounts: int
    rows: int
    mended: int
    broken: tuple[int, ...]
    seconds: float

    @property
    def was_true(self) -> bool:
        """Whether nothing differed."""
        return not self.mended and not self.broken


def rebuild(organisation: Organisation | None = None, progress: Progress | None = None) -> Rebuilt:
    """Count everything again and put right what differs, for one organisation or for all.

    Raises PenaltyUnknown where a value of the law that a sealed penalty was counted by is no longer there, TooLarge.
    """
    began = time.monotonic()
    found = look(organisation, progress)
    suspects = found.accounts.numbers[found.differs | found.late_differs | found.broken]
    mended, broken = dict[int, int](), list[int]()
    for start in range(0, len(suspects), AT_ONCE):
        with transaction.atomic():
            _mend(_cursor(), suspects[start : start + AT_ONCE].tolist(), mended, broken)
    for own in Organisation.objects.filter(pk__in=mended):
        told = _("Пересобрано по истории, лицевых счетов: %(count)d") % {"count": mended[own.pk]}
        trail.record(process(own, "пересборка книги"), "ledger.rebuilt", told)
    return Rebuilt(
        accounts=len(found.accounts.numbers),
        rows=found.rows,
        mended=sum(mended.values()),
        broken=tuple(broken),
        seconds=time.monotonic() - began,
    )


def look(organisation: Organisation | None = None, progress: Progress | None = None) -> Counted:
    """Count everything again and compare; changes nothing."""
    condition = "true" if organisation is None else "organisation_id = %(organisation)s"
    told = {} if organisation is None else {"organisation": organisation.pk}
    with readers(progress) as reading:
        reading.promise(*KEPT, *HISTORY)

        def rows(table: str, wanted: Sequence[str]) -> Iterable[tuple[Ints, ...]]:
            if wanted == FREE:
                # Few payments are free: an index leads to them.
                return [columns.read(reading.cursors[0], wanted, f"{table} WHERE free_minor > 0 AND {condition}", told)]
            return reading.slices(table, wanted, condition, told)

        balances = [np.concatenate(column) for column in zip(*rows("ledger_balance", BALANCE), strict=True)]
        return count(
            rows,
            tuple(balances),
            list(Organisation.objects.filter(pk__in=np.unique(balances[1]).tolist())),
            _span("ledger_bill"),
            _span("ledger_payment"),
        )


def _span(table: str) -> Span:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(min(id), 0), coalesce(max(id), -1) FROM {table}")
        first, last = cursor.fetchone() or (0, -1)
    return Span(first=first, count=last - first + 1)


def _cursor() -> Cursor:
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)


def _mend(cursor: Cursor, accounts: Sequence[int], mended: dict[int, int], broken: list[int]) -> None:
    """Count these accounts under their locks and write what still differs."""
    lock(cursor, accounts)
    parts: dict[tuple[str, ...], tuple[Ints, ...]] = {}

    def rows(table: str, wanted: Sequence[str]) -> Iterable[tuple[Ints, ...]]:
        key = (table, *wanted)
        if key not in parts:
            those = f"{table} WHERE account_id = ANY(%(accounts)s)" + " AND free_minor > 0" * (wanted == FREE)
            parts[key] = columns.read(cursor, wanted, those, {"accounts": list(accounts)})
        return [parts[key]]

    (balances,) = rows("ledger_balance", BALANCE)
    organisations = list(Organisation.objects.filter(pk__in=np.unique(balances[1]).tolist()))
    bills, payments = (Places(next(iter(rows(table, wanted)))[0]) for table, wanted in _KEYED)
    found = count(rows, balances, organisations, bills, payments)
    broken += found.accounts.numbers[found.broken].tolist()
    wrong = found.differs & ~found.broken
    if wrong.any():
        (free,) = rows("ledger_payment", FREE)
        _write(cursor, found, bills, payments, free, wrong)
    for place, own in enumerate(organisations):
        its = (found.whose == place) & ~found.broken
        late = found.accounts.numbers[its & found.late_differs].tolist()
        if late:
            sealed_on = sealed_through(own)
            recount(cursor, OrganisationTerms(own), late, sealed_on=sealed_on, by=sealed_on or date.max)
        if count_of := int((its & (wrong | found.late_differs)).sum()):
            mended[own.pk] = mended.get(own.pk, 0) + count_of


_KEYED = (("ledger_bill", BILL), ("ledger_payment", PAYMENT))


def _write(
    cursor: Cursor,
    found: Counted,
    bills: Places,
    payments: Places,
    kept_free: tuple[Ints, ...],
    wrong: npt.NDArray[np.bool_],
) -> None:
    """Put the open bills, free money and balances of the wrong accounts in the place of what is kept."""
    for statement in _TABLES:
        cursor.execute(statement)
    its = wrong[found.bills.account] & (found.bills.account >= 0)
    still_open = its & (found.bills.left > 0)
    columns.write(cursor, "rebuilt_bill", {"id": bills.numbers[still_open], "open_minor": found.bills.left[still_open]})
    free = found.payments.left.copy()
    np.add.at(free, payments.of(kept_free[0]), kept_free[1])
    its = wrong[found.payments.account]
    columns.write(cursor, "rebuilt_payment", {"id": payments.numbers[its], "free_minor": free[its]})
    advance = np.zeros(len(found.whose), np.int64)
    np.add.at(advance, found.payments.account, free)
    columns.write(
        cursor,
        "rebuilt_balance",
        {
            "account_id": found.accounts.numbers[wrong],
            "billed_minor": found.sums.billed[wrong],
            "paid_minor": found.sums.paid[wrong],
            "open_minor": found.sums.open[wrong],
            "advance_minor": advance[wrong],
        },
    )
    for statement in _MENDING:
        cursor.execute(statement)


_TABLES = (
    "CREATE TEMP TABLE IF NOT EXISTS rebuilt_bill (id bigint, open_minor bigint)",
    "CREATE TEMP TABLE IF NOT EXISTS rebuilt_payment (id bigint, free_minor bigint)",
    "CREATE TEMP TABLE IF NOT EXISTS rebuilt_balance (account_id bigint, billed_minor bigint, paid_minor bigint,"
    " open_minor bigint, advance_minor bigint)",
    "TRUNCATE rebuilt_bill, rebuilt_payment, rebuilt_balance",
)
_OPEN_BILL = "organisation_id, account_id, kind, regime, month, due_on, amount_minor"
_MENDING = (
    "ANALYZE rebuilt_bill, rebuilt_payment, rebuilt_balance",
    "DELETE FROM ledger_openbill AS kept USING rebuilt_balance AS own WHERE kept.account_id = own.account_id"
    " AND NOT EXISTS (SELECT FROM rebuilt_bill AS found WHERE found.id = kept.bill_id"
    " AND found.open_minor = kept.open_minor)",
    f"INSERT INTO ledger_openbill (bill_id, {_OPEN_BILL}, open_minor)"
    f" SELECT bill.id, {_OPEN_BILL}, found.open_minor FROM rebuilt_bill AS found JOIN ledger_bill AS bill USING (id)"
    " WHERE NOT EXISTS (SELECT FROM ledger_openbill AS kept WHERE kept.bill_id = found.id) ORDER BY account_id, id",
    "UPDATE ledger_payment AS kept SET free_minor = found.free_minor FROM rebuilt_payment AS found"
    " WHERE kept.id = found.id AND kept.free_minor <> found.free_minor",
    "UPDATE ledger_balance AS kept SET billed_minor = found.billed_minor, paid_minor = found.paid_minor,"
    " open_minor = found.open_minor, advance_minor = found.advance_minor FROM rebuilt_balance AS found"
    " WHERE kept.account_id = found.account_id AND (kept.billed_minor, kept.paid_minor, kept.open_minor,"
    " kept.advance_minor) IS DISTINCT FROM (found.billed_minor, found.paid_minor, found.open_minor,"
    " found.advance_minor)",
)
