"""Trigram indexes for the omnibox: names with typos, the last digits of a phone."""

from django.db import migrations

from okno.access import together


class Migration(together.Migration):
    dependencies = [("people", "0001_initial"), ("access", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "CREATE INDEX person_search ON people_person USING gin (search_text gin_trgm_ops);"
            "CREATE INDEX phone_search ON people_phone USING gin (number gin_trgm_ops);",
            "DROP INDEX person_search; DROP INDEX phone_search;",
        )
    ]
