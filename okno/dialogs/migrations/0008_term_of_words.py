from django.db import migrations, models

from okno.access import together


class Migration(together.Migration):
    dependencies = [("dialogs", "0007_own_phone_first")]

    operations = [
        migrations.AddField(
            model_name="call",
            name="transcript_deleted_at",
            field=models.DateTimeField(help_text="when the words of its turns were wiped", null=True),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(
                condition=models.Q(("transcript_deleted_at__isnull", True)),
                fields=["started_at"],
                name="call_with_words",
            ),
        ),
    ]
