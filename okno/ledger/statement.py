"""What the account card reads: the sums of today, bills with what paid them, payments with where they went, months.

Each is a query or three over one account's rows, in pages by key; `before` is the `mark` of the last row shown.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection

from okno.common import clock
from okno.ledger import ages
from okno.ledger.models import BillKind, Regime


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """An account on a day. `saldo_minor` above zero is owed, below is an advance; `overdue_minor` by `ages.AGES`."""

    saldo_minor: int
    open_minor: int
    advance_minor: int
    billed_minor: int
    paid_minor: int
    open_by_regime: dict[str, int]
    overdue_minor: int
    overdue_by_age: dict[str, int]
    not_yet_due_minor: int
    overdue_since: date | None
    months_owed: int
    last_payment_on: date | None
    last_payment_minor: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """So much of a payment that went to a bill; both sides are named so that either can show the other."""

    payment_id: int
    value_on: date
    payment_kind: str
    bill_id: int
    month: date
    regime: str
    bill_kind: str
    amount_minor: int

    @property
    def besides(self) -> str:
        """What of its month was paid when that is not the month's main bill: «капитальный ремонт», «пеня»."""
        kind = "" if self.bill_kind == BillKind.MONTH else str(BillKind(self.bill_kind).label)
        regime = "" if self.regime == Regime.HOUSING else str(Regime(self.regime).label)
        return ", ".join(filter(None, (kind, regime)))


class BillMark(NamedTuple):
    """Where a page of bills ended."""

    month: date
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRow:
    """A bill as the card shows it; `lines` are (service name, minor units) in the order of the services."""

    id: int
    kind: str
    regime: str
    month: date
    due_on: date
    amount_minor: int
    open_minor: int
    lines: Sequence[tuple[str, int]]
    posted_at: datetime
    reason: str
    reversed_at: datetime | None
    reversed_why: str
    paid_by: list[Share] = field(default_factory=list)

    @property
    def mark(self) -> BillMark:
        return BillMark(self.month, self.id)


