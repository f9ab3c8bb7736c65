"""People and what they agreed to."""

from typing import ClassVar

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import Func
from django.utils.translation import gettext_lazy as _

from okno.access.models import Language, Organisation, User
from okno.common import clock
from okno.houses.models import Flat


class Channel(models.TextChoices):
    EMAIL = "email", _("электронная почта")
    SMS = "sms", _("СМС")
    CALL = "call", _("звонок")
    ROBOT_CALL = "robot_call", _("звонок робота")
    LETTER = "letter", _("письмо")
    MESSENGER = "messenger", _("мессенджер")


class Vulnerability(models.TextChoices):
    DISABLED = "disabled", _("инвалидность")
    ELDERLY = "elderly", _("пожилой возраст")
    MINOR = "minor", _("несовершеннолетний")
    INCAPABLE = "incapable", _("недееспособный")
    IN_HOSPITAL = "in_hospital", _("на лечении")
    BANKRUPT = "bankrupt", _("банкротство")
    DECEASED = "deceased", _("умер")
    SERVICEMAN = "serviceman", _("на военной службе")


@pghistory.track()
class Person(models.Model):
    """A person, or an organisation as an owner of premises."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    is_company = models.BooleanField(_("организация"), default=False)
    full_name = models.CharField(_("имя"), max_length=300)
    surname = models.CharField(_("фамилия"), max_length=100, blank=True)
    first_name = models.CharField(_("имя"), max_length=100, blank=True)
    patronymic = models.CharField(_("отчество"), max_length=100, blank=True)
    search_text = models.CharField(max_length=300)
    birth_date = models.DateField(_("дата рождения"), null=True, blank=True)
    tax_number = models.CharField(_("ИНН / ИИН / БИН"), max_length=12, blank=True)
    insurance_number = models.CharField(_("СНИЛС"), max_length=14, blank=True)
    language = models.CharField(_("язык"), max_length=2, choices=Language, blank=True)
    vulnerabilities = ArrayField(
        models.CharField(max_length=16, choices=Vulnerability),
        default=list,
        blank=True,
        verbose_name=_("особые отметки"),
    )
    preferred_channel = models.CharField(_("удобный канал"), max_length=12, choices=Channel, blank=True)
    hours_since = models.TimeField(_("писать и звонить с"), null=True, blank=True)
    hours_until = models.TimeField(_("писать и звонить до"), null=True, blank=True)
    do_not_call = models.BooleanField(_("не звонить"), default=False)
    note = models.TextField(_("заметка"), blank=True)
    user = models.OneToOneField(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="person", verbose_name=_("вход в кабинет")
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="person_has_a_name", condition=~models.Q(full_name="")),
            models.CheckConstraint(
                name="person_hours_in_order",
                condition=models.Q(hours_since__isnull=True, hours_until__isnull=True)
                | models.Q(hours_since__lt=models.F("hours_until")),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["organisation", "full_name"], name="person_by_name")]

    def __str__(self) -> str:
        return self.full_name


@pghistory.track()
class Phone(models.Model):
    """A number of a person in E.164."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="phones")
    number = models.CharField(_("телефон"), max_length=16)
    raw = models.CharField(max_length=64, blank=True)
    is_mobile = models.BooleanField(_("мобильный"), default=True)
    is_wrong = models.BooleanField(_("чужой номер"), default=False)
    do_not_call = models.BooleanField(_("не звонить"), default=False)
    is_preferred = models.BooleanField(_("основной"), default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "number"], name="a_phone_once_a_person"),
            models.CheckConstraint(name="phone_is_e164", condition=models.Q(number__regex=r"^\+[1-9][0-9]{6,14}$")),
        ]
        indexes: ClassVar = [models.Index(fields=["organisation", "number"], name="phone_by_number")]

    def __str__(self) -> str:
        return self.number


@pghistory.track()
class EmailAddress(models.Model):
    """A person's e-mail address, in lower case."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="emails")
    address = models.EmailField(_("почта"))
    is_wrong = models.BooleanField(_("не принимает письма"), default=False)
    is_preferred = models.BooleanField(_("основная"), default=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "address"], name="an_email_once_a_person")]
        indexes: ClassVar = [models.Index(fields=["organisation", "address"], name="email_by_address")]

    def __str__(self) -> str:
        return self.address


class Consent(models.Model):
    """A consent given or withdrawn on a day, with its source. The latest of a channel counts; none is ever edited."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="consents")
    channel = models.CharField(_("канал"), max_length=12, choices=Channel)
    given = models.BooleanField(_("согласие дано"))
    on = models.DateField(_("дата"))
    source = models.CharField(_("источник"), max_length=200)
    recorded_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "channel", "given", "on", "source"], name="a_consent_once"),
            models.CheckConstraint(name="consent_has_a_source", condition=~models.Q(source="")),
        ]


class OccupancyRole(models.TextChoices):
    OWNER = "owner", _("собственник")
    TENANT = "tenant", _("наниматель")
    PAYER = "payer", _("плательщик")
    RESIDENT = "resident", _("жилец")
    GUEST = "guest", _("гость")


class DateRange(Func):
    function = "daterange"


@pghistory.track()
class Occupancy(models.Model):
    """What a person is to a flat, from day to day (both inclusive)."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="occupancies")
    flat = models.ForeignKey(Flat, on_delete=models.CASCADE, related_name="occupancies")
    role = models.CharField(_("кем приходится"), max_length=12, choices=OccupancyRole)
    since = models.DateField(_("с"), null=True, blank=True)
    until = models.DateField(_("по"), null=True, blank=True)
    share = models.CharField(_("доля"), max_length=16, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="occupancy_days_in_order",
                condition=models.Q(since__isnull=True)
                | models.Q(until__isnull=True)
                | models.Q(until__gte=models.F("since")),
            ),
            ExclusionConstraint(
                name="occupancy_never_twice_at_once",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("flat", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (
                        DateRange("since", "until", RangeBoundary(inclusive_lower=True, inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["flat", "role"], name="occupancy_by_flat")]
