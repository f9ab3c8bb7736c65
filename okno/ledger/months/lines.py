"""How the month of a service is asked of the database: bills line by line, and money spread over the lines it paid.

A payment goes to bills by the rule of `allocation`; within a bill it goes to the lines in proportion to them
(`law.allocation.split_by_lines`). What a line has got is the split of all that its bill has got so far, so parts paid
one after another come to the same kopecks as one sum, and a bill that is paid has every line paid. An allocation counts
in the latest of three months: of the entry that made it, of its payment and of its bill; but nothing stands on a row
after the month it was reversed in, so no later than that. What an old payment pays anew is no new money: it moves
between services and the advance within the column `paid`.
"""

from typing import Literal

from okno.ledger.months.facts import CHARGED_AS, PAID_AS, PAYMENTS, entries
from okno.ledger.months.models import SUMS

ADVANCE = "~advance"
"""The line of money that is not yet used; no code of a service looks so."""

_MOVES = f"""
move AS MATERIALIZED (
    SELECT account_id, bill_id, minor,
           CASE WHEN counted = 1 THEN 'later'
                WHEN came = 0 THEN {PAID_AS}
                WHEN came < 0 AND money_undone = 0 THEN 'payments_reversed'
                ELSE 'paid' END AS what
    FROM (
        SELECT allocation.account_id, allocation.bill_id, allocation.amount_minor AS minor, row.kind,
               coalesce(came.at, -1) AS came, undone.money AS money_undone,
               least(greatest(coalesce(written.at, -1), coalesce(billed.at, -1), coalesce(came.at, -1)),
                     undone.money, undone.bill) AS counted
        FROM ledger_allocation AS allocation
        JOIN ledger_bill AS bill ON bill.id = allocation.bill_id
        JOIN ledger_payment AS row ON row.id = allocation.payment_id
        LEFT JOIN entry AS written ON written.id = allocation.entry_id
        LEFT JOIN entry AS billed ON billed.id = bill.entry_id
        LEFT JOIN entry AS came ON came.id = row.entry_id
        LEFT JOIN entry AS money_gone ON money_gone.id = row.reversed_by_id
        LEFT JOIN entry AS bill_gone ON bill_gone.id = bill.reversed_by_id
        CROSS JOIN LATERAL (VALUES (
            CASE WHEN row.reversed_by_id IS NOT NULL THEN coalesce(money_gone.at, -1) END,
            CASE WHEN bill.reversed_by_id IS NOT NULL THEN coalesce(bill_gone.at, -1) END
        )) AS undone(money, bill)
        WHERE allocation.organisation_id = %(organisation)s
          -- Nothing is allocated before both of its sides are posted: earlier entries hold no move of these months.
          AND allocation.entry_id >= %(first_entry)s
    ) AS row WHERE counted >= 0
),
moved AS (
    SELECT bill_id,
           coalesce(sum(minor) FILTER (WHERE what = 'later'), 0) AS later,
           coalesce(sum(minor) FILTER (WHERE what = 'payments_reversed'), 0) AS reversed,
           coalesce(sum(minor) FILTER (WHERE what = 'recalculated'), 0) AS recalculated,
           coalesce(sum(minor) FILTER (WHERE what = 'introduced'), 0) AS introduced,
           coalesce(sum(minor) FILTER (WHERE what = 'paid'), 0) AS paid
    FROM move GROUP BY 1
)"""
"""Allocations since the month began, by the column they belong to, and what they gave to each bill."""

_TOUCHED = """
asked AS (
    SELECT bill.id FROM entry JOIN ledger_bill AS bill ON bill.entry_id = entry.id WHERE entry.at = 0
    UNION SELECT bill.id FROM entry JOIN ledger_bill AS bill ON bill.reversed_by_id = entry.id WHERE entry.at = 0
    UNION SELECT bill_id FROM moved WHERE reversed <> 0 OR recalculated <> 0 OR introduced <> 0 OR paid <> 0
),"""
"""The bills of the month's own facts."""

