"""Figures, days and phones written as people read them."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from okno.access import actor
from okno.common import clock, money
from okno.common.money import Currency

TONES = {
    "neutral": "idle",
    "warning": "warn",
    "bad": "late",
    "idle": "idle",
    "note": "note",
    "good": "good",
    "warn": "warn",
    "late": "late",
    "plan": "plan",
}


class NoCurrency(Exception):
    """A sum is shown outside any organisation and the currency was not told."""


def language() -> str:
    """The two-letter language of the page."""
    return (get_language() or "ru")[:2]


def time_zone() -> str:
    """The time zone of the organisation that the page is of; outside one, Moscow's."""
    acting = actor.current()
    return acting.organisation.time_zone if acting and acting.organisation else "Europe/Moscow"


def currency() -> Currency:
    """The currency of the organisation that the page is of. Raises NoCurrency."""
    acting = actor.current()
    if acting is None or acting.organisation is None:
        raise NoCurrency("Сумма вне организации: укажите валюту (currency)")
    return Currency(acting.organisation.currency)


def money_text(minor: int, *, of: Currency | None = None) -> str:
    """Minor units as plain text: 1234560 → «12 345,60 ₽»."""
    return money.format_minor(minor, of or currency(), language())


def money_html(minor: int, *, of: Currency | None = None, balance: bool = False) -> SafeString:
    """Minor units as HTML with quieter kopecks.

    With `balance` the sum is what a resident owes (positive) or overpaid (negative): the word «долг» or
    «переплата» stands before it and the minus is gone, so that nothing is told by colour or a sign alone.
    """
    side = money.side(minor)
    shown = money_text(abs(minor) if balance else minor, of=of).replace("-", "−")
    whole, mark, rest = shown.partition(",") if "," in shown else shown.partition(".")
    kopecks, _space, sign = rest.partition("\u00a0")
    figure = format_html('<b>{}</b><span class="minor">{}{}&nbsp;{}</span>', whole, mark, kopecks, sign)
    if not balance:
        return format_html('<span class="money">{}</span>', figure)
    if side == "even":
        return format_html('<span class="money"><span class="sign">{}</span></span>', _("долга нет"))
    word = _("долг") if side == "debt" else _("переплата")
    return format_html(
        '<span class="money" data-sign="{}"><span class="sign">{}</span>&nbsp;{}</span>', side, word, figure
    )


def balance_cell(minor: int) -> SafeString:
    """A balance in a column that is headed «Долг»: the word stands only where it is not a debt."""
    return money_html(minor) if minor > 0 else money_html(minor, balance=True)


def number_text(value: float) -> str:
    """1284 → «1 284» with a space that does not break."""
    return str(format_decimal(value, locale=language()))


def day_text(day: date, style: str = "short") -> str:
    """A calendar day: short «12.11.2026», long «12 ноября 2026 г.», words «сегодня», «вчера», «12 нояб.»."""
    if isinstance(day, datetime):
        day = day.astimezone(ZoneInfo(time_zone())).date()
    if style == "words":
        return _day_in_words(day)
    pattern = {"short": "dd.MM.yyyy", "long": "long"}[style]
    return str(format_date(day, format=pattern, locale=language()))


def _day_in_words(day: date) -> str:
    today = clock.today(time_zone())
    one = timedelta(days=1)
    near = {today: _("сегодня"), today - one: _("вчера"), today + one: _("завтра")}
    if day in near:
        return near[day]
    pattern = "d MMM" if day.year == today.year else "d MMM yyyy"
    return str(format_date(day, format=pattern, locale=language()))


def moment_text(at: datetime) -> str:
    """A moment in the organisation's time zone: «сегодня, 10:41»; `at` is aware."""
    local = at.astimezone(ZoneInfo(time_zone()))
    return f"{_day_in_words(local.date())}, {format_time(local, format='HH:mm', locale=language())}"


def time_text(at: datetime) -> str:
    """Hours and minutes in the organisation's time zone; `at` is aware."""
    return str(format_time(at.astimezone(ZoneInfo(time_zone())), format="HH:mm", locale=language()))


def month_text(month: date) -> str:
    """«ноябрь 2026»."""
    return str(format_date(month, format="LLLL yyyy", locale=language()))
