"""A call from the first ring to what it brought."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from okno.access.models import Language, Organisation, User
from okno.dialogs.models.campaigns import CallCampaign, Mode
from okno.dialogs.models.scenarios import ScenarioVersion
from okno.houses.models import House
from okno.ledger.models import Account
from okno.outreach.models import Contact, Permit
from okno.people.models import Person


class Direction(models.TextChoices):
    OUT = "out", _("исходящий")
    IN = "in", _("входящий")


class CallState(models.TextChoices):
    TO_AGENT = "to_agent", _("звоним сотруднику")
    DIALLING = "dialling", _("набираем")
    RINGING = "ringing", _("звонит")
    TALKING = "talking", _("разговор")
    WITH_PERSON = "with_person", _("говорит сотрудник")
    ENDED = "ended", _("закончен")
    LOST = "lost", _("прерван нашим сбоем")


class Speaker(models.TextChoices):
    ROBOT = "robot", _("робот")
    PERSON = "person", _("человек")
    AGENT = "agent", _("сотрудник")
    LINE = "line", _("линия")


class Call(models.Model):
    """One call, made or taken. Its row is written before the first INVITE, so that a crash leaves a trace.

    `outcome` is `okno.telephony.leg.Kind`, `ended_by` is `leg.By`, `picked_up` who answered (person, machine,
    screening, unknown), `result` the dialog's end by its name in the scenario (promised, wrong_number, …).
    All moments are the clock of the trade; `seconds` is the time from the answer to the end.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    uid = models.UUIDField(unique=True)
    direction = models.CharField(max_length=3, choices=Direction)
    campaign = models.ForeignKey(CallCampaign, null=True, on_delete=models.PROTECT, related_name="calls")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.PROTECT, related_name="calls")
    permit = models.OneToOneField(Permit, null=True, on_delete=models.PROTECT, related_name="call")
    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="calls")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="calls")
    house = models.ForeignKey(House, null=True, on_delete=models.PROTECT, related_name="calls")
    address = models.CharField(max_length=64, help_text="phone in E.164, or a sip: address")
    language = models.CharField(max_length=2, choices=Language)
    scenario = models.CharField(max_length=32)
    version = models.ForeignKey(ScenarioVersion, null=True, on_delete=models.PROTECT, help_text="null: as shipped")
    arm = models.CharField(max_length=1, default="A")
    mode = models.CharField(max_length=12, choices=Mode, default=Mode.ROBOT)
    agent = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    operator = models.CharField(max_length=64, blank=True, help_text="the process that leads it: host:pid:start")
    alive_at = models.DateTimeField(null=True, help_text="database's clock: the process was alive")
    state = models.CharField(max_length=12, choices=CallState, default=CallState.DIALLING)
    started_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    seconds = models.PositiveIntegerField(null=True)
    outcome = models.CharField(max_length=16, blank=True)
    ended_by = models.CharField(max_length=12, blank=True)
    sip_status = models.PositiveSmallIntegerField(null=True)
    q850 = models.PositiveSmallIntegerField(null=True)
    words = models.CharField(max_length=200, blank=True, help_text="what the line said of the end")
    picked_up = models.CharField(max_length=12, blank=True)
    result = models.CharField(max_length=32, blank=True)
    slots = models.JSONField(default=dict, help_text="what the dialog learnt, plain values")
    dialog = models.JSONField(null=True, help_text="the dialog's state after its last turn")
    recording = models.CharField(max_length=255, blank=True, help_text="file under the data folder; stereo: they, we")
    recording_cut = models.CharField(max_length=64, blank=True)
    recording_deleted_at = models.DateTimeField(null=True)
    transcript_deleted_at = models.DateTimeField(null=True, help_text="when the words of its turns were wiped")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="call_state_known", condition=models.Q(state__in=CallState.values)),
            models.CheckConstraint(
                name="an_ended_call_has_its_outcome",
                condition=~models.Q(state__in=["ended", "lost"])
                | (models.Q(ended_at__isnull=False) & ~models.Q(outcome="")),
            ),
            models.UniqueConstraint(
                fields=["contact"],
                name="one_call_of_a_contact_at_a_time",
                condition=~models.Q(state__in=["ended", "lost"]),
            ),
            models.UniqueConstraint(
                fields=["organisation", "person"],
                name="one_call_to_a_person_at_a_time",
                condition=models.Q(direction="out", person__isnull=False) & ~models.Q(state__in=["ended", "lost"]),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["organisation", "state"],
                name="call_going_on",
                condition=~models.Q(state__in=["ended", "lost"]),
            ),
            models.Index(fields=["organisation", "-started_at"], name="call_by_time"),
            models.Index(fields=["account", "-started_at"], name="call_by_account"),
            models.Index(fields=["campaign", "-started_at"], name="call_by_campaign"),
            models.Index(fields=["organisation", "started_at"], name="call_lost", condition=models.Q(state="lost")),
            models.Index(
                fields=["started_at"],
                name="call_with_words",
                condition=models.Q(transcript_deleted_at__isnull=True),
            ),
        ]


class CallTurn(models.Model):
    """One thing said, heard, pressed or that happened, in the order of the call. Never edited; its words go by term.

    `at_ms` and `until_ms` count from the answer (0 before it). For what was heard: `heard` is the text as recognised
    or the keys, `value` what was understood of it (plain), `expected` what the question waited for.
    """

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="turns")
    number = models.PositiveIntegerField()
    who = models.CharField(max_length=8, choices=Speaker)
    at_ms = models.PositiveIntegerField()
    until_ms = models.PositiveIntegerField(null=True)
    node = models.CharField(max_length=64, blank=True)
    phrase = models.CharField(max_length=64, blank=True)
    text = models.TextField(blank=True)
    heard = models.TextField(blank=True)
    by_keys = models.BooleanField(default=False)
    expected = models.CharField(max_length=16, blank=True)
    value = models.JSONField(null=True)
    confidence = models.FloatField(null=True)
    reply_ms = models.PositiveIntegerField(null=True, help_text="from the end of speech to the first sound of ours")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["call", "number"], name="a_turn_once")]


class CallAction(models.Model):
    """What the dialog decided, and what came of it. Written with the turn, done once."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="actions")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=24, help_text="the scenario's `do`: promise, reading, wrong_number, …")
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    failed = models.CharField(max_length=200, blank=True, help_text="why it could not be done; a person looks at it")
    made = models.CharField(max_length=64, blank=True, help_text="what it made: promise:17, request:5, reading:80")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["call", "number"], name="an_action_once")]
        indexes: ClassVar = [
            models.Index(
                fields=["created_at"], name="action_to_do", condition=models.Q(done_at__isnull=True, failed="")
            )
        ]
