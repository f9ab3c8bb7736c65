"""Accounts and the rows that money leaves behind.

Two sides only: a *bill* asks for money, and what is still open of it stands in a narrow row of its own; a *payment*
brings money and carries what is still free (the advance); an *allocation* joins them. A recalculation upwards is a
bill of its own kind, downwards a payment of its own kind, so that for every account Σ bills − Σ payments = Σ open −
Σ advance holds by construction.
"""

from datetime import date
from typing import ClassVar

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from okno.access.models import Organisation, User
from okno.houses.models import Flat


class Regime(models.TextChoices):
    """Whose law a bill follows; each has its own due day, penalty and purse."""

    HOUSING = "housing", _("жильё и коммунальные услуги")
    CAPITAL_REPAIR = "capital_repair", _("капитальный ремонт")
    TARGET = "target", _("целевые взносы")
    OTHER = "other", _("прочее")


class Service(models.Model):
    """A line of a bill by its code; the name is what the organisation prints."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    code = models.SlugField(max_length=32)
    name = models.CharField(_("название"), max_length=100)
    regime = models.CharField(max_length=16, choices=Regime)
    order = models.PositiveSmallIntegerField(default=100)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "code"], name="a_service_once"),
            models.CheckConstraint(name="service_regime_known", condition=models.Q(regime__in=Regime.values)),
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class Account(models.Model):
    """A personal account (лицевой счёт) of a flat."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    flat = models.ForeignKey(Flat, on_delete=models.PROTECT, related_name="accounts")
    number = models.CharField(_("лицевой счёт"), max_length=32)
    opened_on = models.DateField(_("открыт"), null=True, blank=True)
    closed_on = models.DateField(_("закрыт"), null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "number"], name="an_account_number_once"),
            models.CheckConstraint(name="account_number_not_empty", condition=~models.Q(number="")),
            models.CheckConstraint(
                name="account_days_in_order",
                condition=models.Q(opened_on__isnull=True)
                | models.Q(closed_on__isnull=True)
                | models.Q(closed_on__gte=models.F("opened_on")),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Balance(models.Model):
    """The account's sums, kept in the posting's own transaction; its row lock puts postings and permits in a line.

    `version` counts the postings of this account; every row a posting writes carries it, so the account can be read
    as it stood at any version.
    """

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="balance")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, db_index=False)
    version = models.IntegerField(default=0)
    billed_minor = models.BigIntegerField(default=0)
    paid_minor = models.BigIntegerField(default=0)
    open_minor = models.BigIntegerField(default=0)
    advance_minor = models.BigIntegerField(default=0)
    posted_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="no_kopeck_appears_or_disappears",
                condition=models.Q(
                    billed_minor=models.F("paid_minor") + models.F("open_minor") - models.F("advance_minor")
                ),
            ),
            models.CheckConstraint(
                name="balance_sides_not_negative", condition=models.Q(open_minor__gte=0, advance_minor__gte=0)
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["organisation", "-open_minor"], name="balance_owing")]


class EntryKind(models.TextChoices):
    BILLS = "bills", _("начисления")
    PAYMENTS = "payments", _("оплата")
    RECALCULATION = "recalculation", _("перерасчёт")
    REVERSAL = "reversal", _("сторно")
    OPENING = "opening", _("входящее сальдо")
    PENALTIES = "penalties", _("пени")


