"""Numbers by which states and banks know people, firms and accounts, with their check digits.

Russia: ИНН, ОГРН, СНИЛС, БИК and the key of an account. Kazakhstan: ИИН, БИН. Ukraine: РНОКПП, ЄДРПОУ.
All countries: IBAN (ISO 13616). A right check digit says that a number was not mistyped, not that it exists.
"""

import re
from collections.abc import Callable
from datetime import date
from enum import StrEnum

from stdnum.exceptions import InvalidChecksum, InvalidFormat, InvalidLength, ValidationError
from stdnum.ru import inn as ru_inn
from stdnum.ru import ogrn as ru_ogrn
from stdnum.ua import edrpou as ua_edrpou
from stdnum.ua import rntrc as ua_rntrc

_LENGTH, _DIGITS, _KEY = (
    "неверное число знаков",
    "лишние знаки",
    "не сходится контрольная цифра, проверьте, не пропущена ли или не переставлена цифра",
)

_BIN_SHAPE = re.compile(r"\d{2}(0[1-9]|1[0-2])[4-6]\d{7}")
_IBAN_SHAPE = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_IBAN_LENGTHS = {"KZ": 20, "UA": 29}

#: The seventh digit of an ИИН names the century of birth; 0 is given to foreigners and names none.
_IIN_CENTURIES = {"1": 1800, "2": 1800, "3": 1900, "4": 1900, "5": 2000, "6": 2000}
_IIN_WEIGHTS = ((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2))


class Kind(StrEnum):
    """What kind of number it is. The value is what tables keep."""

    INN = "inn"
    OGRN = "ogrn"
    SNILS = "snils"
    BIC = "bic"
    IIN = "iin"
    BIN = "bin"
    RNOKPP = "rnokpp"
    EDRPOU = "edrpou"
    IBAN = "iban"

    @property
    def label(self) -> str:
        """The name people know it by."""
        return _LABELS[self]


_LABELS = {
    Kind.INN: "ИНН",
    Kind.OGRN: "ОГРН",
    Kind.SNILS: "СНИЛС",
    Kind.BIC: "БИК",
    Kind.IIN: "ИИН",
    Kind.BIN: "БИН",
    Kind.RNOKPP: "РНОКПП",
    Kind.EDRPOU: "ЄДРПОУ",
    Kind.IBAN: "IBAN",
}


class NotAnIdentityNumber(ValueError):
    """The number is not one of its kind; the message says why, in Russian."""

    def __init__(self, label: str, value: str, reason: str) -> None:
        super().__init__(f"{label} «{value}»: {reason}.")
        self.reason = reason


def check(kind: Kind | str, value: str) -> str:
    """The number as it is stored: digits (and letters for IBAN) without spaces and hyphens.

    Raises `NotAnIdentityNumber`.
    """
    kind = Kind(kind)
    compact = re.sub(r"[\s\u00a0-]", "", value).upper()
    try:
        _CHECKS[kind](compact)
    except _Wrong as error:
        raise NotAnIdentityNumber(kind.label, value, str(error)) from error
    return compact


def check_bank_account(account: str, bic: str) -> str:
    """The twenty digits of a Russian account whose key agrees with the bank's БИК.

    Source: the order of the account key, ЦБ РФ № 515 of 08.09.1997: weights 7, 1, 3 over the bank's three
    digits and the account. Raises `NotAnIdentityNumber`.
    """
    compact = re.sub(r"[\s\u00a0-]", "", account)
    bank = check(Kind.BIC, bic)
    if not re.fullmatch(r"[0-9]{20}", compact):
        raise NotAnIdentityNumber("Счёт", account, "в нём должно быть 20 цифр")
    # Correspondent accounts, and accounts kept at the Bank of Russia itself, are keyed by its branch.
    at_central_bank = compact.startswith("301") or bank[6:] in ("000", "001", "002")
    prefix = "0" + bank[4:6] if at_central_bank else bank[6:]
    total = sum(int(digit) * weight for digit, weight in zip(prefix + compact, (7, 1, 3) * 8, strict=False))
    if total % 10:
        raise NotAnIdentityNumber("Счёт", account, "не сходится ключ с БИК банка, проверьте счёт и БИК")
    return compact


