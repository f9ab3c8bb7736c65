from django.db import migrations, models

from okno.access import together


class Migration(together.Migration):
    dependencies = [
        ("ledger", "0009_guards_of_whole_postings"),
    ]

    operations = [
        migrations.AddField(
            model_name="penaltystanding",
            name="is_doubted",
            field=models.BooleanField(db_default=False),
        ),
    ]
