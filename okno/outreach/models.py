"""Policies, templates, campaigns, contacts, permits and what left."""

from typing import ClassVar

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from okno.access.models import Language, Organisation, User
from okno.ledger.models import Account
from okno.people.models import Channel, Person


@pghistory.track()
class ContactPolicy(models.Model):
    """The organisation's own limits, used where the law gives none and never wider than the law where it does."""

    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="contact_policy")
    workday_since = models.TimeField(_("в рабочие дни с"))
    workday_until = models.TimeField(_("в рабочие дни до"))
    day_off_since = models.TimeField(_("в выходные с"), null=True, blank=True)
    day_off_until = models.TimeField(_("в выходные до"), null=True, blank=True)
    messages_a_day = models.PositiveSmallIntegerField(_("сообщений в день"))
    messages_a_week = models.PositiveSmallIntegerField(_("сообщений в неделю"))
    messages_a_month = models.PositiveSmallIntegerField(_("сообщений в месяц"))
    calls_a_day = models.PositiveSmallIntegerField(_("звонков в день"))
    calls_a_week = models.PositiveSmallIntegerField(_("звонков в неделю"))
    calls_a_month = models.PositiveSmallIntegerField(_("звонков в месяц"))
    feed_fresh_hours = models.PositiveSmallIntegerField(
        _("данные об оплате не старше, часов"), default=36, help_text="an older payment feed stops campaigns"
    )
    needs_consent = ArrayField(
        models.CharField(max_length=12, choices=Channel),
        default=list,
        blank=True,
        verbose_name=_("только с согласия"),
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="policy_hours_in_order", condition=models.Q(workday_since__lt=models.F("workday_until"))
            ),
            models.CheckConstraint(name="policy_feed_hours", condition=models.Q(feed_fresh_hours__gte=1)),
        ]


@pghistory.track()
class Template(models.Model):
    """A message by its purpose and channel; the words stand in its versions."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    name = models.CharField(_("название"), max_length=100)
    channel = models.CharField(_("канал"), max_length=12, choices=Channel)
    archived = models.BooleanField(_("в архиве"), default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "name", "channel"], name="a_template_once")
        ]

    def __str__(self) -> str:
        return self.name


class TemplateVersion(models.Model):
    """The words of a template in one language, from the moment they were approved. Never edited."""

    template = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="versions")
    language = models.CharField(max_length=2, choices=Language)
    number = models.PositiveIntegerField()
    subject = models.CharField(_("тема"), max_length=200, blank=True)
    text = models.TextField(_("текст"))
    created_at = models.DateTimeField()
    author = models.ForeignKey(User, null=True, on_delete=models.PROTECT)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["template", "language", "number"], name="a_template_version_once"),
            models.CheckConstraint(name="template_text_not_empty", condition=~models.Q(text="")),
        ]


class CampaignState(models.TextChoices):
    DRAFT = "draft", _("черновик")
    RUNNING = "running", _("идёт")
    PAUSED = "paused", _("приостановлена")
    STOPPED = "stopped", _("остановлена")
    FINISHED = "finished", _("завершена")


@pghistory.track()
class Campaign(models.Model):
    """A planned wave of contacts about one cause, by one channel with one template."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    name = models.CharField(_("название"), max_length=200)
    cause = models.CharField(max_length=32, help_text="who answers whether it is still owed: registered in causes")
    channels = ArrayField(
        models.CharField(max_length=12, choices=Channel),
        verbose_name=_("каналы по порядку"),
        help_text="first reachable wins",
    )
    templates = models.ManyToManyField(Template)
    audience = models.JSONField(default=dict, help_text="filter understood by the cause")
    state = models.CharField(max_length=8, choices=CampaignState, default=CampaignState.DRAFT)
    state_why = models.TextField(blank=True)
    start_after = models.DateTimeField(null=True, help_text="outward delay: nothing leaves before")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)

    def __str__(self) -> str:
        return self.name


class ContactState(models.TextChoices):
    WAITING = "waiting", _("ждёт")
    PERMITTED = "permitted", _("разрешено")
    SENDING = "sending", _("уходит")
    SENT = "sent", _("отправлено")
    DELIVERED = "delivered", _("доставлено")
    FAILED = "failed", _("не принято")
    UNKNOWN = "unknown", _("исход неизвестен")
    REFUSED = "refused", _("не разрешено")
    WITHDRAWN = "withdrawn", _("отозвано")


