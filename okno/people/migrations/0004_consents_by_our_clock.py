from django.db import migrations, models

import okno.common.clock
from okno.access import together


class Migration(together.Migration):
    dependencies = [
        ("people", "0003_resident_signs_in"),
    ]

    operations = [
        migrations.AlterField(
            model_name="consent",
            name="recorded_at",
            field=models.DateTimeField(default=okno.common.clock.now),
        ),
    ]
