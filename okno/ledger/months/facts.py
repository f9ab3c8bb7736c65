"""How the month of an account is asked of the database: the facts since the month began, and the balance now.

A fact is a row posted or a row reversed; it belongs to the month of the entry that posted or reversed it. What later
months did is taken off the balance of now, which gives the closing balance; the month's own facts give the opening.
"""

from typing import Literal


def entries(by: Literal["house", "account"]) -> str:
    """The accounts asked about with the key their figures go under, and the entries since the month began: `at` 0 is
    the month itself, 1 is later."""
    key = {"house": "flat.house_id", "account": "account.id"}[by]
    return f"""
place AS MATERIALIZED (
    SELECT account.id, flat.house_id, {key} AS key
    FROM ledger_account AS account JOIN houses_flat AS flat ON flat.id = account.flat_id
    WHERE account.organisation_id = %(organisation)s
      AND (%(houses)s::bigint[] IS NULL OR flat.house_id = ANY(%(houses)s))
),
entry AS MATERIALIZED (
    SELECT id, CASE WHEN accounted_on >= %(next)s THEN 1 ELSE 0 END AS at FROM ledger_entry
    WHERE organisation_id = %(organisation)s AND accounted_on >= %(month)s
)"""


CHARGED_AS = """CASE row.kind
        WHEN 'month' THEN CASE WHEN row.month = %(month)s THEN 'charged' ELSE 'recalculated' END
        WHEN 'opening' THEN 'introduced' WHEN 'penalty' THEN 'penalty' ELSE 'recalculated' END"""
"""The column of a bill by its kind: a bill for another month mends that month, so it is a recalculation."""

PAID_AS = "CASE row.kind WHEN 'payment' THEN 'paid' WHEN 'opening' THEN 'introduced' ELSE 'recalculated' END"
"""The column of money by its kind."""


def _side(table: str, column: str, reversed_column: str) -> str:
    """The facts of one side: (account, column, amount); a row posted and reversed within the month is no fact."""
    return f"""
    SELECT row.account_id, CASE WHEN posted.at = 1 THEN 'later' ELSE {column} END, row.amount_minor
    FROM entry AS posted JOIN {table} AS row ON row.entry_id = posted.id
    LEFT JOIN entry AS undone ON undone.id = row.reversed_by_id
    WHERE posted.at = 1 OR undone.at IS DISTINCT FROM 0
    UNION ALL
    SELECT row.account_id, CASE WHEN undone.at = 1 THEN 'later' ELSE '{reversed_column}' END,
           CASE WHEN undone.at = 1 THEN -row.amount_minor ELSE row.amount_minor END
    FROM entry AS undone JOIN {table} AS row ON row.reversed_by_id = undone.id
    LEFT JOIN entry AS posted ON posted.id = row.entry_id
    WHERE undone.at = 1 OR posted.id IS NULL"""


_BILLS = _side("ledger_bill", CHARGED_AS, "charges_reversed")
PAYMENTS = _side("ledger_payment", PAID_AS, "payments_reversed")
"""(account, column, minor units) of money; "later" is what later months brought, less what they took back."""

_COUNTED = f"""
WITH {entries("account")},
charge(account_id, what, minor) AS ({_BILLS}
),
money(account_id, what, minor) AS ({PAYMENTS}
),
moved AS (
    SELECT account_id,
           sum(minor) FILTER (WHERE what = 'introduced') AS introduced,
           sum(minor) FILTER (WHERE what = 'charged') AS charged,
           sum(minor) FILTER (WHERE what = 'recalculated') AS recalculated,
           sum(minor) FILTER (WHERE what = 'penalty') AS penalty,
           sum(-minor) FILTER (WHERE what = 'paid') AS paid,
           sum(minor) FILTER (WHERE what = 'charges_reversed') AS charges_reversed,
           sum(-minor) FILTER (WHERE what = 'payments_reversed') AS payments_reversed,
           sum(minor) FILTER (WHERE what = 'later') AS later
    FROM (SELECT * FROM charge UNION ALL SELECT account_id, what, -minor FROM money) AS fact GROUP BY 1
),
month AS (
    SELECT place.id AS account_id, place.house_id,
           coalesce(introduced, 0) AS introduced, coalesce(charged, 0) AS charged,
           coalesce(recalculated, 0) AS recalculated, coalesce(penalty, 0) AS penalty, coalesce(paid, 0) AS paid,
           coalesce(charges_reversed, 0) AS charges_reversed, coalesce(payments_reversed, 0) AS payments_reversed,
           balance.billed_minor - balance.paid_minor - coalesce(later, 0) AS closing
    FROM place JOIN ledger_balance AS balance ON balance.account_id = place.id
    LEFT JOIN moved ON moved.account_id = place.id
),
counted AS (
    SELECT account_id, house_id,
           closing - introduced - charged - recalculated - penalty + paid + charges_reversed - payments_reversed
               AS opening,
           introduced, charged, recalculated, penalty, paid, charges_reversed, payments_reversed, closing
    FROM month
)"""

_SUMS = (
    "sum(opening)::bigint, sum(introduced)::bigint, sum(charged)::bigint, sum(recalculated)::bigint,"
    " sum(penalty)::bigint, sum(paid)::bigint, sum(charges_reversed)::bigint, sum(payments_reversed)::bigint,"
    " sum(closing)::bigint"
)

BY_ACCOUNT = f"""{_COUNTED}
SELECT account_id, house_id, opening::bigint, introduced::bigint, charged::bigint, recalculated::bigint,
       penalty::bigint, paid::bigint, charges_reversed::bigint, payments_reversed::bigint, closing::bigint
FROM counted ORDER BY house_id, account_id"""

BY_HOUSE = f"{_COUNTED}\nSELECT house_id, {_SUMS} FROM counted GROUP BY house_id ORDER BY house_id"
