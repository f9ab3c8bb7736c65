"""A place for rows between reading and posting, the choices of an import, and what matching has learned."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from okno.access import together


class Migration(together.Migration):
    dependencies = [
        ("access", "0003_calendar"),
        ("exchange", "0002_initial"),
        ("ledger", "0004_reversed_version"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # Each import has a table of its own there, dropped with its last use: filling and emptying cost nothing.
        migrations.RunSQL("CREATE SCHEMA IF NOT EXISTS okno_staging;", "DROP SCHEMA okno_staging CASCADE;"),
        migrations.AddField(
            model_name="import",
            name="samples",
            field=models.JSONField(default=dict, help_text="verdict → a few rows to show before posting"),
        ),
        migrations.AddField(
            model_name="import",
            name="settings",
            field=models.JSONField(default=dict, help_text="what the person chose: create_missing"),
        ),
        migrations.CreateModel(
            name="PayerRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "fingerprint",
                    models.CharField(help_text="hash of the payer and the words without figures", max_length=64),
                ),
                ("payer", models.CharField(max_length=300, verbose_name="плательщик")),
                ("purpose", models.TextField(verbose_name="назначение")),
                ("created_at", models.DateTimeField()),
                ("account", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="ledger.account")),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="access.organisation"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "fingerprint"), name="a_payer_rule_once")
                ],
            },
        ),
    ]
