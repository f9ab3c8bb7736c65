"""Organisations, users, memberships and the trail of actions."""

from typing import Any, ClassVar

import pghistory
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from okno.access.exact_json import ExactDecoder, ExactEncoder


class Country(models.TextChoices):
    RU = "ru", _("Россия")
    KZ = "kz", _("Казахстан")
    UA = "ua", _("Украина")


class Currency(models.TextChoices):
    RUB = "RUB", _("российский рубль")
    KZT = "KZT", _("тенге")
    UAH = "UAH", _("гривна")


class Language(models.TextChoices):
    RU = "ru", _("русский")
    KK = "kk", _("казахский")
    UK = "uk", _("украинский")
    EN = "en", _("английский")


class Role(models.TextChoices):
    DISPATCHER = "dispatcher", _("диспетчер")
    DEBT_SPECIALIST = "debt_specialist", _("специалист по долгам")
    DIRECTOR = "director", _("руководитель")
    ACCOUNTANT = "accountant", _("бухгалтер")
    FIELD_WORKER = "field_worker", _("мастер")
    RESIDENT = "resident", _("житель")
    INSTALLER = "installer", _("администратор")
    CONTRACTOR = "contractor", _("подрядчик")
    PARTNER = "partner", _("партнёр")


@pghistory.track()
class Organisation(models.Model):
    """A managing organisation: one country, one currency, one time zone by default."""

    name = models.CharField(_("название"), max_length=200)
    country = models.CharField(_("страна"), max_length=2, choices=Country)
    currency = models.CharField(_("валюта"), max_length=3, choices=Currency)
    time_zone = models.CharField(_("часовой пояс"), max_length=64)
    languages = ArrayField(models.CharField(max_length=2, choices=Language), verbose_name=_("языки"))
    default_language = models.CharField(_("основной язык"), max_length=2, choices=Language)
    tax_number = models.CharField(_("ИНН / БИН / ЄДРПОУ"), max_length=12, blank=True)
    residents_phone = models.CharField(_("телефон для жителей"), max_length=32, blank=True)
    residents_email = models.EmailField(_("почта для жителей"), blank=True)
    payment_url = models.URLField(_("страница оплаты"), blank=True)
    is_demo = models.BooleanField(_("демонстрационная"), default=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="organisation_country_known", condition=models.Q(country__in=Country.values)),
            models.CheckConstraint(
                name="organisation_currency_of_country",
                condition=models.Q(country="ru", currency="RUB")
                | models.Q(country="kz", currency="KZT")
                | models.Q(country="ua", currency="UAH"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        if password is None:
            user.set_unusable_password()
        else:
            user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in. What they may do stands in their memberships."""

    email = models.EmailField(_("почта"), unique=True)
    name = models.CharField(_("имя"), max_length=200)
    language = models.CharField(_("язык"), max_length=2, choices=Language, default=Language.RU)
    theme = models.CharField(
        _("оформление"),
        max_length=8,
        choices=[
            ("auto", _("как в системе")),
            ("light", _("светлое")),
            ("dark", _("тёмное")),
            ("contrast", _("контрастное")),
        ],
        default="auto",
    )
    hotkeys = models.BooleanField(_("однобуквенные клавиши"), default=True)
    is_active = models.BooleanField(_("действует"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    def __str__(self) -> str:
        return self.name or self.email


@pghistory.track()
class Membership(models.Model):
    """What one person is in one organisation.

    `all_houses` false narrows the sight to the houses listed in `houses.HouseScope`.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("роль"), max_length=16, choices=Role)
    all_houses = models.BooleanField(_("все дома"), default=True)
    since = models.DateField(_("с"), null=True, blank=True)
    until = models.DateField(_("по"), null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "organisation"], name="one_membership_an_organisation"),
            models.CheckConstraint(name="membership_role_known", condition=models.Q(role__in=Role.values)),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"


class Action(models.Model):
    """One line of the trail: who did what, in words, with the reason. Never edited, never deleted."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    at = models.DateTimeField()
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    user_name = models.CharField(max_length=200)
    verb = models.CharField(max_length=64)
    sentence = models.TextField()
    reason = models.TextField(blank=True)
    subject_kind = models.CharField(max_length=16, blank=True)
    subject_id = models.BigIntegerField(null=True)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["organisation", "-at"], name="action_by_time"),
            models.Index(fields=["subject_kind", "subject_id", "-at"], name="action_by_subject"),
        ]

    def __str__(self) -> str:
        return self.sentence


class CalendarDay(models.Model):
    """A day that the organisation's calendar sets apart from the country's: a transfer, a regional holiday."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="calendar_days")
    day = models.DateField(_("день"))
    kind = models.CharField(
        _("вид"),
        max_length=8,
        choices=[("working", _("рабочий")), ("holiday", _("выходной")), ("short", _("короткий"))],
    )
    source = models.CharField(_("источник"), max_length=200)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "day"], name="a_calendar_day_once"),
            models.CheckConstraint(
                name="calendar_kind_known", condition=models.Q(kind__in=["working", "holiday", "short"])
            ),
        ]


class EnteredValue(models.Model):
    """A value of the law that the operator entered beside the program's sheets, for the whole installation.

    Never edited and never removed: a wrong one is withdrawn, once, with the reason. `key` is whose value it is, where
    a parameter has one for each (a territory by its code).
    """

    name = models.CharField(_("значение закона"), max_length=80)
    key = models.CharField(_("ключ"), max_length=64, blank=True)
    since = models.DateField(_("с"))
    until = models.DateField(_("по"), null=True, blank=True)
    known_since = models.DateField(_("известно с"), null=True, blank=True)
    #: NULL where the value itself is nothing, as the years of a limitation that does not apply.
    value = models.JSONField(_("значение"), null=True, encoder=ExactEncoder, decoder=ExactDecoder)
    source = models.CharField(_("источник"), max_length=500)
    verified = models.BooleanField(_("сверено с текстом"), default=False)
    note = models.TextField(_("примечание"), blank=True)
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    entered_by_name = models.CharField(max_length=200)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_by_name = models.CharField(max_length=200, blank=True)
    withdrawn_reason = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                "name",
                "key",
                "since",
                Coalesce("known_since", "since"),
                condition=models.Q(withdrawn_at__isnull=True),
                name="one_standing_value_a_day",
            ),
            models.CheckConstraint(
                name="entered_value_ends_later",
                condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("since")),
            ),
            models.CheckConstraint(name="entered_value_has_a_source", condition=~models.Q(source="")),
            models.CheckConstraint(
                name="entered_value_is_withdrawn_with_a_reason",
                condition=models.Q(withdrawn_at__isnull=True, withdrawn_by_name="", withdrawn_reason="")
                | (
                    models.Q(withdrawn_at__isnull=False)
                    & ~models.Q(withdrawn_by_name="")
                    & ~models.Q(withdrawn_reason="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.since:%d.%m.%Y}"
