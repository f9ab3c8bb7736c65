"""The law of Russia as one pack."""

from okno.common.money import Currency
from okno.law.country_pack import CountryPack
from okno.law.ru import allocation, contact_hours, court, due_day, limitation, penalty, robot_calls

PACK = CountryPack(
    country="ru",
    currency=Currency.RUB,
    time_zones=(
        "Europe/Moscow",
        "Europe/Kaliningrad",
        "Europe/Samara",
        "Asia/Yekaterinburg",
        "Asia/Omsk",
        "Asia/Krasnoyarsk",
        "Asia/Novosibirsk",
        "Asia/Irkutsk",
        "Asia/Yakutsk",
        "Asia/Vladivostok",
        "Asia/Magadan",
        "Asia/Kamchatka",
    ),
    languages=("ru",),
    due_day_rule=due_day.due_day,
    bill_delivery=due_day.PARAMETERS["bill_delivery_day"],
    contact=contact_hours.RULES,
    limitation=limitation.RULES,
    allocation=allocation.RULES,
    robot_consent=robot_calls.NEEDS_CONSENT,
    robot_label=robot_calls.NEEDS_LABEL,
    court=court.RULES,
    penalty=penalty.LAW,
)
