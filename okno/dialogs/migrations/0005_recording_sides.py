from django.db import migrations, models

from okno.access import together


class Migration(together.Migration):
    dependencies = [
        ("dialogs", "0004_lost_calls"),
    ]

    operations = [
        migrations.AlterField(
            model_name="call",
            name="recording",
            field=models.CharField(
                blank=True, help_text="file under the data folder; stereo: they, we", max_length=255
            ),
        ),
    ]