class Entry(models.Model):
    """One posting: who, when, why and from which source. The same key twice is one entry."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    key = models.CharField(max_length=100)
    kind = models.CharField(max_length=16, choices=EntryKind)
    posted_at = models.DateTimeField()
    accounted_on = models.DateField(help_text="the accounting day: all rows of the entry belong to its month")
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    reason = models.TextField()
    source = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="an_entry_key_once"),
            models.CheckConstraint(name="entry_has_a_reason", condition=~models.Q(reason="")),
            models.CheckConstraint(
                name="entry_accounted_since_2000", condition=models.Q(accounted_on__gte=date(2000, 1, 1))
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "source"], name="entry_by_source", condition=~models.Q(source=""))
        ]


class BillKind(models.TextChoices):
    MONTH = "month", _("начисление за месяц")
    OPENING = "opening", _("входящий долг")
    RECALCULATION = "recalculation", _("доначисление")
    PENALTY = "penalty", _("пеня")


class Bill(models.Model):
    """A demand for a month under one regime, with its service lines; only what reverses it is ever written to it."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, db_index=False, db_constraint=False, related_name="bills"
    )
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, db_constraint=False, related_name="bills")
    version = models.IntegerField()
    kind = models.CharField(max_length=16, choices=BillKind)
    regime = models.CharField(max_length=16, choices=Regime)
    month = models.DateField(help_text="first day of the month billed")
    due_on = models.DateField(help_text="last day to pay without delay, inclusive")
    amount_minor = models.BigIntegerField()
    lines = models.JSONField(help_text="service code → minor units; sums up to the amount")
    source_key = models.CharField(max_length=100, null=True)
    reversed_by = models.ForeignKey(Entry, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    reversed_version = models.IntegerField(null=True, help_text="the account's version from which it is reversed")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="reversed_bill_has_its_version",
                condition=models.Q(reversed_by__isnull=True, reversed_version__isnull=True)
                | models.Q(
                    reversed_by__isnull=False, reversed_version__isnull=False, reversed_version__gt=models.F("version")
                ),
            ),
            models.CheckConstraint(name="bill_amount_not_negative", condition=models.Q(amount_minor__gte=0)),
            models.CheckConstraint(name="bill_month_is_first_day", condition=models.Q(month__day=1)),
            models.CheckConstraint(name="bill_regime_known", condition=models.Q(regime__in=Regime.values)),
            models.CheckConstraint(name="bill_kind_known", condition=models.Q(kind__in=BillKind.values)),
            models.UniqueConstraint(
                fields=["account", "month", "regime"],
                name="one_bill_a_month_and_regime",
                condition=models.Q(kind="month", reversed_by__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["account", "source_key"],
                name="a_bill_source_once",
                condition=models.Q(source_key__isnull=False, reversed_by__isnull=True),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["account", "month", "id"], name="bill_by_account")]


class OpenBill(models.Model):
    """A standing bill of which something is still open, with what everybody asks of it; a paid bill has no row.

    The copied columns are the bill's own: a trigger refuses a row that says otherwise, another refuses to reverse a
    bill while its row is there. So a town's debts are as many rows as there are unpaid bills, not all its history.
    """

    bill = models.OneToOneField(
        Bill, primary_key=True, on_delete=models.PROTECT, db_constraint=False, related_name="still_open"
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_constraint=False, related_name="open_bills")
    kind = models.CharField(max_length=16, choices=BillKind)
    regime = models.CharField(max_length=16, choices=Regime)
    month = models.DateField(help_text="first day of the month billed")
    due_on = models.DateField(help_text="last day to pay without delay, inclusive")
    amount_minor = models.BigIntegerField()
    open_minor = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="open_within_amount",
                condition=models.Q(open_minor__gt=0, open_minor__lte=models.F("amount_minor")),
            )
        ]


class PaymentKind(models.TextChoices):
    PAYMENT = "payment", _("оплата")
    OPENING = "opening", _("входящая переплата")
    RECALCULATION = "recalculation", _("снятие по перерасчёту")


