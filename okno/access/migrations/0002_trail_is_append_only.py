"""A line of the trail is never changed or removed, by whomever."""

from django.db import migrations

from okno.access import together

FORWARD = """
CREATE FUNCTION okno_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'okno: % of % is refused: its rows are never edited or removed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON access_action
    FOR EACH ROW EXECUTE FUNCTION okno_refuse();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON access_action
    FOR EACH STATEMENT EXECUTE FUNCTION okno_refuse();
"""
BACKWARD = """
DROP TRIGGER never_changed ON access_action;
DROP TRIGGER never_emptied ON access_action;
DROP FUNCTION okno_refuse();
"""


class Migration(together.Migration):
    dependencies = [("access", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
