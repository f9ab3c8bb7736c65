"""How the month of a service is asked of the database: bills line by line, and money spread over the lines it paid.

A payment goes to bills by the rule of `allocation`; within a bill it goes to the lines in proportion to them
(`law.allocation.split_by_lines`). What a line has got is the split of all that its bill has got so far, so parts paid
one after another come to the same kopecks as one sum, and a bill that is paid has every line paid. An allocation counts
<<<<<<< HEAD
in the latest of three months: of the entry that made it, of its payment and of its bill; but nothing stands on a row
after the month it was reversed in, so no later than that. What an old payment pays anew is no new money: it moves
between services and the advance within the column `paid`.
=======
in the latest of three months: of the entry that made it, of its payment and of its bill. What an old payment pays anew
is no new money: it moves between services and the advance within the column `paid`.
>>>>>>> b0f8ea7 (wip)
"""

from okno.ledger.months.facts import CHARGED_AS, ENTRIES, PAID_AS, PAYMENTS

ADVANCE = "~advance"
"""The line of money that is not yet used; no code of a service looks so."""

_MOVES = f"""
move AS MATERIALIZED (
<<<<<<< HEAD
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
          AND allocation.entry_id >= (SELECT min(id) FROM entry)
    ) AS row WHERE counted >= 0
=======
    SELECT allocation.account_id, allocation.bill_id, allocation.amount_minor AS minor,
           CASE WHEN written.later OR billed.later OR came.later THEN 'later'
                WHEN came.id IS NOT NULL THEN {PAID_AS}
                WHEN NOT undone.later THEN 'payments_reversed'
                ELSE 'paid' END AS what
    FROM ledger_allocation AS allocation
    JOIN ledger_bill AS bill ON bill.id = allocation.bill_id
    JOIN ledger_payment AS row ON row.id = allocation.payment_id
    LEFT JOIN entry AS written ON written.id = allocation.entry_id
    LEFT JOIN entry AS billed ON billed.id = bill.entry_id
    LEFT JOIN entry AS came ON came.id = row.entry_id
    LEFT JOIN entry AS undone ON undone.id = row.reversed_by_id
    WHERE allocation.organisation_id = %(organisation)s
      -- Nothing is allocated before both of its sides are posted, so earlier entries hold no move of these months.
      AND allocation.entry_id >= (SELECT min(id) FROM entry)
      AND (written.id IS NOT NULL OR billed.id IS NOT NULL OR came.id IS NOT NULL)
>>>>>>> b0f8ea7 (wip)
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

_STATES = f"""
asked AS (
<<<<<<< HEAD
    SELECT bill.id FROM entry JOIN ledger_bill AS bill ON bill.entry_id = entry.id WHERE entry.at = 0
=======
    SELECT bill.id FROM entry JOIN ledger_bill AS bill ON bill.entry_id = entry.id WHERE NOT entry.later
>>>>>>> b0f8ea7 (wip)
    UNION SELECT bill.id FROM entry JOIN ledger_bill AS bill ON bill.reversed_by_id = entry.id
    UNION SELECT bill_id FROM moved
    UNION SELECT bill_id FROM ledger_openbill WHERE organisation_id = %(organisation)s
),
state AS MATERIALIZED (
    SELECT row.id, place.house_id, row.amount_minor AS amount, row.lines, {CHARGED_AS} AS charged_as,
           posted.id IS NULL AND (row.reversed_by_id IS NULL OR undone.id IS NOT NULL) AS stood_before,
<<<<<<< HEAD
           posted.id IS NOT NULL AS was_posted, undone.at IS NOT DISTINCT FROM 0 AS is_undone,
=======
           posted.id IS NOT NULL AS was_posted, undone.id IS NOT NULL AND NOT undone.later AS is_undone,
>>>>>>> b0f8ea7 (wip)
           CASE WHEN row.reversed_by_id IS NULL THEN row.amount_minor - coalesce(still.open_minor, 0) ELSE 0 END
               - coalesce(moved.later, 0) AS got_at_end,
           coalesce(moved.reversed, 0) AS reversed, coalesce(moved.recalculated, 0) AS recalculated,
           coalesce(moved.introduced, 0) AS introduced, coalesce(moved.paid, 0) AS paid
    FROM asked JOIN ledger_bill AS row ON row.id = asked.id
    JOIN place ON place.id = row.account_id
    LEFT JOIN ledger_openbill AS still ON still.bill_id = row.id
    LEFT JOIN moved ON moved.bill_id = row.id
    LEFT JOIN entry AS posted ON posted.id = row.entry_id
    LEFT JOIN entry AS undone ON undone.id = row.reversed_by_id
<<<<<<< HEAD
    WHERE row.organisation_id = %(organisation)s AND posted.at IS DISTINCT FROM 1
=======
    WHERE row.organisation_id = %(organisation)s AND posted.later IS NOT TRUE
>>>>>>> b0f8ea7 (wip)
)"""
"""Bills with something open, asked, paid or reversed since the month began, and what each had got by its end."""

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
    SELECT id, house_id, what, minor, sum(sign) AS sign FROM step CROSS JOIN LATERAL (VALUES
        ('opening', CASE WHEN stood_before THEN amount END, 1),
        ('opening', CASE WHEN stood_before THEN level_0 END, -1),
        (charged_as, CASE WHEN was_posted AND NOT is_undone THEN amount END, 1),
        ('charges_reversed', CASE WHEN stood_before AND is_undone THEN amount END, 1),
        ('payments_reversed', level_0, 1), ('payments_reversed', level_1, -1),
        ('paid', level_1, -1), ('paid', level_2, 1),
        ('recalculated', level_2, 1), ('recalculated', level_3, -1),
        ('introduced', level_3, 1), ('introduced', level_4, -1),
        ('paid', level_4, -1), ('paid', got_at_end, 1)
    ) AS point(what, minor, sign)
    WHERE minor <> 0 GROUP BY 1, 2, 3, 4 HAVING sum(sign) <> 0
)"""
"""A column of a bill is a sum of splits: of what it asked and of what it had got before and after each step."""

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
    SELECT level.house_id, each.key AS line, level.what, sum(level.sign * each.value::bigint) AS minor
    FROM level JOIN state USING (id) CROSS JOIN LATERAL jsonb_each_text(state.lines) AS each
    WHERE level.minor = state.amount GROUP BY 1, 2, 3
    UNION ALL
    SELECT level.house_id, part.line, level.what, sum(level.sign * part.share)
    FROM level JOIN part USING (id, minor) GROUP BY 1, 2, 3
)"""
"""The columns line by line."""

_ADVANCE = f"""
money(account_id, what, minor) AS ({PAYMENTS}
),
unused AS (
    SELECT place.house_id, what, sum(minor) AS minor FROM (
        SELECT account_id, what, CASE what WHEN 'payments_reversed' THEN -minor ELSE minor END AS minor FROM money
        UNION ALL SELECT account_id, what, -minor FROM move
    ) AS fact JOIN place ON place.id = fact.account_id GROUP BY 1, 2
),
advance AS (
    SELECT house_id, 'opening' AS what, sum(minor) AS minor FROM (
        SELECT place.house_id, -balance.advance_minor AS minor
        FROM place JOIN ledger_balance AS balance ON balance.account_id = place.id
        UNION ALL SELECT house_id, minor FROM unused
    ) AS stood GROUP BY 1
    UNION ALL
    SELECT house_id, what, CASE what WHEN 'paid' THEN minor ELSE -minor END FROM unused WHERE what <> 'later'
)"""
"""Money less what it gave to bills, as a line of its own."""

BY_LINE = f"""
WITH {ENTRIES},{_MOVES},{_STATES},{_LEVELS},{_SHARES},{_ADVANCE},
counted AS (
    SELECT house_id, line,
           coalesce(sum(minor) FILTER (WHERE what = 'opening'), 0) AS opening,
           coalesce(sum(minor) FILTER (WHERE what = 'introduced'), 0) AS introduced,
           coalesce(sum(minor) FILTER (WHERE what = 'charged'), 0) AS charged,
           coalesce(sum(minor) FILTER (WHERE what = 'recalculated'), 0) AS recalculated,
           coalesce(sum(minor) FILTER (WHERE what = 'penalty'), 0) AS penalty,
           coalesce(sum(minor) FILTER (WHERE what = 'paid'), 0) AS paid,
           coalesce(sum(minor) FILTER (WHERE what = 'charges_reversed'), 0) AS charges_reversed,
           coalesce(sum(minor) FILTER (WHERE what = 'payments_reversed'), 0) AS payments_reversed
    FROM (SELECT * FROM share UNION ALL SELECT house_id, '{ADVANCE}', what, minor FROM advance) AS found
    GROUP BY 1, 2
)
SELECT house_id, line, opening::bigint, introduced::bigint, charged::bigint, recalculated::bigint, penalty::bigint,
       paid::bigint, charges_reversed::bigint, payments_reversed::bigint,
       (opening + introduced + charged + recalculated + penalty - paid - charges_reversed + payments_reversed)::bigint
           AS closing
FROM counted
WHERE opening <> 0 OR introduced <> 0 OR charged <> 0 OR recalculated <> 0 OR penalty <> 0 OR paid <> 0
   OR charges_reversed <> 0 OR payments_reversed <> 0
ORDER BY house_id, line"""
