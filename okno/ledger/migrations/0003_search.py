"""Trigram index for the omnibox and for unmatched payments: account numbers with typos."""

from django.db import migrations

from okno.access import together


class Migration(together.Migration):
    dependencies = [("ledger", "0002_append_only")]
    operations = [
        migrations.RunSQL(
            "CREATE INDEX account_search ON ledger_account USING gin (number gin_trgm_ops);",
            "DROP INDEX account_search;",
        )
    ]