_STANDING = """
asked AS (
    SELECT bill.id FROM entry JOIN ledger_bill AS bill ON bill.entry_id = entry.id WHERE entry.at = 0
    UNION SELECT bill.id FROM entry JOIN ledger_bill AS bill ON bill.reversed_by_id = entry.id
    UNION SELECT bill_id FROM moved
    UNION SELECT bill_id FROM ledger_openbill WHERE organisation_id = %(organisation)s
),"""
"""Those and all of which something was open when the month began."""

_STATES = f"""
state AS MATERIALIZED (
    SELECT row.id, place.key, row.amount_minor AS amount, row.lines, {CHARGED_AS} AS charged_as,
           posted.id IS NULL AND (row.reversed_by_id IS NULL OR undone.id IS NOT NULL) AS stood_before,
           posted.id IS NOT NULL AS was_posted, undone.at IS NOT DISTINCT FROM 0 AS is_undone,
           CASE WHEN row.reversed_by_id IS NULL THEN row.amount_minor - coalesce(still.open_minor, 0) ELSE 0 END
               - coalesce(moved.later, 0) AS got_at_end,
           coalesce(moved.reversed, 0) AS reversed, coalesce(moved.recalculated, 0) AS recalculated,
           coalesce(moved.introduced, 0) AS introduced, coalesce(moved.paid, 0) AS paid,
           posted.id IS NOT NULL OR undone.at IS NOT DISTINCT FROM 0 OR moved.bill_id IS NOT NULL AS is_touched
    FROM asked JOIN ledger_bill AS row ON row.id = asked.id
    JOIN place ON place.id = row.account_id
    LEFT JOIN ledger_openbill AS still ON still.bill_id = row.id
    LEFT JOIN moved ON moved.bill_id = row.id
    LEFT JOIN entry AS posted ON posted.id = row.entry_id
    LEFT JOIN entry AS undone ON undone.id = row.reversed_by_id
    WHERE posted.at IS DISTINCT FROM 1
)"""
"""Each bill asked about: when it stood, and what it had got by the end of the month."""

_LEVELS = """
step AS (
    -- What was taken back comes first, so that a bill never seems to have got more than it asked.
    SELECT *, got_at_end - greatest(paid, 0) AS level_4,
           got_at_end - greatest(paid, 0) - introduced AS level_3,
           got_at_end - greatest(paid, 0) - introduced - recalculated AS level_2,
           got_at_end - paid - introduced - recalculated AS level_1,
           got_at_end - paid - introduced - recalculated - reversed AS level_0
    FROM state
),
level AS (
    SELECT id, key, what, minor, sign FROM step CROSS JOIN LATERAL (VALUES
        (charged_as, CASE WHEN was_posted AND NOT is_undone THEN amount END, 1),
        ('charges_reversed', CASE WHEN stood_before AND is_undone THEN amount END, 1),
        ('payments_reversed', CASE WHEN reversed <> 0 THEN level_0 END, 1),
        ('payments_reversed', CASE WHEN reversed <> 0 THEN level_1 END, -1),
        ('paid', CASE WHEN paid < 0 THEN level_1 END, -1),
        ('paid', CASE WHEN paid < 0 THEN level_2 END, 1),
        ('recalculated', CASE WHEN recalculated <> 0 THEN level_2 END, 1),
        ('recalculated', CASE WHEN recalculated <> 0 THEN level_3 END, -1),
        ('introduced', CASE WHEN introduced <> 0 THEN level_3 END, 1),
        ('introduced', CASE WHEN introduced <> 0 THEN level_4 END, -1),
        ('paid', CASE WHEN paid > 0 THEN level_4 END, -1),
        ('paid', CASE WHEN paid > 0 THEN got_at_end END, 1)
    ) AS point(what, minor, sign)
    WHERE is_touched AND minor <> 0{opening}
)"""
"""A column of a bill is a sum of splits: of what it asked and of what it had got before and after each step."""

_OPENING = """
    UNION ALL
    SELECT id, key, 'opening', minor, sign FROM step CROSS JOIN LATERAL (VALUES (amount, 1), (level_0, -1))
        AS point(minor, sign)
    WHERE stood_before AND level_0 <> amount AND minor <> 0"""

