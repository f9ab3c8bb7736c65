"""Whose account bills are paid to, and the runs of the press with the files they made."""

from typing import ClassVar

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from okno.access.models import Organisation, User
from okno.houses.models import House
from okno.ledger.models import Account, Regime


class CodeForm(models.TextChoices):
    """Which code stands on the bill; each country has its own."""

    NONE = "", _("без кода")
    GOST_1251 = "ST00011", _("ГОСТ Р 56042, Windows-1251 (ST00011)")
    GOST_UTF8 = "ST00012", _("ГОСТ Р 56042, UTF-8 (ST00012)")
    NBU_1 = "nbu001", _("Национальный банк Украины, формат 001")
    NBU_2 = "nbu002", _("Национальный банк Украины, формат 002")
    NBU_3 = "nbu003", _("Национальный банк Украины, формат 003")
    LINK = "link", _("ссылка на страницу оплаты")


class PeriodForm(models.TextChoices):
    """How a bank wants the month in PaymPeriod: the standard sets no form."""

    MONTH_YEAR = "MMYYYY", _("102026")
    WITH_POINT = "MM.YYYY", _("10.2026")


@pghistory.track()
class PaymentDetails(models.Model):
    """Where money is paid to from `since` on: for the whole organisation, or for a house, a regime, or both.

    The narrowest in force counts: house and regime, then house, then regime, then the organisation's own.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    house = models.ForeignKey(House, null=True, blank=True, on_delete=models.PROTECT, verbose_name=_("дом"))
    regime = models.CharField(_("за что"), max_length=16, choices=Regime, blank=True, help_text="empty: everything")
    since = models.DateField(_("действуют с"))
    payee = models.CharField(_("получатель"), max_length=160)
    bank_name = models.CharField(_("банк"), max_length=100)
    bank_code = models.CharField(_("БИК банка"), max_length=11, blank=True)
    account = models.CharField(_("расчётный счёт"), max_length=34)
    correspondent_account = models.CharField(_("корреспондентский счёт"), max_length=20, blank=True)
    tax_number = models.CharField(_("ИНН получателя"), max_length=12)
    reason_code = models.CharField(_("КПП"), max_length=9, blank=True, help_text="Russia: КПП; Kazakhstan: Кбе")
    code = models.CharField(_("QR-код"), max_length=8, choices=CodeForm, blank=True)
    period = models.CharField(_("месяц в коде"), max_length=8, choices=PeriodForm, default=PeriodForm.MONTH_YEAR)
    penalty_apart = models.BooleanField(_("пеню отдельной суммой"), default=False)
    link = models.CharField(_("ссылка на оплату"), max_length=300, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "house", "regime", "since"],
                name="payment_details_once_a_day",
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="payment_regime_known", condition=Q(regime="") | Q(regime__in=Regime.values)),
            models.CheckConstraint(
                name="payment_account_has_its_shape",
                condition=Q(account__regex=r"^[0-9]{20}$")
                | Q(account__regex=r"^KZ[0-9]{2}[0-9A-Z]{16}$")
                | Q(account__regex=r"^UA[0-9]{27}$"),
            ),
            models.CheckConstraint(name="payment_code_known", condition=Q(code__in=CodeForm.values)),
            models.CheckConstraint(
                name="russian_account_has_a_bank",
                condition=~Q(account__regex=r"^[0-9]{20}$")
                | Q(bank_code__regex=r"^[0-9]{9}$", correspondent_account__regex=r"^[0-9]{20}$"),
            ),
        ]

    def __str__(self) -> str:
        return self.payee


class RunState(models.TextChoices):
    WAITING = "waiting", _("ждёт")
    WORKING = "working", _("печатается")
    DONE = "done", _("готово")
    FAILED = "failed", _("не получилось")
    CANCELLED = "cancelled", _("отменено")


class PrintRun(models.Model):
    """Bills of a month for many accounts on their way to a file. The accounts and their order are set at the start.

    What is set in type is kept beside until the whole is done, so that a run that was killed goes on from there.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    month = models.DateField(_("месяц"))
    issued_on = models.DateField(help_text="the day the bills are of: money up to it is counted")
    title = models.CharField(_("для кого"), max_length=200)
    house = models.ForeignKey(House, null=True, on_delete=models.PROTECT, help_text="the only house; null: several")
    accounts = ArrayField(models.BigIntegerField(), help_text="ids in the order of the postman's round")
    state = models.CharField(max_length=12, choices=RunState, default=RunState.WAITING)
    failure = models.TextField(blank=True)
    progress_done = models.IntegerField(default=0)
    progress_text = models.CharField(max_length=200, blank=True)
    printed = models.IntegerField(default=0)
    files = models.JSONField(default=list, help_text="[{pages, bytes}], in order")
    remarks = models.JSONField(default=list, help_text="what the person who prints must know, in words")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True, help_text="when the files were deleted")
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="run_month_is_first_day", condition=Q(month__day=1)),
            models.CheckConstraint(name="run_state_known", condition=Q(state__in=RunState.values)),
        ]
        indexes: ClassVar = [models.Index(fields=["organisation", "-created_at"], name="run_by_time")]

    def __str__(self) -> str:
        return self.title


class UnprintedBill(models.Model):
    """An account of a run that got no page, and why; the rest of the run went in."""

    run = models.ForeignKey(PrintRun, on_delete=models.CASCADE, related_name="unprinted")
    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    why = models.CharField(max_length=300)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "account"], name="an_unprinted_bill_once")]
