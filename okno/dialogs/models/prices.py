"""What a minute of a call costs the organisation."""

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from okno.access.models import Organisation


@pghistory.track()
class MinutePrice(models.Model):
    """Prices of a minute in minor units: of the line, begun minutes counted whole, and of an employee who talks.

    Without a row the cost of results is not told: a price is never guessed.
    """

    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="minute_price")
    line_minor = models.PositiveIntegerField(_("минута связи"))
    agent_minor = models.PositiveIntegerField(_("минута сотрудника"))
