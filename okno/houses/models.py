"""Houses and what they consist of."""

from typing import ClassVar

import pghistory
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from okno.access.models import Membership, Organisation


@pghistory.track()
class House(models.Model):
    """An apartment building. `match_key` is the address folded for comparison; one house, one key."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    address = models.CharField(_("адрес"), max_length=300)
    short_address = models.CharField(_("краткий адрес"), max_length=120)
    match_key = models.CharField(max_length=200)
    search_text = models.CharField(max_length=300)
    sort_key = models.CharField(max_length=300)
    time_zone = models.CharField(_("часовой пояс"), max_length=64)
    floors = models.PositiveSmallIntegerField(_("этажей"), null=True, blank=True)
    lowest_floor = models.SmallIntegerField(_("нижний этаж"), default=1)
    declared_flats = models.PositiveIntegerField(_("помещений по паспорту"), null=True, blank=True)
    contract_due_day = models.PositiveSmallIntegerField(_("срок оплаты по договору, число"), null=True, blank=True)
    memo = models.TextField(_("памятка"), blank=True)
    registry_code = models.CharField(_("код ФИАС / РКА / КАТОТТГ"), max_length=64, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "match_key"], name="one_house_an_address"),
            models.CheckConstraint(
                name="contract_due_day_in_month",
                condition=models.Q(contract_due_day__isnull=True)
                | models.Q(contract_due_day__gte=1, contract_due_day__lte=31),
            ),
        ]

    def __str__(self) -> str:
        return self.short_address


class HouseScope(models.Model):
    """A house that a narrowed membership may see."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="houses")
    house = models.ForeignKey(House, on_delete=models.CASCADE)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["membership", "house"], name="a_house_once_in_a_scope")
        ]


class Entrance(models.Model):
    """A staircase of a house."""

    house = models.ForeignKey(House, on_delete=models.CASCADE, related_name="entrances")
    number = models.PositiveSmallIntegerField(_("подъезд"))

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["house", "number"], name="an_entrance_once")]

    def __str__(self) -> str:
        return str(self.number)


class RiserKind(models.TextChoices):
    WATER = "water", _("вода")
    HEAT = "heat", _("тепло")
    SEWER = "sewer", _("канализация")
    ELECTRICITY = "electricity", _("электричество")


class Riser(models.Model):
    """A vertical line that feeds the flats above one another; an outage follows it."""

    entrance = models.ForeignKey(Entrance, on_delete=models.CASCADE, related_name="risers")
    kind = models.CharField(_("вид"), max_length=12, choices=RiserKind)
    number = models.PositiveSmallIntegerField(_("номер"))

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entrance", "kind", "number"], name="a_riser_once"),
            models.CheckConstraint(name="riser_kind_known", condition=models.Q(kind__in=RiserKind.values)),
        ]


class FlatKind(models.TextChoices):
    FLAT = "flat", _("квартира")
    APARTMENT = "apartment", _("апартаменты")
    PARKING = "parking", _("парковочное место")
    STOREROOM = "storeroom", _("кладовая")
    COMMERCIAL = "commercial", _("коммерческое помещение")


@pghistory.track()
class Flat(models.Model):
    """A premise with a number of its own in a house."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    house = models.ForeignKey(House, on_delete=models.PROTECT, related_name="flats")
    entrance = models.ForeignKey(Entrance, null=True, blank=True, on_delete=models.SET_NULL)
    kind = models.CharField(_("вид"), max_length=12, choices=FlatKind, default=FlatKind.FLAT)
    number = models.CharField(_("номер"), max_length=16)
    number_order = models.IntegerField(default=0, help_text="the digits of the number, for ordering")
    floor = models.SmallIntegerField(_("этаж"), null=True, blank=True)
    area = models.DecimalField(_("площадь, м²"), max_digits=9, decimal_places=2, null=True, blank=True)
    residents = models.PositiveSmallIntegerField(_("проживает"), null=True, blank=True)
    risers = models.ManyToManyField(Riser, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["house", "kind", "number"], name="a_flat_once_in_a_house"),
            models.CheckConstraint(name="flat_kind_known", condition=models.Q(kind__in=FlatKind.values)),
            models.CheckConstraint(
                name="flat_area_positive", condition=models.Q(area__isnull=True) | models.Q(area__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def short_address(self) -> str:
        """«ул. Ленина, 5, кв. 12»; where nobody lives, «ул. Ленина, 5, пом. 3». The house must be at hand."""
        lived_in = self.kind in (FlatKind.FLAT, FlatKind.APARTMENT)
        told = gettext("%(house)s, кв. %(flat)s") if lived_in else gettext("%(house)s, пом. %(flat)s")
        return told % {"house": self.house.short_address, "flat": self.number}


class MeterKind(models.TextChoices):
    COLD_WATER = "cold_water", _("холодная вода")
    HOT_WATER = "hot_water", _("горячая вода")
    ELECTRICITY = "electricity", _("электроэнергия")
    HEAT = "heat", _("тепло")
    GAS = "gas", _("газ")


class Meter(models.Model):
    """An individual meter of a flat."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    flat = models.ForeignKey(Flat, on_delete=models.PROTECT, related_name="meters")
    kind = models.CharField(_("вид"), max_length=12, choices=MeterKind)
    number = models.CharField(_("заводской номер"), max_length=64)
    tariffs = models.PositiveSmallIntegerField(_("тарифов"), default=1)
    place = models.CharField(_("место"), max_length=100, blank=True)
    automatic = models.BooleanField(_("передаёт сам"), default=False)
    installed_on = models.DateField(_("установлен"), null=True, blank=True)
    commissioned_on = models.DateField(_("введён"), null=True, blank=True)
    sealed_on = models.DateField(_("опломбирован"), null=True, blank=True)
    verified_on = models.DateField(_("поверен"), null=True, blank=True)
    next_verification_on = models.DateField(_("следующая поверка"), null=True, blank=True)
    checked_on = models.DateField(_("контрольное показание"), null=True, blank=True)
    removed_on = models.DateField(_("выведен"), null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["flat", "kind", "number"], name="a_meter_once_in_a_flat"),
            models.CheckConstraint(name="meter_kind_known", condition=models.Q(kind__in=MeterKind.values)),
            models.CheckConstraint(name="meter_tariffs", condition=models.Q(tariffs__gte=1, tariffs__lte=4)),
        ]

    def __str__(self) -> str:
        return self.number


class MeterReading(models.Model):
    """What a meter showed on a day, by tariff; the same day and source twice is one reading."""

    meter = models.ForeignKey(Meter, on_delete=models.PROTECT, related_name="readings")
    taken_on = models.DateField(_("снято"))
    tariff = models.PositiveSmallIntegerField(_("тариф"))
    value = models.DecimalField(_("показание"), max_digits=14, decimal_places=3)
    source = models.CharField(_("источник"), max_length=32)
    evidence = models.CharField(max_length=64, blank=True, help_text="where the original is: call:<uid>")
    doubtful = models.BooleanField(_("под вопросом"), db_default=False, default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["meter", "taken_on", "tariff", "source"], name="a_reading_once"),
            models.CheckConstraint(name="reading_not_negative", condition=models.Q(value__gte=0)),
        ]
