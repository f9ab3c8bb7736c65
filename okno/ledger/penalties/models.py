"""An organisation's terms of penalties, what stands on each account, and what people decided about single accounts."""

from typing import ClassVar

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from okno.access.models import Organisation, User
from okno.ledger.models import Account, Bill, Regime


class Posting(models.TextChoices):
    """When a penalty that has accrued becomes a bill."""

    MONTHLY = "monthly", _("раз в месяц")
    AT_PAYMENT = "at_payment", _("при оплате")
    FIGURES = "figures", _("не проводится, только считается")


@pghistory.track()
class PenaltyTerms(models.Model):
    """How this organisation counts and posts penalties of a regime from a day on; the terms before stay for their days.

    `settings` are readings of the law by name (`PenaltyLaw.settings`); those not named have the law's default.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    regime = models.CharField(max_length=16, choices=Regime)
    since = models.DateField(_("действует с"))
    settings = models.JSONField(default=dict)
    posting = models.CharField(_("когда проводится"), max_length=16, choices=Posting, default=Posting.FIGURES)
    least_minor = models.BigIntegerField(_("наименьшая сумма"), default=0)
    author = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "regime", "since"], name="one_penalty_terms_a_day"),
            models.CheckConstraint(name="penalty_terms_regime_known", condition=models.Q(regime__in=Regime.values)),
            models.CheckConstraint(name="penalty_terms_posting_known", condition=models.Q(posting__in=Posting.values)),
            models.CheckConstraint(name="penalty_terms_least_sum", condition=models.Q(least_minor__gte=0)),
        ]


class PenaltyStanding(models.Model):
    """The exact cost of the parts of an account paid late, and what of the penalty is posted.

    A cache of the history, counted again by `okno ledger rebuild`: late shares up to `sealed_on` are folded into
    `settled_whole` + `settled_rest`/`denominator` minor units and deleted. `posted_through` is the last day counted in
    a posted penalty bill; `readings` names the settings by which the late shares were folded, `is_doubted` says that a
    norm behind what is folded was not verified by anybody.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, db_constraint=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False, related_name="+")
    regime = models.CharField(max_length=16, choices=Regime)
    sealed_on = models.DateField(null=True)
    settled_whole = models.BigIntegerField(default=0)
    settled_rest = models.BigIntegerField(default=0)
    denominator = models.BigIntegerField(default=1)
    readings = models.CharField(max_length=32, default="")
    posted_minor = models.BigIntegerField(default=0)
    posted_through = models.DateField(null=True)
    is_doubted = models.BooleanField(db_default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "regime"], name="one_penalty_standing_a_regime"),
            models.CheckConstraint(
                name="penalty_standing_rest_is_a_rest",
                condition=models.Q(settled_rest__gte=0, settled_rest__lt=models.F("denominator")),
            ),
            models.CheckConstraint(name="penalty_standing_posted", condition=models.Q(posted_minor__gte=0)),
            models.CheckConstraint(name="penalty_standing_regime_known", condition=models.Q(regime__in=Regime.values)),
        ]


class WaiverState(models.TextChoices):
    GIVEN = "given", _("дано")
    KEPT = "kept", _("условие выполнено")
    BROKEN = "broken", _("условие не выполнено")
    TAKEN_BACK = "taken_back", _("отменено")


