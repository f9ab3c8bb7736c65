"""A message names the permit it left by, one each; contacts are found by campaign, by cause and on the way.

The column has no default: the table is empty until the first sender runs.
"""

import django.db.models.deletion
from django.db import migrations, models

from okno.access import together


class Migration(together.Migration):
    dependencies = [("outreach", "0003_permits_are_final")]
    operations = [
        migrations.AddField(
            model_name="message",
            name="permit",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="message", to="outreach.permit"
            ),
        ),
        migrations.RemoveIndex(model_name="contact", name="contact_waiting"),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                fields=["organisation", "campaign", "not_before", "id"],
                name="contact_waiting",
                condition=models.Q(state="waiting"),
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                fields=["cause", "cause_id"],
                name="contact_live_by_cause",
                condition=models.Q(state__in=["waiting", "permitted"]),
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                fields=["changed_at"],
                name="contact_on_the_way",
                condition=models.Q(state__in=["permitted", "sending"]),
            ),
        ),
    ]
