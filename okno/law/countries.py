"""One door to the law of a country: `pack("ru").due_day(…)`. Rooms above start here."""

from okno.law.country_pack import CountryPack as CountryPack
from okno.law.kz.pack import PACK as KZ
from okno.law.ru.pack import PACK as RU
from okno.law.ua.pack import PACK as UA

_PACKS = {pack.country: pack for pack in (RU, KZ, UA)}


class UnknownCountry(LookupError):
    """Okno has no law of this country."""


def pack(country: str) -> CountryPack:
    """The law of a country by its code: "ru", "kz" or "ua". Raises `UnknownCountry`."""
    try:
        return _PACKS[country]
    except KeyError:
        known = ", ".join(_PACKS)
        raise UnknownCountry(f"Законов страны «{country}» в программе нет, есть: {known}.") from None
