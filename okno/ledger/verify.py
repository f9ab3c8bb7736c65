"""The proof: everything the ledger keeps beside its history is counted again from the history and compared.

One statement a range of accounts, so each range is seen as of one moment even while postings go on. What was paid late
and is sealed by a month of penalties lies as a sum, which `okno ledger rebuild` counts again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.access.models import Organisation
from okno.common.money import plain_minor
from okno.ledger.models import Account

AT_ONCE = 50_000
"""Accounts of one range."""

WHAT = {
    "bill.open": gettext_lazy("остаток начисления"),
    "bill.reversed": gettext_lazy("оплата сторнированного начисления"),
    "bill.copied": gettext_lazy("строка остатка не о том же начислении"),
    "bill.late": gettext_lazy("оплачено после срока"),
    "payment.free": gettext_lazy("свободный остаток платежа"),
    "payment.reversed": gettext_lazy("разнесение сторнированного платежа"),
    "allocation.pair": gettext_lazy("разнесено с платежа на начисление"),
    "allocation.foreign": gettext_lazy("разнесено на чужой лицевой счёт"),
    "balance.billed": gettext_lazy("начислено всего"),
    "balance.paid": gettext_lazy("оплачено всего"),
    "balance.open": gettext_lazy("не оплачено всего"),
    "balance.advance": gettext_lazy("аванс"),
    "balance.identity": gettext_lazy("начислено минус оплачено"),
    "balance.missing": gettext_lazy("нет строки сальдо"),
    "versions": gettext_lazy("номер последней проводки счёта"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One kept figure that is not what history gives. `row_id` is the bill or payment, None for the account's own."""

    account_id: int
    account_number: str
    what: str
    row_id: int | None
    kept: int
    counted: int

    @property
    def sentence(self) -> str:
        """The difference in words, with the row it is in."""
        as_money = self.what != "versions"
        return _("Лицевой счёт %(number)s, %(what)s%(row)s: записано %(kept)s, по истории %(counted)s") % {
            "number": self.account_number,
            "what": WHAT[self.what],
            "row": "" if self.row_id is None else f" № {self.row_id}",
            "kept": plain_minor(self.kept) if as_money else self.kept,
            "counted": plain_minor(self.counted) if as_money else self.counted,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """How many accounts were counted again and everything that differs; no differences: the ledger is true."""

    accounts: int
    differences: list[Difference]

    @property
    def is_true(self) -> bool:
        return not self.differences


Progress = Callable[[int, int], None]
"""(accounts done, accounts in all)."""


def verify(organisation: Organisation | None = None, progress: Progress | None = None) -> Verified:
    """Count everything again from history, for one organisation or for all. Changes nothing."""
    accounts = Account.objects.all() if organisation is None else Account.objects.filter(organisation=organisation)
    ids = list(accounts.order_by("id").values_list("id", flat=True))
    differences: list[Difference] = []
    for done, (first, last) in _ranges(ids):
        differences += _differences(organisation.pk if organisation else None, first, last)
        if progress is not None:
            progress(done, len(ids))
    return Verified(accounts=len(ids), differences=differences)


def _ranges(ids: list[int]) -> Iterator[tuple[int, tuple[int, int]]]:
    for start in range(0, len(ids), AT_ONCE):
        piece = ids[start : start + AT_ONCE]
        yield start + len(piece), (piece[0], piece[-1])


def _differences(organisation_id: int | None, first: int, last: int) -> list[Difference]:
    within = "account_id BETWEEN %(first)s AND %(last)s"
    if organisation_id is not None:
        within += " AND organisation_id = %(organisation)s"
    parameters: dict[str, Any] = {"first": first, "last": last, "organisation": organisation_id}
    with connection.cursor() as cursor:
        cursor.execute(_COMPARISON.format(within=within, asked=within.replace("account_id", "id")), parameters)
        return [
            Difference(
                account_id=row[0], account_number=row[1], what=row[2], row_id=row[3], kept=row[4], counted=row[5]
            )
            for row in cursor.fetchall()
        ]


_COMPARISON = """
WITH asked AS MATERIALIZED (SELECT id, number FROM ledger_account WHERE {asked}),
balance AS MATERIALIZED (SELECT * FROM ledger_balance WHERE {within}),
bill AS MATERIALIZED (
    SELECT id, organisation_id, account_id, entry_id, version, kind, regime, month, due_on, amount_minor,
           reversed_by_id, reversed_version
    FROM ledger_bill WHERE {within}
),
still AS MATERIALIZED (SELECT * FROM ledger_openbill WHERE {within}),
sealed AS MATERIALIZED (
    SELECT organisation_id, (max(month) + interval '1 month - 1 day')::date AS through
    FROM ledger_penaltymonth GROUP BY 1
),
late AS (
    SELECT late.account_id, bill_id, payment_id, sum(amount_minor)::bigint AS minor
    FROM (SELECT * FROM ledger_lateshare WHERE {within}) AS late LEFT JOIN sealed USING (organisation_id)
    WHERE value_on > sealed.through IS NOT FALSE GROUP BY 1, 2, 3
),
payment AS MATERIALIZED (
    SELECT id, account_id, entry_id, version, value_on, amount_minor, free_minor, reversed_by_id, reversed_version
    FROM ledger_payment WHERE {within}
),
move AS MATERIALIZED (
    SELECT account_id, entry_id, version, payment_id, bill_id, amount_minor FROM ledger_allocation WHERE {within}
),
pair AS MATERIALIZED (
    SELECT account_id, payment_id, bill_id, sum(amount_minor)::bigint AS minor FROM move GROUP BY 1, 2, 3
),
got AS (SELECT bill_id, sum(minor)::bigint AS minor FROM pair GROUP BY 1),
gave AS (SELECT payment_id, sum(minor)::bigint AS minor FROM pair GROUP BY 1),
counted_bill AS MATERIALIZED (
    SELECT bill.*, coalesce(got.minor, 0) AS got_minor, coalesce(still.open_minor, 0) AS open_minor,
           CASE WHEN reversed_by_id IS NULL THEN bill.amount_minor ELSE 0 END AS standing_minor
    FROM bill LEFT JOIN got ON got.bill_id = bill.id LEFT JOIN still ON still.bill_id = bill.id
),
counted_late AS (
    SELECT pair.account_id, pair.bill_id, pair.payment_id, pair.minor
    FROM pair JOIN bill ON bill.id = pair.bill_id JOIN payment ON payment.id = pair.payment_id
    LEFT JOIN sealed USING (organisation_id)
    WHERE bill.kind <> 'penalty' AND payment.value_on > bill.due_on AND pair.minor <> 0
      AND payment.value_on > sealed.through IS NOT FALSE
),
counted_payment AS MATERIALIZED (
    SELECT payment.*, coalesce(gave.minor, 0) AS gave_minor,
           CASE WHEN reversed_by_id IS NULL THEN amount_minor ELSE 0 END AS standing_minor
    FROM payment LEFT JOIN gave ON gave.payment_id = payment.id
),
billed AS (
    SELECT account_id, sum(standing_minor)::bigint AS minor, sum(standing_minor - got_minor)::bigint AS open_minor
    FROM counted_bill GROUP BY 1
),
paid AS (
    SELECT account_id, sum(standing_minor)::bigint AS minor, sum(standing_minor - gave_minor)::bigint AS free_minor
    FROM counted_payment GROUP BY 1
),
counted AS MATERIALIZED (
    SELECT balance.*, coalesce(billed.minor, 0) AS billed, coalesce(paid.minor, 0) AS paid,
           coalesce(billed.open_minor, 0) AS open, coalesce(paid.free_minor, 0) AS advance
    FROM balance LEFT JOIN billed USING (account_id) LEFT JOIN paid USING (account_id)
),
written AS (
    SELECT account_id, version, entry_id FROM bill
    UNION SELECT account_id, version, entry_id FROM payment
    UNION SELECT account_id, version, entry_id FROM move
    UNION SELECT account_id, reversed_version, reversed_by_id FROM bill WHERE reversed_by_id IS NOT NULL
    UNION SELECT account_id, reversed_version, reversed_by_id FROM payment WHERE reversed_by_id IS NOT NULL
),
versions AS (SELECT account_id, count(*) AS postings, max(version) AS last FROM written GROUP BY 1),
found AS (
    SELECT account_id, 'bill.open' AS what, id AS row_id, open_minor AS kept, standing_minor - got_minor AS counted
    FROM counted_bill WHERE reversed_by_id IS NULL AND open_minor <> standing_minor - got_minor
    UNION ALL
    SELECT account_id, 'bill.reversed', id, greatest(open_minor, got_minor), 0
    FROM counted_bill WHERE reversed_by_id IS NOT NULL AND (got_minor <> 0 OR open_minor <> 0)
    UNION ALL
    SELECT still.account_id, 'bill.copied', still.bill_id, still.amount_minor, coalesce(bill.amount_minor, 0)
    FROM still LEFT JOIN bill ON bill.id = still.bill_id
    WHERE (still.organisation_id, still.account_id, still.kind, still.regime, still.month, still.due_on,
           still.amount_minor)
        IS DISTINCT FROM
          (bill.organisation_id, bill.account_id, bill.kind, bill.regime, bill.month, bill.due_on, bill.amount_minor)
    UNION ALL
    SELECT coalesce(late.account_id, paid.account_id), 'bill.late', coalesce(late.bill_id, paid.bill_id),
           coalesce(late.minor, 0), coalesce(paid.minor, 0)
    FROM late FULL JOIN counted_late AS paid USING (bill_id, payment_id)
    WHERE coalesce(late.minor, 0) <> coalesce(paid.minor, 0)
    UNION ALL
    SELECT account_id, 'payment.free', id, free_minor, standing_minor - gave_minor
    FROM counted_payment WHERE reversed_by_id IS NULL AND free_minor <> standing_minor - gave_minor
    UNION ALL
    SELECT account_id, 'payment.reversed', id, greatest(free_minor, gave_minor), 0
    FROM counted_payment WHERE reversed_by_id IS NOT NULL AND (gave_minor <> 0 OR free_minor <> 0)
    UNION ALL
    SELECT account_id, 'allocation.pair', bill_id, minor, 0 FROM pair WHERE minor < 0
    UNION ALL
    SELECT pair.account_id, 'allocation.foreign', pair.bill_id, pair.minor, 0
    FROM pair LEFT JOIN bill ON bill.id = pair.bill_id LEFT JOIN payment ON payment.id = pair.payment_id
    WHERE bill.account_id IS DISTINCT FROM pair.account_id OR payment.account_id IS DISTINCT FROM pair.account_id
    UNION ALL
    SELECT account_id, 'balance.billed', NULL, billed_minor, billed FROM counted WHERE billed_minor <> billed
    UNION ALL
    SELECT account_id, 'balance.paid', NULL, paid_minor, paid FROM counted WHERE paid_minor <> paid
    UNION ALL
    SELECT account_id, 'balance.open', NULL, open_minor, open FROM counted WHERE open_minor <> open
    UNION ALL
    SELECT account_id, 'balance.advance', NULL, advance_minor, advance FROM counted WHERE advance_minor <> advance
    UNION ALL
    SELECT account_id, 'balance.identity', NULL, open - advance, billed - paid
    FROM counted WHERE billed - paid <> open - advance
    UNION ALL
    SELECT balance.account_id, 'versions', NULL, balance.version, coalesce(versions.postings, 0)
    FROM balance LEFT JOIN versions USING (account_id)
    WHERE balance.version <> coalesce(versions.postings, 0) OR balance.version <> coalesce(versions.last, 0)
    UNION ALL
    SELECT asked.id, 'balance.missing', NULL, 0, 0
    FROM asked LEFT JOIN balance ON balance.account_id = asked.id WHERE balance.account_id IS NULL
)
SELECT found.account_id, asked.number, what, row_id, kept::bigint, counted::bigint
FROM found JOIN asked ON asked.id = found.account_id ORDER BY 1, 3, 4
"""
