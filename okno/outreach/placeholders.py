"""What may stand in braces in a template: one table with a meaning, an example and the way it is filled."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date
from django.utils.translation import gettext_lazy as _

from okno.common.money import Currency, format_minor


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What one message tells, before it is put into words of a language."""

    name: str
    house: str
    flat: str
    flat_kind: str
    account: str
    organisation: str
    currency: str
    phone: str = ""
    email: str = ""
    pay_url: str = ""
    debt_minor: int = 0
    months_owed: int = 0
    overdue_since: date | None = None
    on: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Placeholder:
    """One name in braces. `personal` says that it tells a debt: only an entitled person may read it."""

    name: str
    meaning: Any
    example: str
    fill: Callable[[Told, str], str]
    personal: bool = False


_FLAT = {"ru": "кв. {}", "uk": "кв. {}", "kk": "{}-пәтер", "en": "flat {}"}
_PREMISES = {"ru": "пом. {}", "uk": "прим. {}", "kk": "{}-үй-жай", "en": "unit {}"}


def _address(told: Told, language: str) -> str:
    words = _FLAT if told.flat_kind in ("flat", "apartment") else _PREMISES
    return f"{told.house}, {words[language].format(told.flat)}" if told.flat else told.house


def _months(told: Told, language: str) -> str:
    """The count with its noun: "1 месяц", "2 месяца", "5 месяцев"; Kazakh keeps one form after a number."""
    count = told.months_owed
    if language == "kk":
        return f"{count} ай"
    if language == "en":
        return f"{count} month" if count == 1 else f"{count} months"
    forms = ("месяц", "месяца", "месяцев") if language == "ru" else ("місяць", "місяці", "місяців")
    if count % 10 == 1 and count % 100 != 11:
        return f"{count} {forms[0]}"
    return f"{count} {forms[1] if 2 <= count % 10 <= 4 and not 12 <= count % 100 <= 14 else forms[2]}"


def _day(day: date | None, language: str) -> str:
    if day is None:
        return ""
    return format_date(day, "dd.MM.yyyy", locale=language)


PLACEHOLDERS: dict[str, Placeholder] = {
    one.name: one
    for one in (
        Placeholder(
            name="name",
            meaning=_("имя и отчество адресата, в именительном падеже"),
            example="Анна Петровна",
            fill=lambda told, language: told.name,
        ),
        Placeholder(
            name="address",
            meaning=_("адрес помещения"),
            example="ул. Ленина, 5, кв. 12",
            fill=_address,
        ),
        Placeholder(
            name="account",
            meaning=_("номер лицевого счёта"),
            example="1000512",
            fill=lambda told, language: told.account,
        ),
        Placeholder(
            name="debt",
            meaning=_("сумма долга на момент отправки, с валютой"),
            example="12 345,60 ₽",
            fill=lambda told, language: format_minor(told.debt_minor, Currency(told.currency), language),
            personal=True,
        ),
        Placeholder(
            name="months",
            meaning=_("за сколько месяцев долг, словом с числом"),
            example="3 месяца",
            fill=_months,
            personal=True,
        ),
        Placeholder(
            name="since",
            meaning=_("с какого дня идёт просрочка"),
            example="15.08.2026",
            fill=lambda told, language: _day(told.overdue_since, language),
            personal=True,
        ),
        Placeholder(
            name="day",
            meaning=_("сегодняшний день по времени дома"),
            example="18.11.2026",
            fill=lambda told, language: _day(told.on, language),
        ),
        Placeholder(
            name="pay_url",
            meaning=_("страница оплаты организации"),
            example="https://pay.example.org/",
            fill=lambda told, language: told.pay_url,
        ),
        Placeholder(
            name="organisation",
            meaning=_("название организации"),
            example="УК «Наш дом»",
            fill=lambda told, language: told.organisation,
        ),
        Placeholder(
            name="phone",
            meaning=_("телефон организации для жителей"),
            example="+7 495 000-00-00",
            fill=lambda told, language: told.phone,
        ),
        Placeholder(
            name="email",
            meaning=_("почта организации для жителей"),
            example="dom@example.org",
            fill=lambda told, language: told.email,
        ),
    )
}

EXAMPLE = Told(
    name="Анна Петровна",
    house="ул. Ленина, 5",
    flat="12",
    flat_kind="flat",
    account="1000512",
    organisation="УК «Наш дом»",
    currency="RUB",
    phone="+7 495 000-00-00",
    email="dom@example.org",
    pay_url="https://pay.example.org/",
    debt_minor=1_234_560,
    months_owed=3,
    overdue_since=date(2026, 8, 15),
    on=date(2026, 11, 18),
)
"""An account that never was, for looking at a template."""