@pghistory.track()
class PenaltyWaiver(models.Model):
    """The organisation gives up the penalty of an account that accrued through `until`: all of it, or `sum_minor`.

    With `pay_by` only if what was overdue on `given_on` is paid by that day (inclusive). What was paid of the penalty
    before stays paid.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    regime = models.CharField(max_length=16, choices=Regime)
    until = models.DateField(_("начислено по"))
    sum_minor = models.BigIntegerField(_("сумма"), null=True, help_text="empty: all of it")
    pay_by = models.DateField(_("оплатить до"), null=True)
    state = models.CharField(max_length=16, choices=WaiverState, default=WaiverState.GIVEN)
    given_on = models.DateField()
    kept_on = models.DateField(null=True, help_text="value day of the payment that met the condition")
    reason = models.TextField(_("причина"))
    author = models.CharField(max_length=200)
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    taken_back_on = models.DateField(null=True)
    taken_back_reason = models.TextField(blank=True)
    taken_back_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="waiver_has_a_reason", condition=~models.Q(reason="")),
            models.CheckConstraint(name="waiver_regime_known", condition=models.Q(regime__in=Regime.values)),
            models.CheckConstraint(name="waiver_state_known", condition=models.Q(state__in=WaiverState.values)),
            models.CheckConstraint(
                name="waiver_takes_off_something",
                condition=models.Q(sum_minor__isnull=True) | models.Q(sum_minor__gt=0),
            ),
            models.CheckConstraint(
                name="waiver_of_what_has_accrued", condition=models.Q(until__lte=models.F("given_on"))
            ),
            models.CheckConstraint(
                name="waiver_condition_lies_ahead",
                condition=models.Q(pay_by__isnull=True) | models.Q(pay_by__gte=models.F("given_on")),
            ),
            models.CheckConstraint(
                name="kept_waiver_has_its_day",
                condition=models.Q(state="kept", kept_on__isnull=False, pay_by__isnull=False)
                | models.Q(state="broken", kept_on__isnull=True, pay_by__isnull=False)
                | models.Q(state="given", kept_on__isnull=True)
                | models.Q(state="taken_back"),
            ),
            models.CheckConstraint(
                name="taken_back_waiver_has_a_reason",
                condition=models.Q(state="taken_back", taken_back_on__isnull=False) & ~models.Q(taken_back_reason="")
                | ~models.Q(state="taken_back") & models.Q(taken_back_on__isnull=True, taken_back_reason=""),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["pay_by"], name="waiver_waiting", condition=models.Q(state="given")),
        ]


class PauseCause(models.TextChoices):
    DISPUTE = "dispute", _("спор о начислениях")
    OUR_FAULT = "our_fault", _("ошибка организации")
    HARDSHIP = "hardship", _("трудная жизненная ситуация")
    OTHER = "other", _("другое")


@pghistory.track()
class PenaltyPause(models.Model):
    """Days of an account, or of one bill of it, that are not counted; both inclusive, no `until`: till it is ended."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    bill = models.ForeignKey(Bill, null=True, on_delete=models.PROTECT, related_name="+")
    since = models.DateField(_("с"))
    until = models.DateField(_("по"), null=True)
    cause = models.CharField(_("повод"), max_length=16, choices=PauseCause)
    reason = models.TextField(_("причина"))
    author = models.CharField(max_length=200)
    ended_reason = models.TextField(blank=True)
    ended_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="pause_has_a_reason", condition=~models.Q(reason="")),
            models.CheckConstraint(name="pause_cause_known", condition=models.Q(cause__in=PauseCause.values)),
            models.CheckConstraint(
                name="pause_days_in_order",
                condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("since")),
            ),
        ]


class MonthState(models.TextChoices):
    POSTING = "posting", _("проводится")
    POSTED = "posted", _("проведён")


class PenaltyMonth(models.Model):
    """The posting of an organisation's penalties for a month: how far it has come and what it did.

    One cut short stays "posting", with `failure` if it could say why, and is begun again; `attempt` counts the times,
    so that the entries of each have keys of their own.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    month = models.DateField(help_text="first day of the month whose days are counted")
    state = models.CharField(max_length=8, choices=MonthState, default=MonthState.POSTING)
    attempt = models.PositiveIntegerField(default=0)
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    bills = models.PositiveIntegerField(default=0)
    posted_minor = models.BigIntegerField(default=0)
    failure = models.TextField(blank=True)
    author = models.CharField(max_length=200)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "month"], name="one_penalty_month"),
            models.CheckConstraint(name="penalty_month_is_first_day", condition=models.Q(month__day=1)),
            models.CheckConstraint(name="penalty_month_state_known", condition=models.Q(state__in=MonthState.values)),
            models.CheckConstraint(
                name="posted_penalty_month_has_ended",
                condition=~models.Q(state="posted") | models.Q(ended_at__isnull=False, failure=""),
            ),
        ]
