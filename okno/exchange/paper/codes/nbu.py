"""The payment code of Ukraine, by the rules of the National Bank (постанова Правління НБУ № 97 of 19.08.2025).

Lines in a fixed order. Format 001 is the lines themselves; 002 and 003 are a link of the National Bank with the lines
in Base64URL and bear the hryvnia sign in a white disc. The official text was not read by us: the order of the lines,
their limits and the examples are those of open implementations that cite it.
"""

import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass

from okno.exchange.paper.codes.unfit import UnfitForCode

FORMATS = ("001", "002", "003")
START = {"001": "", "002": "https://bank.gov.ua/qr/", "003": "https://qr.bank.gov.ua/"}

#: What one code may carry, in bytes, its link included.
LARGEST = {"001": 331, "002": 23 + 500, "003": 23 + 475}
_LONGEST_NAME = {"001": 70, "002": 70, "003": 140}
_LONGEST_PURPOSE = {"001": 140, "002": 140, "003": 420}

#: Category and purpose of ISO 20022 as the rules' own example of a utility payment has them.
UTILITIES = "SUPP/SUPP"
#: The mask that leaves the amount alone open to the payer, as the rules' example has it.
AMOUNT_MAY_CHANGE = "FEFF"

#: Version of the code → diameter of the white disc under the hryvnia sign, in modules.
DISC = {10: 17, 11: 19, 12: 19, 13: 21, 14: 23, 15: 23, 16: 25, 17: 25}


@dataclass(frozen=True, slots=True, kw_only=True)
class NbuCode:
    """A credit transfer to an IBAN. `reference` ties the payment to its bill (format 003 only)."""

    name: str
    iban: str
    code: str
    purpose: str
    amount_minor: int
    format: str = "003"
    reference: str = ""

    def payload(self) -> bytes:
        """The bytes of the code. Raises UnfitForCode naming the field."""
        self._check()
        text = "\n".join(self._lines())
        if self.format == "001":
            written = _encoded(text, "utf-8")
        else:
            written = (START[self.format].encode()) + urlsafe_b64encode(_encoded(text, "cp1251")).rstrip(b"=")
        if len(written) > LARGEST[self.format]:
            raise UnfitForCode(
                "Призначення платежу", f"код занимает {len(written)} байт, помещается {LARGEST[self.format]}"
            )
        return written

    def _lines(self) -> list[str]:
        encoding = "1" if self.format == "001" else "2"
        lines = ["BCD", self.format, encoding, "UCT", "", self.name, self.iban, _amount(self.amount_minor), self.code]
        if self.format != "003":
            return [*lines, "", "", self.purpose, ""]
        return [*lines, UTILITIES, self.reference, self.purpose, "", AMOUNT_MAY_CHANGE, "", "", ""]

    def _check(self) -> None:
        for field, value, longest in (
            ("Отримувач", self.name, _LONGEST_NAME[self.format]),
            ("Призначення платежу", self.purpose, _LONGEST_PURPOSE[self.format]),
            ("Код отримувача", self.code, 10),
        ):
            if not value.strip():
                raise UnfitForCode(field, "не заполнено")
            if len(value) > longest:
                raise UnfitForCode(field, f"знаков {len(value)}, помещается {longest}")
            if any(ord(character) < 32 for character in value):
                raise UnfitForCode(field, "в значении есть перевод строки или другой невидимый знак")
        if not re.fullmatch(r"UA\d{27}", self.iban):
            raise UnfitForCode("Рахунок отримувача", "нужен IBAN: UA и 27 цифр")
        if not re.fullmatch(r"[ -~]{0,35}", self.reference):
            raise UnfitForCode("Reference", "до 35 латинских букв и цифр")
        if not 0 <= self.amount_minor <= 99_999_999_999:
            raise UnfitForCode("Сума", "сумма больше 999 999 999,99")


def _amount(minor: int) -> str:
    """Kopecks are two digits or left out: UAH2998.39, UAH150."""
    whole, rest = divmod(minor, 100)
    return f"UAH{whole}.{rest:02d}" if rest else f"UAH{whole}"


def _encoded(text: str, encoding: str) -> bytes:
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as error:
        raise UnfitForCode("Призначення платежу", f"знака «{text[error.start]}» нет в Windows-1251") from error
