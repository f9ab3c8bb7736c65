"""The payment code of Russia: ГОСТ Р 56042-2014, "Стандарты финансовых операций. Двумерные символы штрихового кода".

A head (ST, version 0001, one digit of the encoding), then name=value pairs parted by one character. Five fields of the
payee come first and in their order; the rest may stand in any. The text of the standard was not read by us: field
limits and the test strings are those of open implementations (QRCoder, RussiaPaymentOrder).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from okno.exchange.paper.codes.unfit import UnfitForCode

#: Head → the encoding of everything after it.
ENCODINGS = {"ST00011": "cp1251", "ST00012": "utf-8"}

#: The usual separator first; another is taken when a value holds it (п. 5.2.1).
SEPARATORS = "|#~^*;!"

#: The head with the payee's five fields and their separators, in bytes.
LONGEST_PAYEE = 300

_LONGEST = {"Name": 160, "BankName": 45, "Purpose": 160, "PayeeINN": 12, "KPP": 9, "Sum": 18, "AddAmount": 18}
_SHAPES = {
    "PersonalAcc": (r"\d{20}", "нужно 20 цифр счёта"),
    "BIC": (r"\d{9}", "нужно 9 цифр"),
    "CorrespAcc": (r"\d{20}", "нужно 20 цифр корреспондентского счёта"),
    "Sum": (r"\d+", "сумма пишется целым числом копеек"),
    "AddAmount": (r"\d+", "сумма пишется целым числом копеек"),
    "PayeeINN": (r"\d{10}|\d{12}", "нужно 10 или 12 цифр"),
    "KPP": (r"[0-9A-Z]{9}", "нужно 9 знаков"),
}
_NO_MORE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class GostPayee:
    """Whose account it is; the five fields no code may lack."""

    name: str
    account: str
    bank_name: str
    bic: str
    correspondent_account: str

    @property
    def fields(self) -> dict[str, str]:
        """By their names in the standard, in its order."""
        return {
            "Name": self.name,
            "PersonalAcc": self.account,
            "BankName": self.bank_name,
            "BIC": self.bic,
            "CorrespAcc": self.correspondent_account,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class GostCode:
    """A payment to a payee. `more` are the other fields by their names in the standard, sums in kopecks."""

    payee: GostPayee
    more: Mapping[str, str] = field(default_factory=lambda: _NO_MORE)
    head: str = "ST00012"

    def payload(self) -> bytes:
        """The bytes of the code. Raises UnfitForCode naming the field."""
        fields = {**self.payee.fields, **{name: value for name, value in self.more.items() if value}}
        for name, value in fields.items():
            _check(name, value)
        separator = _separator(fields.values())
        encoding = ENCODINGS[self.head]
        written = [self.head.encode(), *(_encoded(name, value, encoding) for name, value in fields.items())]
        payee = separator.encode().join(written[:6]) + separator.encode()
        if len(payee) > LONGEST_PAYEE:
            longer = "" if encoding == "cp1251" else " или выберите код ST00011: в нём кириллица короче"
            reason = f"реквизиты занимают {len(payee)} байт, помещается {LONGEST_PAYEE}. Сократите название{longer}"
            raise UnfitForCode("Name", reason)
        return separator.encode().join(written)


def _check(name: str, value: str) -> None:
    if not value.strip():
        raise UnfitForCode(name, "не заполнено")
    if any(ord(character) < 32 for character in value):
        raise UnfitForCode(name, "в значении есть перевод строки или другой невидимый знак")
    longest = _LONGEST.get(name)
    if longest is not None and len(value) > longest:
        raise UnfitForCode(name, f"знаков {len(value)}, помещается {longest}")
    shape = _SHAPES.get(name)
    if shape is not None and not re.fullmatch(shape[0], value):
        raise UnfitForCode(name, shape[1])


def _separator(values: Iterable[str]) -> str:
    taken = set("".join(values))
    for character in SEPARATORS:
        if character not in taken:
            return character
    raise UnfitForCode("Name", f"в реквизитах есть все знаки из {SEPARATORS}: уберите хотя бы один")


def _encoded(name: str, value: str, encoding: str) -> bytes:
    try:
        return f"{name}={value}".encode(encoding)
    except UnicodeEncodeError as error:
        letter = value[error.start - len(name) - 1]
        raise UnfitForCode(name, f"знака «{letter}» нет в кодировке Windows-1251") from error
