"""The services an organisation starts with: codes as in the accounting files, names by country."""

from dataclasses import dataclass

from okno.access.models import Country, Organisation
from okno.ledger.models import Regime, Service


@dataclass(frozen=True, slots=True)
class DefaultService:
    """A service by its code; `names` are what is printed, by country, and a country that has none does not get it."""

    code: str
    regime: Regime
    names: dict[str, str]


RU, KZ, UA = Country.RU.value, Country.KZ.value, Country.UA.value

DEFAULTS = (
    DefaultService(
        "maintenance",
        Regime.HOUSING,
        {RU: "Содержание жилья", KZ: "Взносы на содержание", UA: "Утримання будинку"},
    ),
    DefaultService("heating", Regime.HOUSING, {RU: "Отопление", KZ: "Отопление", UA: "Опалення"}),
    DefaultService("cold_water", Regime.HOUSING, {RU: "ХВС", KZ: "ХВС", UA: "Холодна вода"}),
    DefaultService("hot_water", Regime.HOUSING, {RU: "ГВС", KZ: "ГВС", UA: "Гаряча вода"}),
    DefaultService("sewerage", Regime.HOUSING, {RU: "Водоотведение", KZ: "Водоотведение", UA: "Водовідведення"}),
    DefaultService("waste", Regime.HOUSING, {RU: "Обращение с ТКО", KZ: "Обращение с ТБО", UA: "Вивезення сміття"}),
    DefaultService("common_power", Regime.HOUSING, {RU: "Электроэнергия ОИ", KZ: "Электроэнергия ОИ"}),
    DefaultService("capital_repair", Regime.CAPITAL_REPAIR, {RU: "Капитальный ремонт", KZ: "Взносы накопительные"}),
)


def install_defaults(organisation: Organisation) -> dict[str, Service]:
    """Give the organisation its country's services and return all of its services by code.

    Those it has already keep their names; the call may be repeated.
    """
    Service.objects.bulk_create(
        [
            Service(
                organisation=organisation,
                code=service.code,
                name=service.names[organisation.country],
                regime=service.regime,
                order=10 * place,
            )
            for place, service in enumerate(DEFAULTS, start=1)
            if organisation.country in service.names
        ],
        ignore_conflicts=True,
    )
    return {service.code: service for service in Service.objects.filter(organisation=organisation)}
