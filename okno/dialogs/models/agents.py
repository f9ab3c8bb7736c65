"""The people who take calls over, and the call-backs they owe."""

from typing import ClassVar

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from okno.access.models import Organisation, User
from okno.dialogs.models.calls import Call
from okno.ledger.models import Account
from okno.people.models import Person


class AgentState(models.TextChoices):
    AWAY = "away", _("не на месте")
    FREE = "free", _("свободен")
    BUSY = "busy", _("говорит")
    AFTER_CALL = "after_call", _("заполняет карточку")


class Agent(models.Model):
    """A member of staff who talks: where the call goes and whether it may go there now."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="agent")
    address = models.CharField(_("телефон или SIP-адрес"), max_length=64)
    state = models.CharField(_("состояние"), max_length=12, choices=AgentState, default=AgentState.AWAY)
    changed_at = models.DateTimeField()
    call = models.ForeignKey(Call, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="agent_state_known", condition=models.Q(state__in=AgentState.values))
        ]


@pghistory.track()
class CallBack(models.Model):
    """Nobody was free: we owe this person a call until `due_at`."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    call = models.OneToOneField(Call, null=True, on_delete=models.PROTECT, related_name="call_back")
    phone = models.CharField(_("телефон"), max_length=64)
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT)
    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT)
    words = models.TextField(_("о чём"), blank=True)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(_("перезвонить до"))
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    result = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["organisation", "due_at"], name="call_back_owed", condition=models.Q(done_at=None))
        ]
