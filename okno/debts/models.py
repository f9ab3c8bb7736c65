"""The definition of debt and the cases it opens."""

from typing import ClassVar

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from okno.access.models import Organisation
from okno.ledger.models import Account, Regime
from okno.people.models import Person


@pghistory.track()
class DebtDefinition(models.Model):
    """What this organisation calls a debt: which regimes, how many days past the due day, from which sum.

    One definition holds at a time; a change is a new row with its first day, the old one stays for replay.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    since = models.DateField(_("действует с"))
    regimes = ArrayField(models.CharField(max_length=16, choices=Regime), verbose_name=_("виды платежей"))
    days_allowed = models.PositiveSmallIntegerField(_("дней после срока"), default=0)
    least_minor = models.BigIntegerField(_("наименьшая сумма"), default=0)
    author = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "since"], name="one_definition_a_day"),
            models.CheckConstraint(name="definition_least_sum", condition=models.Q(least_minor__gte=0)),
            models.CheckConstraint(name="definition_names_regimes", condition=models.Q(regimes__len__gt=0)),
        ]


@pghistory.track()
class Ladder(models.Model):
    """The steps by which this organisation brings a debt back, from a day on; see `okno.debts.ladder.Step`.

    One ladder holds at a time; where nobody has set any, the country's shipped one does.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    since = models.DateField(_("действует с"))
    steps = models.JSONField(help_text="in order, the mildest first")
    author = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organisation", "since"], name="one_ladder_a_day")]


class Segment(models.TextChoices):
    """What kind of debtor it looks like, from the mildest on; the rule is `okno.debts.segments`."""

    NEW = "new", _("новый")
    FORGETFUL = "forgetful", _("забывчивый")
    TEMPORARY = "temporary", _("временные трудности")
    CHRONIC = "chronic", _("хронический")


class CaseState(models.TextChoices):
    OPEN = "open", _("открыто")
    CLOSED = "closed", _("закрыто")


