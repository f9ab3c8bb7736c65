"""The history's context is looked up, not written again, for every row after the first.

The library's own function opens a subtransaction and tries an insert for each row of a bulk load: forty thousand of each
for a town's people. The answer is the same.
"""

from django.db import migrations

from okno.access import together

FORWARD = """
CREATE OR REPLACE FUNCTION _pgh_attach_context() RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    context uuid := nullif(current_setting('pghistory.context_id', true), '')::uuid;
    told jsonb := nullif(current_setting('pghistory.context_metadata', true), '')::jsonb;
BEGIN
    IF context IS NULL OR told IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM 1 FROM pghistory_context WHERE id = context AND metadata = told;
    IF NOT FOUND THEN
        INSERT INTO pghistory_context (id, metadata, created_at, updated_at) VALUES (context, told, now(), now())
            ON CONFLICT (id) DO UPDATE SET metadata = excluded.metadata, updated_at = excluded.updated_at;
    END IF;
    RETURN context;
END $$;
"""


class Migration(together.Migration):
    dependencies = [("access", "0003_calendar"), ("pghistory", "0007_auto_20250421_0444")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
