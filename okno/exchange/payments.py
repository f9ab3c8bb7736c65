"""Payments of a register or a statement: to whom each belongs, which are known already, which wait for a person."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from okno.common.days import month_of
from okno.common.folding import fold
from okno.common.money import grouped_minor
from okno.exchange import staging
from okno.exchange.formats.records import PaymentRecord, Remark
from okno.exchange.models import PayerRule, UnmatchedPayment
from okno.exchange.run import Run, Verdict
from okno.ledger import posting
from okno.ledger.models import EntryKind
from okno.ledger.months.closed import first_open_day
from okno.ledger.rows import NewPayment

SHAPE = staging.Shape(
    (
        ("row_number", "int8"),
        ("source_key", "text"),
        ("paid_on", "date"),
        ("number", "text"),
        ("name", "text"),
        ("address", "text"),
        ("stated_month", "date"),
        ("amount", "int8"),
        ("purpose", "text"),
    )
)


class Row(NamedTuple):
    """A staged payment with its account, if the number in it is known."""

    number: int
    source_key: str
    paid_on: date
    account_number: str
    name: str
    address: str
    stated_month: date | None
    amount: int
    purpose: str
    account_id: int | None


def stage(number: int, record: PaymentRecord) -> tuple[Any, ...]:
    """The staged row of a record."""
    return (
        number, record.key, record.paid_on, record.account_number, record.name, record.address, record.stated_month,
        record.amount_minor, record.purpose,
    )  # fmt: skip


def go_through(run: Run) -> None:
    """Find each payment's account, leave out the known ones and, when the run writes, post the rest.

    A payment without an account becomes an `UnmatchedPayment`: its money is counted and shown, and waits.
    """
    passing = _Passing(run)
    for rows in _chunks(run):
        passing.take(rows)
        run.progress.advance(len(rows))
    passing.finish()


def payer_fingerprint(payer: str, purpose: str) -> str:
    """The same for money of one payer with the same words, whatever figures stand in them; "" without a payer."""
    if not payer.strip():
        return ""
    words = [word for word in fold(purpose).split() if not any(map(str.isdigit, word))]
    return hashlib.sha256(f"{fold(payer)}|{' '.join(words)}".encode()).hexdigest()


def _chunks(run: Run) -> Iterator[list[Row]]:
    join = (
        "SELECT staged.*, account.id AS account_id FROM {staged} AS staged LEFT JOIN ledger_account AS account"
        " ON account.organisation_id = {organisation} AND account.number = staged.number AND staged.number <> ''"
        " ORDER BY account.id NULLS LAST, staged.row_number"
    )
    for chunk in staging.joined(run.cursor, run.source.pk, join, organisation=run.organisation.pk):
        yield [Row._make(row) for row in chunk]


def _month(row: Row) -> date:
    return month_of(row.paid_on)


class _Passing:
    """The payments of one file on their way, chunk by chunk."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._part = 0
        self._keys: set[str] = set()
        self._first_open = first_open_day(run.organisation)
        self._late = [0, 0]
        self._rules = dict(
            PayerRule.objects.filter(organisation=run.organisation).values_list("fingerprint", "account_id")
        )

    def take(self, rows: list[Row]) -> None:
        known = self._known([row.source_key for row in rows])
        matched: list[Row] = []
        unmatched: list[Row] = []
        for row in rows:
            if row.source_key in self._keys:
                self._run.tally.counts["duplicates"] += 1
                continue
            self._keys.add(row.source_key)
            if row.account_id is None and self._rules:
                row = row._replace(account_id=self._rules.get(payer_fingerprint(row.name, row.purpose)))
            verdict: Verdict = "unmatched" if row.account_id is None else "new"
            if row.source_key in known:
                verdict = "same"
            elif row.account_id is None:
                unmatched.append(row)
            else:
                matched.append(row)
            self._count(row, verdict)
        if self._first_open is not None:
            late = [row.amount for row in matched if row.paid_on < self._first_open]
            self._late = [self._late[0] + len(late), self._late[1] + sum(late)]
        if self._run.writes:
            for _paid_in, rows_of_month in groupby(sorted(matched, key=_month), key=_month):
                self._post(list(rows_of_month))
            self._set_waiting(unmatched)

    def finish(self) -> None:
        """Tell what comes too late for its month."""
        count, minor = self._late
        if self._first_open is None or not count:
            return
        text = ngettext(
            "%(count)s платёж на %(sum)s приходится на закрытый месяц: он будет учтён днём %(day)s,"
            " день оплаты останется прежним.",
            "%(count)s платежей на %(sum)s приходятся на закрытый месяц: они будут учтены днём %(day)s,"
            " день оплаты останется прежним.",
            count,
        ) % {"count": count, "sum": grouped_minor(minor), "day": f"{self._first_open:%d.%m.%Y}"}
        self._run.tally.remarks.append(Remark("late", text, needs_person=False))

    def _count(self, row: Row, verdict: Verdict) -> None:
        tally = self._run.tally
        tally.file["paid"] += row.amount
        tally.file[f"paid_{verdict}"] += row.amount
        sample = None
        if tally.wants_sample(verdict):
            sample = {
                "row": row.number,
                "number": row.account_number,
                "name": row.name,
                "paid_on": row.paid_on.isoformat(),
                "amount_minor": row.amount,
                "purpose": row.purpose[:200],
            }
        tally.saw(verdict, sample)

    def _known(self, keys: list[str]) -> set[str]:
        """Operations that came before: posted, or waiting for their account."""
        run = self._run
        run.cursor.execute(
            "SELECT source_key FROM ledger_payment"
            " WHERE organisation_id = %s AND source_key = ANY(%s) AND reversed_by_id IS NULL"
            " UNION ALL SELECT source_key FROM exchange_unmatchedpayment"
            " WHERE organisation_id = %s AND source_key = ANY(%s)",
            (run.organisation.pk, keys, run.organisation.pk, keys),
        )
        return {row[0] for row in run.cursor.fetchall()}

    def _post(self, rows: Sequence[Row]) -> None:
        """Post the payments of one month as one entry: that is the month they are accounted in."""
        run = self._run
        self._part += 1
        posted = posting.post(
            organisation=run.organisation,
            key=run.key(self._part),
            kind=EntryKind.PAYMENTS.value,
            reason=_("Оплата из файла «%(file)s», импорт № %(number)s")
            % {"file": run.source.file_name, "number": run.source.pk},
            user=run.actor.user,
            source=f"import:{run.source.pk}",
            payments=[
                NewPayment(
                    row.account_id or 0, "payment", row.paid_on, row.amount, row.source_key, row.stated_month, "",
                    row.purpose, row.name[:300],
                )
                for row in rows
            ],
        )  # fmt: skip
        run.entry_ids.append(posted.entry_id)

    def _set_waiting(self, rows: Sequence[Row]) -> None:
        UnmatchedPayment.objects.bulk_create(
            [
                UnmatchedPayment(
                    organisation=self._run.organisation,
                    source=self._run.source,
                    row_number=row.number,
                    source_key=row.source_key,
                    value_on=row.paid_on,
                    amount_minor=row.amount,
                    account_number=row.account_number[:64],
                    payer=row.name[:300],
                    address=row.address[:300],
                    purpose=row.purpose,
                    stated_month=row.stated_month,
                )
                for row in rows
            ],
            batch_size=2_000,
        )
