from django.db import migrations, models

from okno.access import together


class Migration(together.Migration):
    dependencies = [("dialogs", "0006_search_of_words")]

    operations = [
        migrations.RemoveConstraint(model_name="call", name="call_state_known"),
        migrations.AlterField(
            model_name="call",
            name="state",
            field=models.CharField(
                choices=[
                    ("to_agent", "звоним сотруднику"),
                    ("dialling", "набираем"),
                    ("ringing", "звонит"),
                    ("talking", "разговор"),
                    ("with_person", "говорит сотрудник"),
                    ("ended", "закончен"),
                    ("lost", "прерван нашим сбоем"),
                ],
                default="dialling",
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["to_agent", "dialling", "ringing", "talking", "with_person", "ended", "lost"])
                ),
                name="call_state_known",
            ),
        ),
    ]