_SHARES = """
part AS (
    -- Whole units first, then one each to the largest rests; of equal rests the line that stands first.
    SELECT id, minor, line, whole + CASE WHEN row_number() OVER (PARTITION BY id, minor ORDER BY rest DESC, place)
                                         <= minor - sum(whole) OVER (PARTITION BY id, minor) THEN 1 ELSE 0 END AS share
    FROM (
        SELECT sought.id, sought.minor, each.key AS line, each.place,
               floor(sought.minor::numeric * each.value::bigint / state.amount) AS whole,
               sought.minor::numeric * each.value::bigint
                   - floor(sought.minor::numeric * each.value::bigint / state.amount) * state.amount AS rest
        FROM (SELECT DISTINCT level.id, level.minor FROM level JOIN state USING (id) WHERE minor <> amount) AS sought
        JOIN state ON state.id = sought.id
        CROSS JOIN LATERAL jsonb_each_text(state.lines) WITH ORDINALITY AS each(key, value, place)
    ) AS exact
),
share AS (
    SELECT level.key, each.key AS line, level.what, sum(level.sign * each.value::bigint) AS minor
    FROM level JOIN state USING (id) CROSS JOIN LATERAL jsonb_each_text(state.lines) AS each
    WHERE level.minor = state.amount GROUP BY 1, 2, 3
    UNION ALL
    SELECT level.key, part.line, level.what, sum(level.sign * part.share)
    FROM level JOIN part USING (id, minor) GROUP BY 1, 2, 3
)"""
"""The columns line by line."""

_UNUSED = f"""
money(account_id, what, minor) AS ({PAYMENTS}
),
unused AS (
    SELECT place.key, what, sum(minor) AS minor FROM (
        SELECT account_id, what, CASE what WHEN 'payments_reversed' THEN -minor ELSE minor END AS minor FROM money
        UNION ALL SELECT account_id, what, -minor FROM move
    ) AS fact JOIN place ON place.id = fact.account_id GROUP BY 1, 2
)"""
"""What money came and was not used, by the column it belongs to."""

_ADVANCE = f"""
    SELECT key, '{ADVANCE}', what, CASE what WHEN 'paid' THEN minor ELSE -minor END FROM unused WHERE what <> 'later'"""
"""That money as a line of its own."""

_ADVANCE_BEFORE = f"""
    SELECT key, '{ADVANCE}', 'opening', minor FROM unused
    UNION ALL
    SELECT place.key, '{ADVANCE}', 'opening', -balance.advance_minor
    FROM place JOIN ledger_balance AS balance ON balance.account_id = place.id"""
"""What was not used when the month began: the advance of now without what has come since."""

_PACKED_BEFORE = """
    SELECT packed.house_id, packed.line, 'opening', packed.closing_minor FROM ledger_closedline AS packed
    WHERE packed.closed_id = %(closed)s AND packed.house_id IN (SELECT key FROM place)"""
"""How the month before was closed."""


def statement(*, by: Literal["house", "account"] = "house", after_closed: bool = False) -> str:
    """The question by house and line, or by account and line.

    `after_closed`: the month before is closed, as `%(closed)s`, and what stood then is read from it; otherwise every
    open bill is split anew.
    """
    opening = _PACKED_BEFORE if after_closed else _ADVANCE_BEFORE
    counted = ",\n           ".join(
        f"coalesce(sum(minor) FILTER (WHERE what = '{name}'), 0)::bigint AS {name}" for name in SUMS[:-1]
    )
    levels = _LEVELS.format(opening="" if after_closed else _OPENING)
    states = (_TOUCHED if after_closed else _STANDING) + _STATES
    return f"""
WITH {entries(by)},{_MOVES},{states},{levels},{_SHARES},{_UNUSED},
counted AS (
    SELECT key, line, {counted}
    FROM (SELECT key, line, what, minor FROM share
    UNION ALL {_ADVANCE}
    UNION ALL {opening}) AS found(key, line, what, minor) GROUP BY 1, 2
)
SELECT key, line, {", ".join(SUMS[:-1])},
       opening + introduced + charged + recalculated + penalty - paid - charges_reversed + payments_reversed AS closing
FROM counted
WHERE opening <> 0 OR introduced <> 0 OR charged <> 0 OR recalculated <> 0 OR penalty <> 0 OR paid <> 0
   OR charges_reversed <> 0 OR payments_reversed <> 0
ORDER BY key, line"""
