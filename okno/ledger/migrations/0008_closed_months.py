"""Accounting days, and months that are closed: nothing is posted into one by any path.

An entry waits for nobody but him who closes its month: both take the month's advisory lock, the entry shared, the
closing alone. A posting that came first is in the month before it closes; one that comes later finds it closed.
"""

import datetime
from typing import ClassVar

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from okno.access import together

#: The day its rows name, the latest of them: the last day of a month billed, the value day of money. A recalculation
#: or a penalty made by hand belongs to the day it was made; a reversal to no earlier day than what it reverses.
FILL = """
UPDATE ledger_entry AS entry SET accounted_on = greatest(coalesce(
    (SELECT max(CASE WHEN entry.kind = 'recalculation' THEN NULL ELSE (bill.month + interval '1 month')::date - 1 END)
     FROM ledger_bill AS bill WHERE bill.entry_id = entry.id), DATE '2000-01-01'),
    coalesce((SELECT max(payment.value_on) FROM ledger_payment AS payment WHERE payment.entry_id = entry.id),
    DATE '2000-01-01'));
UPDATE ledger_entry AS entry SET accounted_on = (entry.posted_at AT TIME ZONE organisation.time_zone)::date
FROM access_organisation AS organisation
WHERE organisation.id = entry.organisation_id AND entry.accounted_on = DATE '2000-01-01' AND entry.kind <> 'reversal';
DO $$
BEGIN
    LOOP
        UPDATE ledger_entry AS entry SET accounted_on = reversed.accounted_on FROM (
            SELECT side.reversed_by_id AS id, max(earlier.accounted_on) AS accounted_on
            FROM (SELECT entry_id, reversed_by_id FROM ledger_bill WHERE reversed_by_id IS NOT NULL
                  UNION ALL
                  SELECT entry_id, reversed_by_id FROM ledger_payment WHERE reversed_by_id IS NOT NULL) AS side
            JOIN ledger_entry AS earlier ON earlier.id = side.entry_id GROUP BY 1
        ) AS reversed WHERE reversed.id = entry.id AND reversed.accounted_on > entry.accounted_on;
        EXIT WHEN NOT FOUND;
    END LOOP;
END $$;
"""

