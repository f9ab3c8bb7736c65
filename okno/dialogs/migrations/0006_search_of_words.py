"""What was said is looked for by its letters: without these a search would read every word ever spoken."""

from django.db import migrations

from okno.access import together


class Migration(together.Migration):
    dependencies = [("dialogs", "0005_recording_sides"), ("access", "0001_initial")]

    operations = [
        migrations.RunSQL(
            [
                "CREATE INDEX turn_heard_search ON dialogs_callturn USING gin (upper(heard) gin_trgm_ops);",
                "CREATE INDEX turn_said_search ON dialogs_callturn USING gin (upper(text) gin_trgm_ops);",
                "CREATE INDEX correction_search ON dialogs_correction USING gin (upper(text) gin_trgm_ops);",
            ],
            ["DROP INDEX turn_heard_search;", "DROP INDEX turn_said_search;", "DROP INDEX correction_search;"],
        )
    ]
