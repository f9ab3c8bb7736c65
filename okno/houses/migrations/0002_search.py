"""Trigram index for the omnibox: addresses with typos."""

from django.db import migrations

from okno.access import together


class Migration(together.Migration):
    dependencies = [("houses", "0001_initial"), ("access", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "CREATE INDEX house_search ON houses_house USING gin (search_text gin_trgm_ops);",
            "DROP INDEX house_search;",
        )
    ]