FUNCTIONS = """
CREATE FUNCTION ledger_month_key(organisation bigint, day date) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT hashtextextended('ledger.month.' || extract(year FROM day) || '.' || extract(month FROM day), organisation) $$;

CREATE FUNCTION ledger_first_open_day(organisation bigint) RETURNS date LANGUAGE sql STABLE AS
$$ SELECT (max(month) + interval '1 month')::date FROM ledger_closedmonth
   WHERE organisation_id = organisation AND reopened_at IS NULL $$;

-- The day itself, or the first open one when its month is closed. Until the transaction ends the month stays open.
CREATE FUNCTION ledger_open_day(organisation bigint, asked date) RETURNS date LANGUAGE plpgsql VOLATILE STRICT AS $$
DECLARE
    day date := asked;
    first_open date;
BEGIN
    LOOP
        PERFORM pg_advisory_xact_lock_shared(ledger_month_key(organisation, day));
        -- A statement of its own: it sees what was committed while the lock was awaited.
        first_open := ledger_first_open_day(organisation);
        IF first_open IS NULL OR day >= first_open THEN
            RETURN day;
        END IF;
        day := first_open;
    END LOOP;
END $$;

CREATE FUNCTION ledger_require_open(organisation bigint, day date) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    first_open date;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'okno: the ledger is written in read committed transactions only: others cannot see a month close'
            USING ERRCODE = 'invalid_transaction_state';
    END IF;
    PERFORM pg_advisory_xact_lock_shared(ledger_month_key(organisation, day));
    first_open := ledger_first_open_day(organisation);
    IF day < first_open THEN
        RAISE EXCEPTION 'okno: % lies in a closed month of organisation %', to_char(day, 'DD.MM.YYYY'), organisation
            USING ERRCODE = 'check_violation', CONSTRAINT = 'accounted_in_an_open_month',
                  HINT = format('Post it as a correction with an accounting day from %s on.',
                                to_char(first_open, 'DD.MM.YYYY'));
    END IF;
END $$;

-- He who closes the months up to this one waits for the postings in them; postings in later months go on.
CREATE FUNCTION ledger_lock_months(organisation bigint, until date) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    day date;
BEGIN
    FOR day IN
        SELECT generate_series(coalesce(ledger_first_open_day(organisation), DATE '2000-01-01'), until, '1 month')::date
    LOOP
        PERFORM pg_advisory_xact_lock(ledger_month_key(organisation, day));
    END LOOP;
END $$;

-- An entry that names no day is accounted today.
CREATE FUNCTION ledger_entry_in_open_month() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.accounted_on IS NULL THEN
        NEW.accounted_on := ledger_open_day(NEW.organisation_id, current_date);
    END IF;
    PERFORM ledger_require_open(NEW.organisation_id, NEW.accounted_on);
    RETURN NEW;
END $$;

CREATE FUNCTION ledger_rows_in_open_month() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_require_open(entry.organisation_id, entry.accounted_on)
    FROM (SELECT DISTINCT entry_id FROM fresh) AS written JOIN ledger_entry AS entry ON entry.id = written.entry_id;
    RETURN NULL;
END $$;

CREATE FUNCTION ledger_reversed_in_open_month() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    posted_on date;
    reversed_on date;
    organisation bigint;
BEGIN
    SELECT accounted_on INTO posted_on FROM ledger_entry WHERE id = OLD.entry_id;
    SELECT accounted_on, organisation_id INTO reversed_on, organisation FROM ledger_entry WHERE id = NEW.reversed_by_id;
    PERFORM ledger_require_open(organisation, reversed_on);
    IF date_trunc('month', reversed_on) < date_trunc('month', posted_on) THEN
        RAISE EXCEPTION 'okno: a row of % cannot be reversed in an earlier month than its own', TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reversed_not_before_it_was_posted';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION ledger_months_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    first_open date;
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM ledger_lock_months(NEW.organisation_id, NEW.month);
        first_open := ledger_first_open_day(NEW.organisation_id);
        IF NEW.month <> first_open OR NEW.reopened_at IS NOT NULL THEN
            RAISE EXCEPTION 'okno: months are closed one after another' USING ERRCODE = 'check_violation',
                CONSTRAINT = 'months_closed_in_order';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.reopened_at IS NOT NULL OR to_jsonb(NEW) - ARRAY['reopened_at', 'reopened_by_id', 'reopen_reason']
        <> to_jsonb(OLD) - ARRAY['reopened_at', 'reopened_by_id', 'reopen_reason'] THEN
        RAISE EXCEPTION 'okno: a closed month may only be re-opened, once' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.month + interval '1 month' < ledger_first_open_day(NEW.organisation_id) THEN
        RAISE EXCEPTION 'okno: the last closed month is re-opened first' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'months_reopened_in_order';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION ledger_columns_foot(
    accounts bigint[], opening bigint[], introduced bigint[], charged bigint[], recalculated bigint[],
    penalty bigint[], paid bigint[], charges_reversed bigint[], payments_reversed bigint[], closing bigint[]
) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(bool_and(row.account IS NOT NULL AND
        (row.o + row.i + row.c + row.r + row.p - row.d - row.x + row.y = row.z) IS TRUE), true)
    FROM unnest(accounts, opening, introduced, charged, recalculated, penalty, paid, charges_reversed,
                payments_reversed, closing) AS row(account, o, i, c, r, p, d, x, y, z)
$$;
"""

