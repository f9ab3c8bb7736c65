"""The law of Kazakhstan as one pack."""

from okno.common.money import Currency
from okno.law.country_pack import CountryPack
from okno.law.kz import allocation, contact_hours, court, due_day, dues, limitation, penalty, robot_calls

PACK = CountryPack(
    country="kz",
    currency=Currency.KZT,
    # One zone, UTC+5, since 01.03.2024 (the Government's decree of 19.01.2024).
    time_zones=("Asia/Almaty",),
    languages=("kk", "ru"),
    due_day_rule=due_day.due_day,
    contact=contact_hours.RULES,
    limitation=limitation.RULES,
    allocation=allocation.RULES,
    robot_consent=robot_calls.NEEDS_CONSENT,
    court=court.RULES,
    least_dues_rule=dues.least_accumulative,
    penalty=penalty.LAW,
)