class PaymentMark(NamedTuple):
    """Where a page of payments ended."""

    value_on: date
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRow:
    """A payment as the card shows it, with the payer's own words and where the money went."""

    id: int
    kind: str
    value_on: date
    amount_minor: int
    free_minor: int
    stated_month: date | None
    regime: str
    purpose: str
    payer: str
    source_key: str
    posted_at: datetime
    reason: str
    reversed_at: datetime | None
    reversed_why: str
    went_to: list[Share] = field(default_factory=list)

    @property
    def mark(self) -> PaymentMark:
        return PaymentMark(self.value_on, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthTurnover:
    """A month of an account: saldo before + billed + recalculated − paid = saldo after."""

    month: date
    before_minor: int
    billed_minor: int
    recalculated_minor: int
    paid_minor: int
    after_minor: int


def summary(account_id: int, day: date) -> Summary:
    """The account's sums as of `day`. Raises LookupError for an account that is not there."""
    with connection.cursor() as cursor:
        cursor.execute(_SUMMARY, {"account": account_id, "day": day})
        row = cursor.fetchone()
        if row is None:
            raise LookupError(f"no account {account_id}")
        cursor.execute(
            "SELECT regime, sum(open_minor)::bigint FROM ledger_openbill WHERE account_id = %s GROUP BY 1 ORDER BY 1",
            [account_id],
        )
        by_regime = dict(cursor.fetchall())
    billed, paid, still_open, advance, *by_age, not_due, since, months, last_on, last_minor = row
    return Summary(
        saldo_minor=still_open - advance,
        open_minor=still_open,
        advance_minor=advance,
        billed_minor=billed,
        paid_minor=paid,
        open_by_regime=by_regime,
        overdue_minor=sum(by_age),
        overdue_by_age=dict(zip(ages.AGES, by_age, strict=True)),
        not_yet_due_minor=not_due,
        overdue_since=since,
        months_owed=months,
        last_payment_on=last_on,
        last_payment_minor=last_minor,
    )


_SUMMARY = f"""
SELECT balance.billed_minor, balance.paid_minor, balance.open_minor, balance.advance_minor, owed.*,
       last.value_on, last.amount_minor
FROM ledger_balance AS balance
CROSS JOIN LATERAL (
    SELECT {ages.sums(day="%(day)s::date", counted="true")},
           coalesce(sum(bill.open_minor) FILTER (WHERE bill.due_on >= %(day)s), 0)::bigint,
           min(bill.due_on) FILTER (WHERE bill.due_on < %(day)s),
           count(DISTINCT bill.month) FILTER (WHERE bill.due_on < %(day)s)
    FROM ledger_openbill AS bill WHERE bill.account_id = balance.account_id
) AS owed
LEFT JOIN LATERAL (
    SELECT value_on, amount_minor FROM ledger_payment
    WHERE account_id = balance.account_id AND kind = 'payment' AND reversed_by_id IS NULL
    ORDER BY value_on DESC, id DESC LIMIT 1
) AS last ON true
WHERE balance.account_id = %(account)s
"""


_MOMENTS = (
    "entry.posted_at + make_interval(secs => %(shift)s), entry.reason,"
    " undone.posted_at + make_interval(secs => %(shift)s)"
)
"""When it was posted and reversed. The database stamps by its own clock; the demo lives by another one."""


def bills(account_id: int, *, before: BillMark | None = None, limit: int = 50) -> list[BillRow]:
    """The account's bills, the newest month first, reversed ones too, each with what paid it."""
    page = " AND (bill.month, bill.id) < (%(month)s, %(id)s)" if before else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bill.id, bill.kind, bill.regime, bill.month, bill.due_on, bill.amount_minor,"
            " coalesce(still.open_minor, 0),"
            f" bill.lines, {_MOMENTS}, coalesce(undone.reason, '')"
            " FROM ledger_bill AS bill JOIN ledger_entry AS entry ON entry.id = bill.entry_id"
            " LEFT JOIN ledger_openbill AS still ON still.bill_id = bill.id"
            " LEFT JOIN ledger_entry AS undone ON undone.id = bill.reversed_by_id"
            f" WHERE bill.account_id = %(account)s{page} ORDER BY bill.month DESC, bill.id DESC LIMIT %(limit)s",
            {
                "account": account_id,
                "limit": limit,
                "shift": clock.offset().total_seconds(),
                **(before._asdict() if before else {}),
            },
        )
        rows = cursor.fetchall()
        cursor.execute(
            "SELECT code, name FROM ledger_service WHERE organisation_id ="
            ' (SELECT organisation_id FROM ledger_balance WHERE account_id = %s) ORDER BY "order", code',
            [account_id],
        )
        names = dict(cursor.fetchall())
    shares = _shares(account_id, "bill_id", [row[0] for row in rows])
    return [
        BillRow(
            id=pk,
            kind=kind,
            regime=regime,
            month=month,
            due_on=due_on,
            amount_minor=amount,
            open_minor=still_open,
            lines=_lines(lines, names),
            posted_at=posted_at,
            reason=reason,
            reversed_at=reversed_at,
            reversed_why=reversed_why,
            paid_by=shares.get(pk, []),
        )
        for (
            pk, kind, regime, month, due_on, amount, still_open, lines, posted_at, reason, reversed_at, reversed_why,
        ) in rows
    ]  # fmt: skip


def _lines(kept: str, names: dict[str, str]) -> list[tuple[str, int]]:
    """Lines in the order of the organisation's services; one whose service is unknown is named by its code, last."""
    places = {code: place for place, code in enumerate(names)}
    ordered = sorted(json.loads(kept).items(), key=lambda line: (places.get(line[0], len(places)), line[0]))
    return [(names.get(code, code), minor) for code, minor in ordered]


