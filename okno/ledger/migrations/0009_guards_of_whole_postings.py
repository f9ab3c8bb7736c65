"""The rows of a posting are checked together, not one by one: that each belongs to an entry and an account.

A foreign key asks, and locks, row by row: of a sheet of half a million bills it took a tenth. Entries, bills and
payments are never removed, so it is enough to look once, when a row comes; and these guards ask for more than the keys
did: that all of it is of one organisation, and a share of one account. An account that has been billed or paid is held
by its balance. The function's plans use indexes only: made while a table is small they serve when it is large.
"""

import django.db.models.deletion
from django.db import migrations, models

from okno.access import together

ENTRY_OF_ANOTHER = """SELECT FROM (SELECT DISTINCT entry_id, organisation_id FROM fresh) AS written
        WHERE (SELECT entry.organisation_id FROM ledger_entry AS entry WHERE entry.id = written.entry_id)
              IS DISTINCT FROM written.organisation_id"""

GUARDS = f"""
CREATE FUNCTION ledger_rows_belong() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (
        {ENTRY_OF_ANOTHER}
    ) OR EXISTS (
        SELECT FROM fresh
        WHERE (SELECT balance.organisation_id FROM ledger_balance AS balance
               WHERE balance.account_id = fresh.account_id) IS DISTINCT FROM fresh.organisation_id
    ) THEN
        RAISE EXCEPTION 'okno: a row of % belongs to an entry and an account of its organisation', TG_TABLE_NAME
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'rows_belong';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION ledger_shares_belong() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (
        {ENTRY_OF_ANOTHER}
    ) OR EXISTS (
        SELECT FROM fresh
        WHERE (SELECT bill.account_id FROM ledger_bill AS bill WHERE bill.id = fresh.bill_id)
              IS DISTINCT FROM fresh.account_id
           OR (SELECT payment.account_id FROM ledger_payment AS payment WHERE payment.id = fresh.payment_id)
              IS DISTINCT FROM fresh.account_id
    ) THEN
        RAISE EXCEPTION 'okno: a share is of a payment and a bill of one account'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'shares_belong';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION ledger_balance_is_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM ledger_bill WHERE account_id = OLD.account_id)
       OR EXISTS (SELECT FROM ledger_payment WHERE account_id = OLD.account_id) THEN
        RAISE EXCEPTION 'okno: an account that was billed or paid is not removed'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'balance_is_held';
    END IF;
    RETURN OLD;
END $$;

CREATE TRIGGER rows_belong AFTER INSERT ON ledger_bill REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_rows_belong();
CREATE TRIGGER rows_belong AFTER INSERT ON ledger_payment REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_rows_belong();
CREATE TRIGGER shares_belong AFTER INSERT ON ledger_allocation REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_shares_belong();
CREATE TRIGGER held BEFORE DELETE ON ledger_balance FOR EACH ROW EXECUTE FUNCTION ledger_balance_is_held();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ledger_balance FOR EACH STATEMENT EXECUTE FUNCTION okno_refuse();
CREATE TRIGGER never_moved BEFORE UPDATE OF account_id, organisation_id ON ledger_balance
    FOR EACH ROW EXECUTE FUNCTION okno_refuse();
"""

UNGUARDED = """
DROP TRIGGER rows_belong ON ledger_bill;
DROP TRIGGER rows_belong ON ledger_payment;
DROP TRIGGER shares_belong ON ledger_allocation;
DROP TRIGGER held ON ledger_balance;
DROP TRIGGER never_emptied ON ledger_balance;
DROP TRIGGER never_moved ON ledger_balance;
DROP FUNCTION ledger_rows_belong();
DROP FUNCTION ledger_shares_belong();
DROP FUNCTION ledger_balance_is_held();
"""


def _plain(to: str, **options: object) -> models.ForeignKey:
    return models.ForeignKey(to, on_delete=django.db.models.deletion.PROTECT, db_constraint=False, **options)


class Migration(together.Migration):
    dependencies = [("ledger", "0008_closed_months")]

    operations = [
        migrations.AlterField("bill", "account", _plain("ledger.account", db_index=False, related_name="bills")),
        migrations.AlterField("bill", "entry", _plain("ledger.entry", related_name="bills")),
        migrations.AlterField("payment", "account", _plain("ledger.account", db_index=False, related_name="payments")),
        migrations.AlterField("payment", "entry", _plain("ledger.entry", related_name="payments")),
        migrations.AlterField("allocation", "entry", _plain("ledger.entry", db_index=False)),
        migrations.AlterField(
            "allocation", "payment", _plain("ledger.payment", db_index=False, related_name="allocations")
        ),
        migrations.AlterField("allocation", "bill", _plain("ledger.bill", db_index=False, related_name="allocations")),
        migrations.RemoveIndex("balance", "balance_owing"),
        migrations.AddIndex("balance", models.Index(fields=["organisation", "-open_minor"], name="balance_owing")),
        migrations.AlterField(
            "balance",
            "organisation",
            models.ForeignKey(to="access.organisation", on_delete=django.db.models.deletion.PROTECT, db_index=False),
        ),
        migrations.RunSQL(GUARDS, UNGUARDED),
    ]
