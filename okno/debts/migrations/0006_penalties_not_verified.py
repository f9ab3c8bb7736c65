from django.db import migrations, models

from okno.access import together


class Migration(together.Migration):
    dependencies = [
        ("debts", "0005_dropped_promises"),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="penalty_doubted",
            field=models.BooleanField(
                db_default=False, help_text="a norm behind the penalty was not verified by anybody"
            ),
        ),
    ]