GUARDS = """
DROP TRIGGER never_edited ON ledger_entry;
CREATE TRIGGER never_edited
    BEFORE UPDATE OF organisation_id, key, kind, posted_at, accounted_on, user_id, reason, source ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION okno_refuse();
CREATE TRIGGER in_open_month BEFORE INSERT ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_entry_in_open_month();
CREATE TRIGGER in_order BEFORE INSERT OR UPDATE ON ledger_closedmonth
    FOR EACH ROW EXECUTE FUNCTION ledger_months_in_order();
ALTER TABLE ledger_closedhouse ADD CONSTRAINT closed_house_foots CHECK (ledger_columns_foot(
    accounts, opening, introduced, charged, recalculated, penalty, paid, charges_reversed, payments_reversed, closing));
""" + "".join(
    [
        f"""
CREATE TRIGGER in_open_month AFTER INSERT ON ledger_{table} REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_rows_in_open_month();
"""
        for table in ("bill", "payment", "allocation")
    ]
    + [
        f"""
CREATE TRIGGER reversed_in_open_month BEFORE UPDATE OF reversed_by_id ON ledger_{side}
    FOR EACH ROW EXECUTE FUNCTION ledger_reversed_in_open_month();
CREATE INDEX {side}_reversed ON ledger_{side} (reversed_by_id) WHERE reversed_by_id IS NOT NULL;
"""
        for side in ("bill", "payment")
    ]
    + [
        f"""
CREATE TRIGGER never_edited BEFORE UPDATE ON ledger_{table} FOR EACH ROW EXECUTE FUNCTION okno_refuse();
CREATE TRIGGER never_removed BEFORE DELETE ON ledger_{table} FOR EACH ROW EXECUTE FUNCTION okno_refuse();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ledger_{table} FOR EACH STATEMENT EXECUTE FUNCTION okno_refuse();
"""
        for table in ("closedline", "closedhouse")
    ]
    + [
        """
CREATE TRIGGER never_removed BEFORE DELETE ON ledger_closedmonth FOR EACH ROW EXECUTE FUNCTION okno_refuse();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ledger_closedmonth FOR EACH STATEMENT EXECUTE FUNCTION okno_refuse();
CREATE INDEX entry_by_day ON ledger_entry (organisation_id, accounted_on);
-- Rows of an entry lie together, so ranges of blocks are enough and a posting pays nothing for them.
CREATE INDEX allocation_by_entry ON ledger_allocation USING brin (entry_id) WITH (pages_per_range = 32, autosummarize);
"""
    ]
)

UNGUARDED = """
DROP INDEX allocation_by_entry, entry_by_day, bill_reversed, payment_reversed;
DROP TRIGGER in_open_month ON ledger_entry;
DROP TRIGGER in_open_month ON ledger_bill;
DROP TRIGGER in_open_month ON ledger_payment;
DROP TRIGGER in_open_month ON ledger_allocation;
DROP TRIGGER reversed_in_open_month ON ledger_bill;
DROP TRIGGER reversed_in_open_month ON ledger_payment;
DROP TRIGGER in_order ON ledger_closedmonth;
ALTER TABLE ledger_closedhouse DROP CONSTRAINT closed_house_foots;
DROP TRIGGER never_edited ON ledger_entry;
CREATE TRIGGER never_edited BEFORE UPDATE OF organisation_id, key, kind, posted_at, user_id, reason, source
    ON ledger_entry FOR EACH ROW EXECUTE FUNCTION okno_refuse();
"""

NO_FUNCTIONS = """
DROP FUNCTION ledger_columns_foot(
    bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[]);
DROP FUNCTION ledger_months_in_order();
DROP FUNCTION ledger_reversed_in_open_month();
DROP FUNCTION ledger_rows_in_open_month();
DROP FUNCTION ledger_entry_in_open_month();
DROP FUNCTION ledger_lock_months(bigint, date);
DROP FUNCTION ledger_require_open(bigint, date);
DROP FUNCTION ledger_open_day(bigint, date);
DROP FUNCTION ledger_first_open_day(bigint);
DROP FUNCTION ledger_month_key(bigint, date);
"""