def payments(account_id: int, *, before: PaymentMark | None = None, limit: int = 50) -> list[PaymentRow]:
    """The account's payments, the newest first, reversed ones too, each with where the money went."""
    page = " AND (payment.value_on, payment.id) < (%(value_on)s, %(id)s)" if before else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT payment.id, payment.kind, payment.value_on, payment.amount_minor, payment.free_minor,"
            " payment.stated_month, payment.regime, payment.purpose, payment.payer, payment.source_key,"
            f" {_MOMENTS}, coalesce(undone.reason, '')"
            " FROM ledger_payment AS payment JOIN ledger_entry AS entry ON entry.id = payment.entry_id"
            " LEFT JOIN ledger_entry AS undone ON undone.id = payment.reversed_by_id"
            f" WHERE payment.account_id = %(account)s{page}"
            " ORDER BY payment.value_on DESC, payment.id DESC LIMIT %(limit)s",
            {
                "account": account_id,
                "limit": limit,
                "shift": clock.offset().total_seconds(),
                **(before._asdict() if before else {}),
            },
        )
        rows = cursor.fetchall()
    shares = _shares(account_id, "payment_id", [row[0] for row in rows])
    names = (
        "id", "kind", "value_on", "amount_minor", "free_minor", "stated_month", "regime", "purpose", "payer",
        "source_key", "posted_at", "reason", "reversed_at", "reversed_why",
    )  # fmt: skip
    return [PaymentRow(**dict(zip(names, row, strict=True)), went_to=shares.get(row[0], [])) for row in rows]


def _shares(account_id: int, side: str, ids: Sequence[int]) -> dict[int, list[Share]]:
    """What is allocated now (unwound pairs are left out) of these bills or payments, in the order it was."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {side}, payment.id, payment.value_on, payment.kind, bill.id, bill.month, bill.regime, bill.kind,"
            " moved.minor FROM (SELECT payment_id, bill_id, sum(amount_minor)::bigint AS minor, min(id) AS first"
            f" FROM ledger_allocation WHERE account_id = %s AND {side} = ANY(%s) GROUP BY 1, 2"
            " HAVING sum(amount_minor) <> 0) AS moved JOIN ledger_payment AS payment ON payment.id = moved.payment_id"
            " JOIN ledger_bill AS bill ON bill.id = moved.bill_id ORDER BY moved.first",
            [account_id, list(ids)],
        )
        found: dict[int, list[Share]] = defaultdict(list)
        for owner, payment, value_on, payment_kind, bill, month, regime, bill_kind, minor in cursor.fetchall():
            found[owner].append(
                Share(
                    payment_id=payment,
                    value_on=value_on,
                    payment_kind=payment_kind,
                    bill_id=bill,
                    month=month,
                    regime=regime,
                    bill_kind=bill_kind,
                    amount_minor=minor,
                )
            )
        return found


def months(account_id: int, *, before: date | None = None, limit: int = 36) -> list[MonthTurnover]:
    """Turnover by month, the newest first: bills stand in the month billed, money in the month of its value day.

    What was reversed is in none of them. `before` is the month of the last row shown.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MONTHS, {"account": account_id, "before": before, "limit": limit})
        return [
            MonthTurnover(
                month=month,
                before_minor=after - billed - recalculated + paid,
                billed_minor=billed,
                recalculated_minor=recalculated,
                paid_minor=paid,
                after_minor=after,
            )
            for month, billed, recalculated, paid, after in cursor.fetchall()
        ]


_MONTHS = """
SELECT month, billed, recalculated, paid, after FROM (
    SELECT month, billed, recalculated, paid,
           (sum(billed + recalculated - paid) OVER (ORDER BY month))::bigint AS after
    FROM (
        SELECT month, sum(billed)::bigint AS billed, sum(recalculated)::bigint AS recalculated,
               sum(paid)::bigint AS paid
        FROM (
            SELECT month, CASE WHEN kind = 'recalculation' THEN 0 ELSE amount_minor END AS billed,
                   CASE WHEN kind = 'recalculation' THEN amount_minor ELSE 0 END AS recalculated, 0 AS paid
            FROM ledger_bill WHERE account_id = %(account)s AND reversed_by_id IS NULL
            UNION ALL
            SELECT date_trunc('month', value_on)::date, 0,
                   CASE WHEN kind = 'recalculation' THEN -amount_minor ELSE 0 END,
                   CASE WHEN kind = 'recalculation' THEN 0 ELSE amount_minor END
            FROM ledger_payment WHERE account_id = %(account)s AND reversed_by_id IS NULL
        ) AS moved GROUP BY month
    ) AS by_month
) AS turnover
WHERE %(before)s::date IS NULL OR month < %(before)s
ORDER BY month DESC LIMIT %(limit)s
"""
