"""Phone numbers: from a cell full of anything to E.164, and back to something that may be shown."""

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberMatcher, PhoneNumberType

#: Digits of the longest number of our countries, +380 67 123 45 67.
_LONGEST = 12

_BETWEEN = re.compile(r"[,;|\n\r]|\s(?:и|та|або|или|және)\s|(?<=\d)\s*/\s*(?=[+\d(])", re.IGNORECASE)

_REASONS = {
    NumberParseException.INVALID_COUNTRY_CODE: "нет такого кода страны",
    NumberParseException.NOT_A_NUMBER: "в нём нет цифр номера",
    NumberParseException.TOO_SHORT_AFTER_IDD: "не хватает цифр",
    NumberParseException.TOO_SHORT_NSN: "не хватает цифр",
    NumberParseException.TOO_LONG: "лишние цифры",
}


class NotAPhone(ValueError):
    """The text is not a phone number that can be dialled from another town. `reason` says why, in Russian."""

    def __init__(self, raw: str, reason: str) -> None:
        super().__init__(f"Не похоже на телефон: «{raw}» ({reason}).")
        self.raw = raw
        self.reason = reason


def normalise(raw: str, country: str) -> str:
    """The number in E.164 ("+79121234567"); `country` (ru, kz, ua) tells how to read one without a code.

    Raises `NotAPhone`: local numbers without a town code and numbers outside the country's plan are refused.
    """
    number = _parse(raw, country)
    if not phonenumbers.is_possible_number(number):
        reason = phonenumbers.is_possible_number_with_reason(number)
        short = reason in (
            phonenumbers.ValidationResult.TOO_SHORT,
            phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY,
        )
        raise NotAPhone(raw, "не хватает цифр" if short else "лишние цифры или неверный код")
    if not phonenumbers.is_valid_number(number):
        raise NotAPhone(raw, "такого кода города или оператора нет")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_mobile(e164: str) -> bool:
    """Whether an SMS can be sent to this number (E.164)."""
    kind = phonenumbers.number_type(phonenumbers.parse(e164, None))
    return kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def pretty(e164: str) -> str:
    """The number for people, written the same way in all our countries: "+7 912 123-45-67"."""
    country, code, rest = _parts(e164)
    return f"+{country} {code} {rest[:-4]}-{rest[-4:-2]}-{rest[-2:]}"


def mask(e164: str) -> str:
    """The number with its middle hidden: "+7 912 ***-**-67". Country, code and the last two digits stay."""
    country, code, rest = _parts(e164)
    return f"+{country} {code} ***-**-{rest[-2:]}"


def split_phones(cell: str, country: str) -> list[str]:
    """The numbers written in one cell, as written, in their order. Pieces without digits are left out.

    What is not a phone stays in the list: `normalise` will say why it is not one.
    """
    found: list[str] = []
    for piece in _BETWEEN.split(cell):
        text = piece.strip()
        if not any(character.isdigit() for character in text):
            continue
        # Only several numbers in one piece need taking apart, and looking for them is slow.
        several = sum(character.isdigit() for character in text) > _LONGEST
        matches = [match.raw_string for match in PhoneNumberMatcher(text, country.upper())] if several else []
        found.extend(matches if len(matches) > 1 else [text])
    return found


def _parts(e164: str) -> tuple[int, str, str]:
    """Country code, the operator's or town's code, and the other digits (the last seven in our countries)."""
    number = phonenumbers.parse(e164, None)
    national = str(number.national_number)
    return number.country_code or 0, national[:-7], national[-7:]


def _parse(raw: str, country: str) -> PhoneNumber:
    text = raw.strip()
    if not text:
        raise NotAPhone(raw, "номер не указан")
    try:
        return phonenumbers.parse(text, country.upper())
    except NumberParseException as error:
        raise NotAPhone(raw, _REASONS[error.error_type]) from error
