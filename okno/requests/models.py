"""The register of requests, the outages a caller is told of, and what residents thought of the work."""

from typing import ClassVar

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from okno.access.models import Language, Organisation, User
from okno.houses.models import Flat, House
from okno.ledger.models import Account
from okno.people.models import Person


class Urgency(models.TextChoices):
    DANGER = "danger", _("опасно для людей")
    URGENT = "urgent", _("срочно")
    NORMAL = "normal", _("обычная")


class RequestState(models.TextChoices):
    NEW = "new", _("новая")
    TAKEN = "taken", _("в работе")
    DONE = "done", _("выполнена")
    REOPENED = "reopened", _("открыта снова")
    CLOSED = "closed", _("закрыта")


class RequestSource(models.TextChoices):
    CALL = "call", _("звонок")
    DESK = "desk", _("диспетчер")
    CABINET = "cabinet", _("кабинет")


@pghistory.track()
class Request(models.Model):
    """One thing a resident asked for. `category` is a code of `okno.requests.categories`."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    number = models.PositiveIntegerField(_("номер"), help_text="in the organisation's own row, from 1")
    house = models.ForeignKey(House, on_delete=models.PROTECT, related_name="requests")
    flat = models.ForeignKey(Flat, null=True, blank=True, on_delete=models.PROTECT, related_name="requests")
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.PROTECT, related_name="requests")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="requests")
    phone = models.CharField(_("телефон"), max_length=16, blank=True, help_text="E.164; to call back")
    place = models.CharField(_("место"), max_length=200, blank=True)
    category = models.CharField(_("вид"), max_length=32)
    urgency = models.CharField(_("срочность"), max_length=8, choices=Urgency, default=Urgency.NORMAL)
    text = models.TextField(_("что случилось"))
    source = models.CharField(_("откуда"), max_length=8, choices=RequestSource)
    call_uid = models.UUIDField(null=True, unique=True, help_text="the call it came by: told twice, written once")
    state = models.CharField(_("состояние"), max_length=8, choices=RequestState, default=RequestState.NEW)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "number"], name="a_request_number_once"),
            models.CheckConstraint(name="request_has_words", condition=~models.Q(text="")),
            models.CheckConstraint(name="request_state_known", condition=models.Q(state__in=RequestState.values)),
            models.CheckConstraint(name="request_urgency_known", condition=models.Q(urgency__in=Urgency.values)),
            models.CheckConstraint(
                name="request_done_has_its_moment",
                condition=~models.Q(state__in=["done", "closed"]) | models.Q(done_at__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "state", "-created_at"], name="request_by_state"),
            models.Index(fields=["house", "-created_at"], name="request_by_house"),
        ]

    def __str__(self) -> str:
        return f"№ {self.number}"


@pghistory.track()
class Outage(models.Model):
    """What is off in a house, or in the whole organisation (no house), since when and until when as far as known."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    houses = models.ManyToManyField(House, blank=True, related_name="outages")
    everywhere = models.BooleanField(_("во всех домах"), default=False)
    category = models.CharField(_("вид"), max_length=32)
    planned = models.BooleanField(_("плановые работы"), default=False)
    words = models.JSONField(help_text="what a resident hears, by language: {ru: …, kk: …, uk: …}")
    since = models.DateTimeField(_("с"))
    until = models.DateTimeField(_("по"), null=True, blank=True, help_text="expected; empty: not known yet")
    ended_at = models.DateTimeField(_("кончилось"), null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="outage_ends_after_it_began",
                condition=models.Q(ended_at__isnull=True) | models.Q(ended_at__gte=models.F("since")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["organisation", "since"], name="outage_going_on", condition=models.Q(ended_at__isnull=True)
            )
        ]


class Rating(models.Model):
    """What a resident said of a request's work: asked once a request, by one call."""

    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="rating")
    done = models.BooleanField(_("сделано"), null=True)
    score = models.PositiveSmallIntegerField(_("оценка"), null=True)
    comment = models.TextField(_("слова жителя"), blank=True)
    language = models.CharField(max_length=2, choices=Language)
    call_uid = models.UUIDField(null=True, unique=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="rating_0_to_10", condition=models.Q(score__isnull=True) | models.Q(score__lte=10)
            )
        ]