class _Wrong(ValueError):
    """Why one number is wrong, in Russian."""


def _digits(compact: str, *lengths: int) -> None:
    if not re.fullmatch(r"[0-9]+", compact):
        raise _Wrong(_DIGITS)
    if len(compact) not in lengths:
        raise _Wrong(f"{_LENGTH}: {len(compact)} вместо {' или '.join(map(str, lengths))}")


def _by_stdnum(validate: Callable[[str], str], *lengths: int) -> Callable[[str], None]:
    def checked(compact: str) -> None:
        _digits(compact, *lengths)
        try:
            validate(compact)
        except InvalidChecksum as error:
            raise _Wrong(_KEY) from error
        except (InvalidFormat, InvalidLength, ValidationError) as error:
            raise _Wrong("такого номера не бывает") from error

    return checked


def _snils(compact: str) -> None:
    """Eleven digits; the last two are the sum of digits by 9…1, modulo 101, 100 written as 00."""
    _digits(compact, 11)
    # Numbers up to 001-001-998 were issued before the check digits and carry none.
    if int(compact[:9]) <= 1_001_998:
        return
    total = sum(int(digit) * weight for digit, weight in zip(compact[:9], range(9, 0, -1), strict=True))
    if total % 101 % 100 != int(compact[9:]):
        raise _Wrong(_KEY)


def _bic(compact: str) -> None:
    _digits(compact, 9)
    # 04 is Russia; 00, 01 and 02 are clients of the Bank of Russia that are not banks, such as the treasury.
    if compact[:2] not in ("00", "01", "02", "04"):
        raise _Wrong("БИК российского банка начинается с 04")


def _twelve_digit_key(compact: str) -> None:
    """The check digit of ИИН and БИН: weights 1…11; if that gives 10, 3…11, 1, 2; 10 again is invalid."""
    for weights in _IIN_WEIGHTS:
        key = sum(int(digit) * weight for digit, weight in zip(compact[:11], weights, strict=True)) % 11
        if key < 10:
            break
    if key != int(compact[11]):
        raise _Wrong(_KEY)


def _iin(compact: str) -> None:
    _digits(compact, 12)
    _twelve_digit_key(compact)
    if compact[6] not in "0123456":
        raise _Wrong("седьмая цифра ИИН бывает от 0 до 6")
    try:
        # Without a century a leap year is allowed to be one.
        date(_IIN_CENTURIES.get(compact[6], 2000) + int(compact[:2]), int(compact[2:4]), int(compact[4:6]))
    except ValueError as error:
        raise _Wrong("ИИН начинается с даты рождения, а такой даты нет") from error


def _bin(compact: str) -> None:
    _digits(compact, 12)
    _twelve_digit_key(compact)
    if not _BIN_SHAPE.fullmatch(compact):
        raise _Wrong("это не БИН: месяц или вид лица записаны неверно")


def _iban(compact: str) -> None:
    """ISO 13616: moved to the end and read as a number (A = 10 … Z = 35), the remainder by 97 is 1."""
    if not _IBAN_SHAPE.fullmatch(compact):
        raise _Wrong("нужны две буквы страны, две цифры и номер счёта латиницей")
    expected = _IBAN_LENGTHS.get(compact[:2])
    if expected is not None and len(compact) != expected:
        raise _Wrong(f"{_LENGTH}: {len(compact)} вместо {expected}")
    if int("".join(str(int(character, 36)) for character in compact[4:] + compact[:4])) % 97 != 1:
        raise _Wrong(_KEY)


_CHECKS: dict[Kind, Callable[[str], None]] = {
    Kind.INN: _by_stdnum(ru_inn.validate, 10, 12),
    Kind.OGRN: _by_stdnum(ru_ogrn.validate, 13, 15),
    Kind.SNILS: _snils,
    Kind.BIC: _bic,
    Kind.IIN: _iin,
    Kind.BIN: _bin,
    Kind.RNOKPP: _by_stdnum(ua_rntrc.validate, 10),
    Kind.EDRPOU: _by_stdnum(ua_edrpou.validate, 8),
    Kind.IBAN: _iban,
}
