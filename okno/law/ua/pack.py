"""The law of Ukraine as one pack."""

from okno.common.money import Currency
from okno.law.country_pack import CountryPack
from okno.law.ua import allocation, contact_hours, court, due_day, limitation, penalty, robot_calls

PACK = CountryPack(
    country="ua",
    currency=Currency.UAH,
    time_zones=("Europe/Kyiv",),
    languages=("uk", "ru"),
    due_day_rule=due_day.due_day,
    contact=contact_hours.RULES,
    limitation=limitation.RULES,
    allocation=allocation.RULES,
    robot_consent=robot_calls.NEEDS_CONSENT,
    court=court.RULES,
    penalty=penalty.LAW,
)
