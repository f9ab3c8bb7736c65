"""How a campaign's calls are made."""

from typing import ClassVar

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from okno.outreach.models import Campaign


class Mode(models.TextChoices):
    ROBOT = "robot", _("робот")
    PREVIEW = "preview", _("сотрудник смотрит и звонит")
    PROGRESSIVE = "progressive", _("сотрудник, номер за номером")
    PREDICTIVE = "predictive", _("сотрудник, с опережением")


@pghistory.track()
class CallCampaign(models.Model):
    """The calling side of an outreach campaign: which scenario, how many lines, how often again.

    `pauses` maps an outcome (`okno.telephony.leg.Kind`: busy, no_answer, unreachable, …) to minutes before the next
    try; an outcome that is not named is not tried again. `params` are facts of the campaign itself (the text of an
    announcement, the visit's day), by language where they are words.
    """

    campaign = models.OneToOneField(Campaign, on_delete=models.PROTECT, related_name="calling")
    scenario = models.CharField(_("сценарий"), max_length=32)
    mode = models.CharField(_("кто говорит"), max_length=12, choices=Mode, default=Mode.ROBOT)
    lines = models.PositiveSmallIntegerField(_("линий"), default=2)
    calls_a_second = models.DecimalField(_("звонков в секунду"), max_digits=4, decimal_places=2, default=1)
    tries = models.PositiveSmallIntegerField(_("попыток на человека"), default=3)
    pauses = models.JSONField(_("паузы между попытками"), default=dict)
    ring_seconds = models.PositiveSmallIntegerField(_("ждать ответа, секунд"), default=30)
    since = models.TimeField(_("звонить с"), null=True, blank=True, help_text="narrower than the policy's hours")
    until = models.TimeField(_("звонить до"), null=True, blank=True)
    params = models.JSONField(default=dict, blank=True)
    record = models.BooleanField(_("записывать разговор"), default=True)
    planned = models.PositiveIntegerField(null=True, help_text="accounts planned so far, while a job plans them")
    to_plan = models.PositiveIntegerField(null=True, help_text="accounts of the whole audience, while a job plans it")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="call_campaign_lines", condition=models.Q(lines__gte=1, lines__lte=100)),
            models.CheckConstraint(name="call_campaign_tries", condition=models.Q(tries__gte=1, tries__lte=20)),
            models.CheckConstraint(name="call_campaign_pace", condition=models.Q(calls_a_second__gt=0)),
            models.CheckConstraint(
                name="call_campaign_ring", condition=models.Q(ring_seconds__gte=5, ring_seconds__lte=90)
            ),
        ]