SUMS = {
    "opening": "сальдо на начало",
    "introduced": "введено сальдо",
    "charged": "начислено",
    "recalculated": "перерасчёт",
    "penalty": "пеня",
    "paid": "оплачено",
    "charges_reversed": "сторно начислений",
    "payments_reversed": "сторно оплат",
    "closing": "сальдо на конец",
}
FOOTS = models.Q(
    closing_minor=models.F("opening_minor")
    + models.F("introduced_minor")
    + models.F("charged_minor")
    + models.F("recalculated_minor")
    + models.F("penalty_minor")
    - models.F("paid_minor")
    - models.F("charges_reversed_minor")
    + models.F("payments_reversed_minor")
)
ORGANISATION = models.ForeignKey(
    db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to="access.organisation"
)


def number() -> tuple[str, models.Field]:
    return "id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def sums() -> list[tuple[str, models.Field]]:
    return [(f"{name}_minor", models.BigIntegerField(verbose_name=words)) for name, words in SUMS.items()]


def column() -> models.Field:
    return django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)


def closed(related: str) -> models.Field:
    return models.ForeignKey(
        db_index=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name=related,
        to="ledger.closedmonth",
    )


def house() -> models.Field:
    return models.ForeignKey(
        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="houses.house"
    )


def person() -> models.Field:
    return models.ForeignKey(
        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
    )


class Migration(together.Migration):
    dependencies: ClassVar = [
        ("access", "0003_calendar"),
        ("houses", "0001_initial"),
        ("ledger", "0007_penalties"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="ClosedMonth",
            fields=[
                number(),
                *sums(),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="closed_months",
                        to="access.organisation",
                    ),
                ),
                ("month", models.DateField(help_text="first day", verbose_name="месяц")),
                ("closed_at", models.DateTimeField(verbose_name="закрыт")),
                ("closed_by", person()),
                ("accounts", models.IntegerField(verbose_name="лицевых счетов")),
                (
                    "left_undone",
                    models.JSONField(
                        default=list, help_text="checks that were not clean when it was closed: [{key, text}]"
                    ),
                ),
                ("reopened_at", models.DateTimeField(null=True, verbose_name="открыт снова")),
                ("reopened_by", person()),
                ("reopen_reason", models.TextField(blank=True, verbose_name="почему открыт")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=FOOTS, name="closedmonth_foots"),
                    models.UniqueConstraint(
                        fields=["organisation", "month"],
                        name="a_month_closed_once",
                        condition=models.Q(reopened_at__isnull=True),
                    ),
                    models.CheckConstraint(condition=models.Q(month__day=1), name="closed_month_is_first_day"),
                    models.CheckConstraint(
                        condition=models.Q(reopened_at__isnull=True, reopened_by__isnull=True, reopen_reason="")
                        | (
                            models.Q(reopened_at__isnull=False, reopened_by__isnull=False) & ~models.Q(reopen_reason="")
                        ),
                        name="reopened_with_a_name_and_a_reason",
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="ClosedLine",
            fields=[
                number(),
                *sums(),
                ("organisation", ORGANISATION.clone()),
                ("closed", closed("lines")),
                ("house", house()),
                ("line", models.CharField(max_length=64)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=FOOTS, name="closedline_foots"),
                    models.UniqueConstraint(fields=["closed", "house", "line"], name="a_closed_line_once"),
                ]
            },
        ),
        migrations.CreateModel(
            name="ClosedHouse",
            fields=[
                number(),
                ("organisation", ORGANISATION.clone()),
                ("closed", closed("houses")),
                ("house", house()),
                ("accounts", column()),
                *[(name, column()) for name in SUMS],
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=["closed", "house"], name="a_closed_house_once")],
            },
        ),
        migrations.AddField(
            model_name="entry",
            name="accounted_on",
            field=models.DateField(
                null=True, help_text="the accounting day: all rows of the entry belong to its month"
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="entry",
            name="accounted_on",
            field=models.DateField(help_text="the accounting day: all rows of the entry belong to its month"),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                name="entry_accounted_since_2000", condition=models.Q(accounted_on__gte=datetime.date(2000, 1, 1))
            ),
        ),
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        migrations.RunSQL(GUARDS, UNGUARDED),
    ]
