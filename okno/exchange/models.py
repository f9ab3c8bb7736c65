"""Files that came, how they were read, what was set aside."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from okno.access.models import Organisation, User
from okno.ledger.models import Account, Entry, Payment


class FileKind(models.TextChoices):
    HOUSES = "houses", _("дома")
    ACCOUNTS = "accounts", _("лицевые счета")
    PEOPLE = "people", _("жители")
    CONSENTS = "consents", _("согласия")
    METERS = "meters", _("счётчики")
    TURNOVER = "turnover", _("начисления (оборотно-сальдовая)")
    REGISTER = "register", _("реестр платежей")
    STATEMENT = "statement", _("выписка банка (1С)")


class Profile(models.Model):
    """How a kind of file of one sender is read: which column is which. Learned from the person who mapped it once."""

    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE)
    name = models.CharField(_("название"), max_length=100)
    kind = models.CharField(max_length=12, choices=FileKind)
    fingerprint = models.CharField(max_length=64, help_text="hash of the header words")
    mapping = models.JSONField(help_text="column header → field; services: header → code")
    constants = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "kind", "fingerprint"], name="a_profile_once"),
        ]

    def __str__(self) -> str:
        return self.name


class ImportState(models.TextChoices):
    RECEIVED = "received", _("получен")
    MAPPING = "mapping", _("нужно сопоставить столбцы")
    CHECKING = "checking", _("проверяется")
    CHECKED = "checked", _("проверен")
    POSTING = "posting", _("проводится")
    POSTED = "posted", _("проведён")
    FAILED = "failed", _("не прочитан")
    CANCELLED = "cancelled", _("отменён")
    ROLLED_BACK = "rolled_back", _("откачен")


class Import(models.Model):
    """One file on its way: received → checked (difference shown) → posted in one transaction → may be rolled back."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    kind = models.CharField(max_length=12, choices=FileKind, blank=True)
    file_name = models.CharField(max_length=255)
    file_hash = models.CharField(max_length=64)
    file_size = models.BigIntegerField()
    file_path = models.CharField(max_length=300, help_text="inside the data folder")
    profile_name = models.CharField(max_length=100, blank=True)
    profile = models.ForeignKey(Profile, null=True, on_delete=models.SET_NULL)
    mapping = models.JSONField(default=dict)
    sniffed = models.JSONField(default=dict)
    month = models.DateField(null=True)
    settings = models.JSONField(default=dict, help_text="what the person chose: create_missing")
    state = models.CharField(max_length=12, choices=ImportState, default=ImportState.RECEIVED)
    failure = models.TextField(blank=True)
    remarks = models.JSONField(
        default=list, help_text="what a person must confirm before posting: [{code, text, confirmed}]"
    )
    counts = models.JSONField(default=dict, help_text="rows, new, changed, same, duplicates, quarantined, unmatched")
    totals = models.JSONField(default=dict, help_text="file against system, minor units")
    samples = models.JSONField(default=dict, help_text="verdict → a few rows to show before posting")
    progress_done = models.BigIntegerField(default=0)
    progress_total = models.BigIntegerField(default=0)
    progress_text = models.CharField(max_length=200, blank=True)
    received_at = models.DateTimeField()
    posted_at = models.DateTimeField(null=True)
    rolled_back_at = models.DateTimeField(null=True)
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    entries = models.ManyToManyField(Entry, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "file_hash"],
                name="the_same_file_once",
                condition=~models.Q(state__in=["failed", "cancelled", "rolled_back"]),
            ),
            models.CheckConstraint(name="import_state_known", condition=models.Q(state__in=ImportState.values)),
        ]
        indexes: ClassVar = [models.Index(fields=["organisation", "-received_at"], name="import_by_time")]


class QuarantineState(models.TextChoices):
    WAITING = "waiting", _("ждёт исправления")
    MENDED = "mended", _("исправлена и проведена")
    DROPPED = "dropped", _("снята")


class QuarantinedRow(models.Model):
    """A bad row with its number, its cells as they came, and why; the rest of its file went in."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    source = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="quarantined")
    row_number = models.BigIntegerField()
    cells = models.JSONField()
    problems = models.JSONField(help_text="[{field, code, message, value}]")
    mended_cells = models.JSONField(null=True)
    state = models.CharField(max_length=8, choices=QuarantineState, default=QuarantineState.WAITING)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    reason = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "row_number"], name="a_row_quarantined_once")
        ]


class UnmatchedState(models.TextChoices):
    WAITING = "waiting", _("ждёт")
    MATCHED = "matched", _("разнесён")
    RETURNED = "returned", _("вернуть плательщику")


class UnmatchedPayment(models.Model):
    """Money that came but whose account is not known yet; it waits for a person, with suggestions."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    source = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="unmatched")
    row_number = models.BigIntegerField()
    source_key = models.CharField(max_length=100)
    value_on = models.DateField()
    amount_minor = models.BigIntegerField()
    account_number = models.CharField(max_length=64, blank=True)
    payer = models.CharField(max_length=300, blank=True)
    address = models.CharField(max_length=300, blank=True)
    purpose = models.TextField(blank=True)
    stated_month = models.DateField(null=True)
    state = models.CharField(max_length=8, choices=UnmatchedState, default=UnmatchedState.WAITING)
    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT)
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "source_key"], name="an_unmatched_payment_once"),
            models.CheckConstraint(name="unmatched_amount_positive", condition=models.Q(amount_minor__gt=0)),
            models.CheckConstraint(
                name="matched_has_account_and_payment",
                condition=~models.Q(state="matched") | models.Q(account__isnull=False, payment__isnull=False),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["organisation", "state", "-value_on"], name="unmatched_by_state")]


class PayerRule(models.Model):
    """What a person decided once about money of one payer with the same words; it is decided so from then on."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    fingerprint = models.CharField(max_length=64, help_text="hash of the payer and the words without figures")
    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    payer = models.CharField(_("плательщик"), max_length=300)
    purpose = models.TextField(_("назначение"))
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "fingerprint"], name="a_payer_rule_once")
        ]

    def __str__(self) -> str:
        return self.payer


class ImportChange(models.Model):
    """What an import made or changed outside the ledger, so that it can be rolled back as a whole.

    Money is not here: a posting is taken back by a reversing entry.
    """

    source = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="changes")
    table = models.CharField(max_length=64)
    object_id = models.BigIntegerField()
    before = models.JSONField(null=True, help_text="the changed columns as they were; null: the row is new")
    after = models.JSONField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["source", "table"], name="change_by_source")]


# The press has tables of its own, which Django must see with these.
from okno.exchange.paper.models import PaymentDetails, PrintRun, UnprintedBill  # noqa: E402, F401
