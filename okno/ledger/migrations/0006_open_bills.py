"""What is still open of a bill moves into a narrow table of its own, and late payments are noted beside it.

A bill is from now on written once; only its reversal is added to it. Two triggers keep what the checks on the old
column kept: a row of `ledger_openbill` agrees with a bill that stands, and a bill is not reversed while its row is
there. The first looks at a whole statement at once, so half a million bills are checked by a few dozen questions.
"""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from okno.access import together

BILL = "organisation_id, account_id, kind, regime, month, due_on, amount_minor"

FILL = f"""
INSERT INTO ledger_openbill (bill_id, {BILL}, open_minor)
SELECT id, {BILL}, open_minor FROM ledger_bill WHERE open_minor > 0 ORDER BY account_id, id;

INSERT INTO ledger_lateshare
    (organisation_id, account_id, regime, bill_id, payment_id, due_on, value_on, amount_minor)
SELECT bill.organisation_id, bill.account_id, bill.regime, bill.id, payment.id, bill.due_on, payment.value_on,
       sum(move.amount_minor)
FROM ledger_allocation AS move
JOIN ledger_bill AS bill ON bill.id = move.bill_id
JOIN ledger_payment AS payment ON payment.id = move.payment_id
WHERE bill.kind <> 'penalty' AND payment.value_on > bill.due_on
GROUP BY bill.id, payment.id HAVING sum(move.amount_minor) <> 0 ORDER BY bill.account_id, bill.id, payment.id;
"""

DROP_COLUMN = """
DROP TRIGGER never_edited ON ledger_bill;
ALTER TABLE ledger_bill DROP COLUMN open_minor;
CREATE TRIGGER never_edited BEFORE UPDATE OF id, organisation_id, account_id, entry_id, version, kind, regime, month,
    due_on, amount_minor, lines, source_key ON ledger_bill FOR EACH ROW EXECUTE FUNCTION okno_refuse();
"""

PUT_COLUMN_BACK = """
DROP TRIGGER never_edited ON ledger_bill;
ALTER TABLE ledger_bill ADD COLUMN open_minor bigint NOT NULL DEFAULT 0;
UPDATE ledger_bill SET open_minor = still.open_minor FROM ledger_openbill AS still WHERE still.bill_id = ledger_bill.id;
ALTER TABLE ledger_bill ALTER COLUMN open_minor DROP DEFAULT;
CREATE TRIGGER never_edited BEFORE UPDATE OF organisation_id, account_id, entry_id, version, kind, regime, month,
    due_on, amount_minor, lines, source_key ON ledger_bill FOR EACH ROW EXECUTE FUNCTION okno_refuse();
"""

# Rows come and go with every posting: room on the page lets a part payment rewrite its row where it stands.
# An index scan is what twenty thousand rows beside a table of millions want; statistics of a table just filled may
# promise otherwise.
GUARDS = f"""
ALTER TABLE ledger_openbill SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);

CREATE FUNCTION ledger_open_bill_stands() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (
        SELECT FROM opened LEFT JOIN ledger_bill AS bill ON bill.id = opened.bill_id
        WHERE bill.reversed_by_id IS NOT NULL
           OR ({BILL.replace("organisation_id", "bill.organisation_id").replace(", ", ", bill.")})
              IS DISTINCT FROM
              ({BILL.replace("organisation_id", "opened.organisation_id").replace(", ", ", opened.")})
    ) THEN
        RAISE EXCEPTION 'okno: an open bill is a bill that stands, and says the same'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER open_bill_stands AFTER INSERT ON ledger_openbill REFERENCING NEW TABLE AS opened
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_open_bill_stands();
CREATE TRIGGER never_edited BEFORE UPDATE OF bill_id, {BILL} ON ledger_openbill
    FOR EACH ROW EXECUTE FUNCTION okno_refuse();

CREATE FUNCTION ledger_reversed_bill_asks_nothing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM ledger_openbill WHERE bill_id = NEW.id) THEN
        RAISE EXCEPTION 'okno: a reversed bill asks nothing' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER reversed_asks_nothing BEFORE UPDATE OF reversed_by_id ON ledger_bill
    FOR EACH ROW EXECUTE FUNCTION ledger_reversed_bill_asks_nothing();
"""

NO_GUARDS = """
DROP TRIGGER reversed_asks_nothing ON ledger_bill;
DROP FUNCTION ledger_reversed_bill_asks_nothing();
DROP TRIGGER never_edited ON ledger_openbill;
DROP TRIGGER open_bill_stands ON ledger_openbill;
DROP FUNCTION ledger_open_bill_stands();
"""

KINDS = [
    ("month", "начисление за месяц"),
    ("opening", "входящий долг"),
    ("recalculation", "доначисление"),
    ("penalty", "пеня"),
]
REGIMES = [
    ("housing", "жильё и коммунальные услуги"),
    ("capital_repair", "капитальный ремонт"),
    ("target", "целевые взносы"),
    ("other", "прочее"),
]


def plain_key(to: str, **more: object) -> models.ForeignKey:
    """A reference the ledger itself keeps true: no constraint to ask for every row."""
    return models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to=to, **more)


class Migration(together.Migration):
    dependencies: ClassVar = [("ledger", "0005_fewer_foreign_keys")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="OpenBill",
            fields=[
                (
                    "bill",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="still_open",
                        serialize=False,
                        to="ledger.bill",
                    ),
                ),
                ("kind", models.CharField(choices=KINDS, max_length=16)),
                ("regime", models.CharField(choices=REGIMES, max_length=16)),
                ("month", models.DateField(help_text="first day of the month billed")),
                ("due_on", models.DateField(help_text="last day to pay without delay, inclusive")),
                ("amount_minor", models.BigIntegerField()),
                ("open_minor", models.BigIntegerField()),
                ("account", plain_key("ledger.account", related_name="open_bills")),
                ("organisation", plain_key("access.organisation", db_index=False)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("open_minor__gt", 0), ("open_minor__lte", models.F("amount_minor"))),
                        name="open_within_amount",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LateShare",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("regime", models.CharField(choices=REGIMES, max_length=16)),
                ("due_on", models.DateField(help_text="last day to pay the bill without delay, inclusive")),
                ("value_on", models.DateField(help_text="the day the money counts as paid")),
                ("amount_minor", models.BigIntegerField()),
                ("account", plain_key("ledger.account", related_name="late_shares")),
                ("bill", plain_key("ledger.bill", related_name="+", db_index=False)),
                ("organisation", plain_key("access.organisation", db_index=False)),
                ("payment", plain_key("ledger.payment", related_name="+", db_index=False)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor", 0), _negated=True), name="late_share_moves_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("value_on__gt", models.F("due_on"))), name="late_share_is_late"
                    ),
                ],
            },
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RemoveConstraint(model_name="bill", name="bill_open_within_amount"),
        migrations.RemoveConstraint(model_name="bill", name="reversed_bill_asks_nothing"),
        migrations.RemoveIndex(model_name="bill", name="bill_open"),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(DROP_COLUMN, PUT_COLUMN_BACK)],
            state_operations=[migrations.RemoveField(model_name="bill", name="open_minor")],
        ),
        migrations.AddConstraint(
            model_name="bill",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gte", 0)), name="bill_amount_not_negative"
            ),
        ),
        migrations.RunSQL(GUARDS, NO_GUARDS),
    ]
