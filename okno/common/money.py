"""Money is a whole number of minor units (kopecks, tiyns). Here it is read from text and written out."""

import math
import re
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Literal

from babel import Locale
from babel.numbers import NumberPattern, parse_pattern

#: No single sum in the trade is larger (ten trillion roubles); anything larger is a misread column.
MAX_MINOR = 10**15

Side = Literal["debt", "credit", "even"]

#: How far, in minor units, a spreadsheet's binary number may stand from a whole minor unit.
_FLOAT_NOISE = Decimal("0.000001")

_SPACES = re.compile("[\u0020\u00a0\u2007\u2009\u202f]+")
_SHAPE = re.compile(r"(?P<sign>[-+−]?) ?(?P<whole>[0-9]{1,3}(?: [0-9]{3})+|[0-9]+)(?P<rest>(?:[.,][0-9]+)*)")


class NotAnAmount(ValueError):
    """The text or number cannot be read as a sum of money without guessing."""


class Currency(StrEnum):
    """Currencies of the countries Okno works in. The value is the ISO 4217 code."""

    RUB = "RUB"
    KZT = "KZT"
    UAH = "UAH"

    @property
    def sign(self) -> str:
        """The sign printed after a sum."""
        return {"RUB": "₽", "KZT": "₸", "UAH": "₴"}[self.value]


def parse_minor(value: str | int | Decimal) -> int:
    """Read a sum given in roubles (tenge, hryvnias) and return minor units: "1 234,50" → 123450.

    Groups may be parted by spaces of any kind, or by dots or commas where the other mark ends the whole part
    or the mark repeats. What could be read in two ways ("1,234") is refused, as are exponents, currency words
    and more than two decimals unless the surplus ones are zeros. A binary float has its own door,
    `minor_from_float`. Raises `NotAnAmount`.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise NotAnAmount(f"Это не сумма: {value!r}.")
    if isinstance(value, int):
        return _bounded(value * 100, value)
    if isinstance(value, Decimal):
        return _minor_from_decimal(value, value)
    return _minor_from_text(value)


def minor_from_float(value: float) -> int:
    """Read a spreadsheet's binary number of roubles: 100.10000000000001 → 10010 minor units.

    Only the noise of binary storage is forgiven: the number must stand within a millionth of a minor unit
    from a whole one. Raises `NotAnAmount`.
    """
    if isinstance(value, bool) or not math.isfinite(value):
        raise NotAnAmount(f"Это не сумма: {value!r}.")
    # repr() is the shortest decimal that means this float: the noise seen is the noise the file really holds.
    minor = Decimal(repr(value)) * 100
    nearest = minor.to_integral_value()
    if abs(minor - nearest) > _FLOAT_NOISE:
        raise NotAnAmount(f"В сумме {value!r} больше двух знаков после запятой.")
    return _bounded(int(nearest), value)


def format_minor(minor: int, currency: Currency, language: str) -> str:
    """A sum for people: 1234560 → "12 345,60 ₽" (the spaces do not break). `language` is ru, kk, uk or en."""
    number = _pattern().apply(Decimal(minor).scaleb(-2), _locale(language))
    return f"{number}\u00a0{Currency(currency).sign}"


def plain_minor(minor: int) -> str:
    """A sum for files and machines: 1234560 → "12345.60". `parse_minor` reads it back."""
    sign = "-" if minor < 0 else ""
    whole, rest = divmod(abs(minor), 100)
    return f"{sign}{whole}.{rest:02d}"


def grouped_minor(minor: int) -> str:
    """A sum in a sentence about a file, without a currency: 459613241 → "4 596 132,41" (the spaces do not break)."""
    sign = "−" if minor < 0 else ""
    whole, rest = divmod(abs(minor), 100)
    return f"{sign}{whole:,}".replace(",", "\u00a0") + f",{rest:02d}"


def side(minor: int) -> Side:
    """On which side a balance stands: positive is what the resident owes ("debt"), negative is an advance."""
    if minor == 0:
        return "even"
    return "debt" if minor > 0 else "credit"


def _minor_from_text(text: str) -> int:
    shape = _SHAPE.fullmatch(_SPACES.sub(" ", text.strip()))
    if shape is None:
        raise NotAnAmount(f"Это не сумма: «{text}»." if text.strip() else "Сумма не указана.")
    whole = shape["whole"].replace(" ", "")
    marks = re.findall("[.,]", shape["rest"])
    parts = re.split("[.,]", shape["rest"])[1:]
    grouped_by_space = " " in shape["whole"]
    decimals = "" if not marks else parts.pop()
    if len(marks) > 1 and marks[-1] == marks[-2]:
        # The mark repeats ("1.234.567"), so it parts groups and there are no decimals.
        parts.append(decimals)
        decimals = ""
    grouping = marks[: len(parts)]
    if grouping and (
        grouped_by_space
        or len(set(grouping)) > 1
        or (decimals and marks[-1] in grouping)
        or not 1 <= len(whole) <= 3
        or any(len(part) != 3 for part in parts)
    ):
        raise NotAnAmount(f"Непонятно, где в сумме «{text}» дробная часть.")
    alone = len(marks) == 1 and len(decimals) == 3 and not grouped_by_space
    if alone and len(whole) <= 3 and not whole.startswith("0"):
        raise NotAnAmount(f"Сумму «{text}» можно прочесть и как тысячи, и как дробь. Запишите с копейками.")
    sign = "-" if shape["sign"] in ("-", "−") else ""
    return _minor_from_decimal(Decimal(f"{sign}{whole}{''.join(parts)}.{decimals or '0'}"), text)


def _minor_from_decimal(value: Decimal, told: object) -> int:
    if not value.is_finite():
        raise NotAnAmount(f"Это не сумма: {told}.")
    if abs(value) > MAX_MINOR:
        raise NotAnAmount(f"Сумма слишком велика: {told}.")
    fraction = value.normalize().as_tuple().exponent
    if isinstance(fraction, int) and fraction < -2:
        raise NotAnAmount(f"В сумме «{told}» больше двух знаков после запятой.")
    return _bounded(int(value.scaleb(2)), told)


def _bounded(minor: int, told: object) -> int:
    if abs(minor) > MAX_MINOR:
        raise NotAnAmount(f"Сумма слишком велика: {told}.")
    return minor


@lru_cache(maxsize=1)
def _pattern() -> NumberPattern:
    return parse_pattern("#,##0.00")


@lru_cache(maxsize=8)
def _locale(language: str) -> Locale:
    return Locale.parse(language)