class Payment(models.Model):
    """Money that came (or a charge taken off), with the payer's own words and what is still free of it."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, db_index=False, db_constraint=False, related_name="payments"
    )
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, db_constraint=False, related_name="payments")
    version = models.IntegerField()
    kind = models.CharField(max_length=16, choices=PaymentKind)
    value_on = models.DateField(help_text="the day the money counts as paid, in the organisation's time zone")
    amount_minor = models.BigIntegerField()
    free_minor = models.BigIntegerField()
    stated_month = models.DateField(null=True, help_text="the month the payer named; first day")
    regime = models.CharField(max_length=16, choices=Regime, blank=True, help_text="empty: any purse")
    purpose = models.TextField(blank=True, help_text="the payer's words, whole")
    payer = models.CharField(max_length=300, blank=True)
    source_key = models.CharField(max_length=100)
    reversed_by = models.ForeignKey(Entry, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    reversed_version = models.IntegerField(null=True, help_text="the account's version from which it is reversed")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="reversed_payment_has_its_version",
                condition=models.Q(reversed_by__isnull=True, reversed_version__isnull=True)
                | models.Q(
                    reversed_by__isnull=False, reversed_version__isnull=False, reversed_version__gt=models.F("version")
                ),
            ),
            models.CheckConstraint(
                name="payment_free_within_amount",
                condition=models.Q(amount_minor__gt=0, free_minor__gte=0, free_minor__lte=models.F("amount_minor")),
            ),
            models.CheckConstraint(
                name="reversed_payment_brings_nothing",
                condition=models.Q(reversed_by__isnull=True) | models.Q(free_minor=0),
            ),
            models.CheckConstraint(name="payment_kind_known", condition=models.Q(kind__in=PaymentKind.values)),
            models.CheckConstraint(
                name="stated_month_is_first_day",
                condition=models.Q(stated_month__isnull=True) | models.Q(stated_month__day=1),
            ),
            models.UniqueConstraint(
                fields=["organisation", "source_key"],
                name="a_payment_source_once",
                condition=models.Q(reversed_by__isnull=True),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "value_on"], name="payment_free", condition=models.Q(free_minor__gt=0)),
            models.Index(fields=["account", "value_on", "id"], name="payment_by_account"),
        ]


class Allocation(models.Model):
    """So much of a payment went to a bill. Unwinding is a row with a minus; no row is ever edited."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    version = models.IntegerField()
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="allocations", db_index=False, db_constraint=False
    )
    bill = models.ForeignKey(
        Bill, on_delete=models.PROTECT, related_name="allocations", db_index=False, db_constraint=False
    )
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="allocation_moves_something", condition=~models.Q(amount_minor=0))
        ]
        indexes: ClassVar = [models.Index(fields=["account", "version"], name="allocation_by_account")]


class LateShare(models.Model):
    """So much of a principal bill was paid after its due day: what penalties are counted from.

    One row for each allocation of this sort; unwinding is a row with a minus. A cache of what the allocations say, kept
    by the posting that writes them; the penalties' monthly run folds rows into sums and takes them away.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_constraint=False, related_name="late_shares")
    regime = models.CharField(max_length=16, choices=Regime)
    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    due_on = models.DateField(help_text="last day to pay the bill without delay, inclusive")
    value_on = models.DateField(help_text="the day the money counts as paid")
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="late_share_moves_something", condition=~models.Q(amount_minor=0)),
            models.CheckConstraint(name="late_share_is_late", condition=models.Q(value_on__gt=models.F("due_on"))),
        ]


class PaymentFeed(models.Model):
    """A source of payments (a bank, a paying agent) and how fresh it is; the gate stops when it is stale."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="payment_feeds")
    name = models.CharField(_("источник"), max_length=100)
    expected = models.BooleanField(_("ждём файлы"), default=True, help_text="a stale expected feed stops campaigns")
    covers_until = models.DateTimeField(_("данные по"), null=True, help_text="payments up to this moment are posted")
    received_at = models.DateTimeField(_("получены"), null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["organisation", "name"], name="a_feed_once")]

    def __str__(self) -> str:
        return self.name


# The tables of penalties and of closed months name those above, so they are read when those are there.
import okno.ledger.months.models  # noqa: E402
import okno.ledger.penalties.models  # noqa: E402, F401