class Contact(models.Model):
    """ "Tell this person, by this channel, about this cause": waits for the gate, then is carried out once."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    campaign = models.ForeignKey(Campaign, null=True, on_delete=models.PROTECT, related_name="contacts")
    key = models.CharField(max_length=100, help_text="planned twice, exists once")
    cause = models.CharField(max_length=32)
    cause_id = models.BigIntegerField(help_text="the case of the cause")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="contacts")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="contacts")
    channel = models.CharField(max_length=12, choices=Channel)
    address = models.CharField(max_length=254, blank=True)
    language = models.CharField(max_length=2, choices=Language)
    template = models.ForeignKey(Template, null=True, on_delete=models.PROTECT)
    state = models.CharField(max_length=10, choices=ContactState, default=ContactState.WAITING)
    state_why = models.CharField(max_length=200, blank=True)
    not_before = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    permit = models.ForeignKey("Permit", null=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "key"], name="a_contact_once"),
            models.CheckConstraint(name="contact_state_known", condition=models.Q(state__in=ContactState.values)),
            models.CheckConstraint(
                name="nothing_leaves_without_a_permit",
                condition=~models.Q(state__in=["permitted", "sending", "sent", "delivered", "failed", "unknown"])
                | models.Q(permit__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["organisation", "campaign", "not_before", "id"],
                name="contact_waiting",
                condition=models.Q(state="waiting"),
            ),
            models.Index(
                fields=["cause", "cause_id"],
                name="contact_live_by_cause",
                condition=models.Q(state__in=["waiting", "permitted"]),
            ),
            models.Index(
                fields=["changed_at"],
                name="contact_on_the_way",
                condition=models.Q(state__in=["permitted", "sending"]),
            ),
            models.Index(
                fields=["account"],
                name="contact_live_by_account",
                condition=models.Q(state__in=["waiting", "permitted"]),
            ),
            models.Index(fields=["account", "-changed_at"], name="contact_by_account"),
            models.Index(fields=["person", "-changed_at"], name="contact_by_person"),
            models.Index(fields=["organisation", "state", "-changed_at"], name="contact_by_state"),
        ]


class PermitSeal(models.Model):
    """A link of the organisation's hash chain over a batch of permits."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    number = models.PositiveIntegerField()
    previous = models.CharField(max_length=64, help_text="hash of the link before; zeros for the first")
    hash = models.CharField(max_length=64)
    permits = models.PositiveIntegerField()
    sealed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "number"], name="a_seal_number_once"),
            models.UniqueConstraint(fields=["organisation", "previous"], name="the_chain_never_forks"),
        ]


class Permit(models.Model):
    """The gate's decision on one contact: allowed or not, with every check and its input. Only its seal comes later."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, db_index=False)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="permits")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_index=False)
    allowed = models.BooleanField()
    reasons = ArrayField(models.CharField(max_length=32), help_text="codes of the checks that refused")
    checks = models.JSONField(help_text="[{code, passed, basis, input}] in the order they were made")
    debt_minor = models.BigIntegerField(help_text="owed by the cause at that moment")
    account_version = models.IntegerField(help_text="the balance's version the gate read under its lock")
    decided_at = models.DateTimeField(help_text="the clock of the trade (shifted in the demo)")
    recorded_at = models.DateTimeField(help_text="the database's clock while the balance was locked")
    expires_at = models.DateTimeField(help_text="database's clock; two seconds after recorded_at")
    seal = models.ForeignKey(PermitSeal, null=True, on_delete=models.PROTECT, related_name="sealed")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="a_refusal_has_reasons",
                condition=models.Q(allowed=True, reasons__len=0) | models.Q(allowed=False, reasons__len__gt=0),
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "id"], name="permit_unsealed", condition=models.Q(seal__isnull=True)),
            models.Index(fields=["organisation", "decided_at"], name="permit_by_time"),
            models.Index(fields=["account", "-decided_at"], name="permit_by_account"),
        ]


class Message(models.Model):
    """What left: the finished words, to which address, by whom, and what became of it."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    contact = models.OneToOneField(Contact, on_delete=models.PROTECT, related_name="message")
    permit = models.OneToOneField(Permit, on_delete=models.PROTECT, related_name="message")
    uid = models.UUIDField(unique=True)
    channel = models.CharField(max_length=12, choices=Channel)
    address = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    language = models.CharField(max_length=2, choices=Language)
    parts = models.PositiveSmallIntegerField(default=1)
    template_version = models.ForeignKey(TemplateVersion, null=True, on_delete=models.PROTECT)
    claimed_at = models.DateTimeField(help_text="database's clock: from here it may be on the wire")
    sent_at = models.DateTimeField(null=True)
    provider_id = models.CharField(max_length=100, blank=True, db_index=True)
    word = models.CharField(max_length=16, blank=True, help_text="channels.base.Word")
    provider_code = models.CharField(max_length=64, blank=True)
    provider_text = models.TextField(blank=True)
    word_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["organisation", "-claimed_at"], name="message_by_time")]
