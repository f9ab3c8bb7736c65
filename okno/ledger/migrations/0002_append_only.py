"""The ledger's rows are never edited or removed: only what is open, free or reversed may change.

`BEFORE UPDATE OF <columns>` fires only when one of them is in the SET list, so a posting that keeps the open
remainders pays nothing for this guard.
"""

from django.db import migrations

from okno.access import together

FIXED = {
    "ledger_entry": "organisation_id, key, kind, posted_at, user_id, reason, source",
    "ledger_bill": (
        "organisation_id, account_id, entry_id, version, kind, regime, month, due_on, amount_minor, lines, source_key"
    ),
    "ledger_payment": (
        "organisation_id, account_id, entry_id, version, kind, value_on, amount_minor, stated_month, regime, purpose, payer, source_key"
    ),
    "ledger_allocation": "organisation_id, account_id, entry_id, version, payment_id, bill_id, amount_minor",
}

FORWARD = """
CREATE FUNCTION ledger_lines_total(lines jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT coalesce(sum(value::bigint), 0)::bigint FROM jsonb_each_text(lines) $$;
ALTER TABLE ledger_bill ADD CONSTRAINT bill_lines_sum_up CHECK (ledger_lines_total(lines) = amount_minor);

CREATE FUNCTION ledger_reversed_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.reversed_by_id IS NOT NULL THEN
        RAISE EXCEPTION 'okno: a reversed row of % is final', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER reversed_once BEFORE UPDATE OF reversed_by_id ON ledger_bill
    FOR EACH ROW EXECUTE FUNCTION ledger_reversed_once();
CREATE TRIGGER reversed_once BEFORE UPDATE OF reversed_by_id ON ledger_payment
    FOR EACH ROW EXECUTE FUNCTION ledger_reversed_once();
""" + "".join(
    f"""
CREATE TRIGGER never_edited BEFORE UPDATE OF {columns} ON {table}
    FOR EACH ROW EXECUTE FUNCTION okno_refuse();
CREATE TRIGGER never_removed BEFORE DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION okno_refuse();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION okno_refuse();
"""
    for table, columns in FIXED.items()
)

BACKWARD = (
    "".join(
        f"DROP TRIGGER {name} ON {table};"
        for table in FIXED
        for name in ("never_edited", "never_removed", "never_emptied")
    )
    + """
DROP TRIGGER reversed_once ON ledger_bill;
DROP TRIGGER reversed_once ON ledger_payment;
DROP FUNCTION ledger_reversed_once();
ALTER TABLE ledger_bill DROP CONSTRAINT bill_lines_sum_up;
DROP FUNCTION ledger_lines_total(jsonb);
"""
)


class Migration(together.Migration):
    dependencies = [("ledger", "0001_initial"), ("access", "0002_trail_is_append_only")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
