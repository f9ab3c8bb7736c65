"""An organisation's own versions of the scenarios; where it has none, the shipped file is spoken."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from okno.access.models import Organisation, User


class ScenarioState(models.TextChoices):
    DRAFT = "draft", _("черновик")
    LIVE = "live", _("в работе")
    ARCHIVED = "archived", _("в архиве")


class ScenarioVersion(models.Model):
    """A scenario's YAML as it was saved. Live versions are never edited; `share` splits calls between arms A and B."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    name = models.CharField(_("сценарий"), max_length=32)
    number = models.PositiveIntegerField(_("версия"))
    source = models.TextField(_("текст YAML"))
    state = models.CharField(_("состояние"), max_length=8, choices=ScenarioState, default=ScenarioState.DRAFT)
    arm = models.CharField(_("ветвь сравнения"), max_length=1, default="A", choices=[("A", "A"), ("B", "B")])
    share = models.PositiveSmallIntegerField(_("доля звонков, %"), default=100)
    note = models.CharField(_("что изменено"), max_length=200, blank=True)
    created_at = models.DateTimeField()
    author = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    live_since = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "name", "number"], name="a_scenario_version_once"),
            models.UniqueConstraint(
                fields=["organisation", "name", "arm"],
                name="one_live_version_an_arm",
                condition=models.Q(state="live"),
            ),
            models.CheckConstraint(name="scenario_share", condition=models.Q(share__gte=0, share__lte=100)),
        ]
