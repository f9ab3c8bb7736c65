"""A permit is never edited but for its seal; a seal and a template's words are never edited at all."""

from django.db import migrations

from okno.access import together

FIXED = {
    "outreach_permit": (
        "organisation_id, contact_id, account_id, allowed, reasons, checks, debt_minor, account_version,"
        " decided_at, recorded_at, expires_at"
    ),
    "outreach_permitseal": "organisation_id, number, previous, hash, permits, sealed_at",
    "outreach_templateversion": "template_id, language, number, subject, text, created_at, author_id",
}

FORWARD = (
    "".join(
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
    + """
CREATE FUNCTION outreach_sealed_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.seal_id IS NOT NULL THEN
        RAISE EXCEPTION 'okno: permit % is sealed already', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER sealed_once BEFORE UPDATE OF seal_id ON outreach_permit
    FOR EACH ROW EXECUTE FUNCTION outreach_sealed_once();
"""
)
BACKWARD = (
    "".join(
        f"DROP TRIGGER {name} ON {table};"
        for table in FIXED
        for name in ("never_edited", "never_removed", "never_emptied")
    )
    + "DROP TRIGGER sealed_once ON outreach_permit; DROP FUNCTION outreach_sealed_once();"
)


class Migration(together.Migration):
    dependencies = [("outreach", "0002_initial"), ("access", "0002_trail_is_append_only")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