class Case(models.Model):
    """One account's debt from the day it met the definition to the day it no longer does.

    What is owed is counted anew by every posting; the penalty and the step are those of the last night.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="cases")
    definition = models.ForeignKey(DebtDefinition, on_delete=models.PROTECT)
    state = models.CharField(max_length=8, choices=CaseState, default=CaseState.OPEN)
    opened_on = models.DateField()
    opened_at = models.DateTimeField()
    opened_why = models.JSONField(help_text="the bills and sums that met the definition")
    closed_on = models.DateField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_why = models.JSONField(null=True)
    debt_minor = models.BigIntegerField()
    overdue_since = models.DateField(help_text="due day of the oldest open bill counted")
    months_owed = models.PositiveSmallIntegerField()
    aged_on = models.DateField(help_text="the day the four ages below were counted for")
    age_30_minor = models.BigIntegerField(default=0)
    age_60_minor = models.BigIntegerField(default=0)
    age_90_minor = models.BigIntegerField(default=0)
    age_over_minor = models.BigIntegerField(default=0)
    earlier_debts = models.PositiveSmallIntegerField(
        default=0, help_text="cases of the account that had closed in the year before this one opened"
    )
    segment = models.CharField(max_length=10, choices=Segment, blank=True, help_text="empty: no night has seen it yet")
    penalty_minor = models.BigIntegerField(
        null=True,
        help_text="accrued through penalty_on and not paid, posted or not; empty: a value of the law is missing",
    )
    penalty_on = models.DateField(null=True)
    penalty_doubted = models.BooleanField(
        db_default=False, help_text="a norm behind the penalty was not verified by anybody"
    )
    step = models.CharField(max_length=32, blank=True, help_text="code of the ladder's step; empty: none is reached")
    step_on = models.DateField(null=True, help_text="the day the case came to the step")
    contact_on = models.DateField(null=True, help_text="the latest day on which the step asks for a contact")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account"], name="one_open_case_an_account", condition=models.Q(state="open")
            ),
            models.CheckConstraint(
                name="closed_case_has_day_and_reason",
                condition=models.Q(
                    state="open", closed_on__isnull=True, closed_at__isnull=True, closed_why__isnull=True
                )
                | models.Q(state="closed", closed_on__isnull=False, closed_at__isnull=False, closed_why__isnull=False),
            ),
            models.CheckConstraint(
                name="open_case_owes", condition=models.Q(state="closed") | models.Q(debt_minor__gt=0)
            ),
            models.CheckConstraint(
                name="ages_sum_up_to_the_debt",
                condition=models.Q(
                    debt_minor=models.F("age_30_minor")
                    + models.F("age_60_minor")
                    + models.F("age_90_minor")
                    + models.F("age_over_minor")
                ),
            ),
            models.CheckConstraint(
                name="case_segment_known", condition=models.Q(segment="") | models.Q(segment__in=Segment.values)
            ),
            models.CheckConstraint(
                name="case_penalty_has_its_day",
                condition=models.Q(penalty_minor__isnull=True, penalty_on__isnull=True)
                | models.Q(penalty_minor__gte=0, penalty_on__isnull=False),
            ),
            models.CheckConstraint(
                name="case_step_has_its_day",
                condition=models.Q(step="", step_on__isnull=True, contact_on__isnull=True)
                | (~models.Q(step="") & models.Q(step_on__isnull=False)),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["organisation", "-debt_minor"],
                name="case_open_by_debt",
                condition=models.Q(state="open"),
            ),
            models.Index(fields=["account", "-opened_at"], name="case_by_account"),
            models.Index(
                fields=["organisation", "contact_on"],
                name="case_plan",
                condition=models.Q(state="open", contact_on__isnull=False),
            ),
        ]


class PromiseState(models.TextChoices):
    OPEN = "open", _("ждём")
    KEPT = "kept", _("выполнено")
    BROKEN = "broken", _("не выполнено")
    REPLACED = "replaced", _("заменено другим")
    VOID = "void", _("не нужно: долга нет")
    DROPPED = "dropped", _("отменено")


@pghistory.track()
class Promise(models.Model):
    """ "I will pay so much by that day": said by an entitled person, read back and confirmed.

    One promise of an account is open at a time; a new one replaces it. While it is open, reminders of the debt wait.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="promises")
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="promises")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    on = models.DateField(_("заплатит до"), help_text="inclusive")
    minor = models.BigIntegerField(_("сумма"))
    state = models.CharField(_("состояние"), max_length=8, choices=PromiseState, default=PromiseState.OPEN)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=64, help_text="call:<uid>, user:<id>: told twice, written once")
    words = models.TextField(_("слова"), blank=True)
    ended_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account"], name="one_open_promise", condition=models.Q(state="open")),
            models.UniqueConstraint(fields=["account", "made_by"], name="a_promise_once"),
            models.CheckConstraint(name="promise_of_money", condition=models.Q(minor__gt=0)),
            models.CheckConstraint(name="promise_state_known", condition=models.Q(state__in=PromiseState.values)),
            models.CheckConstraint(
                name="an_ended_promise_has_its_day",
                condition=models.Q(state="open", ended_on__isnull=True)
                | (~models.Q(state="open") & models.Q(ended_on__isnull=False)),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "on"], name="promise_waited_for", condition=models.Q(state="open"))
        ]


class HoldReason(models.TextChoices):
    PAID = "paid", _("говорит, что оплатил")
    DISPUTE = "dispute", _("спор о начислениях")
    HARDSHIP = "hardship", _("трудно платить")
    PERSON = "person", _("ждёт звонка сотрудника")


@pghistory.track()
class CaseHold(models.Model):
    """What a person told us that makes reminders of an account wait, from a day on until it is looked at."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="holds")
    reason = models.CharField(_("причина"), max_length=10, choices=HoldReason)
    since = models.DateField(_("с"))
    until = models.DateField(_("по"), help_text="inclusive; a hold never lasts for ever by itself")
    words = models.TextField(_("слова жителя"), blank=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=64, help_text="call:<uid>, user:<id>: told twice, written once")
    ended_on = models.DateField(null=True)
    ended_why = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "reason", "made_by"], name="a_hold_once"),
            models.CheckConstraint(name="hold_in_order", condition=models.Q(until__gte=models.F("since"))),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account"], name="hold_in_force", condition=models.Q(ended_on__isnull=True))
        ]
