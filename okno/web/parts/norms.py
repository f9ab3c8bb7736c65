"""Values of the law in words: «14 % годовых», «до 100 000: 4 000», «с 08:00 до 22:00»."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from okno.web.parts import words

TOPICS = {
    "penalty": gettext_lazy("Пеня"),
    "key_rate": gettext_lazy("Ставки"),
    "base_rate": gettext_lazy("Ставки"),
    "refinancing_rate": gettext_lazy("Ставки"),
    "inflation": gettext_lazy("Индексы"),
    "mrp": gettext_lazy("Показатели"),
    "dues": gettext_lazy("Взносы"),
    "due_day": gettext_lazy("Срок оплаты"),
    "allocation": gettext_lazy("Разнесение платежей"),
    "limitation": gettext_lazy("Исковая давность"),
    "court": gettext_lazy("Суд и нотариус"),
    "contact_hours": gettext_lazy("Часы и частота обращений"),
    "robot_calls": gettext_lazy("Звонки робота"),
}
"""What a topic of the law is called; the order is that of the page."""

STEPS = {
    "stated_period": gettext_lazy("период, который назвал плательщик"),
    "oldest_not_time_barred": gettext_lazy("самый старый долг, не погашенный давностью"),
    "oldest": gettext_lazy("самый старый долг"),
    "advance": gettext_lazy("аванс"),
    "principal": gettext_lazy("основной долг"),
    "penalty": gettext_lazy("пеня"),
    "proportionally": gettext_lazy("пропорционально"),
}
READINGS = {
    "letter": gettext_lazy("по письму министерства: счёт за февраль"),
    "march": gettext_lazy("по тексту закона: счёт за март"),
}


def topic_title(topic: str) -> str:
    """The heading under which a topic stands."""
    return str(TOPICS.get(topic, topic))


def value_text(value: Any, unit: str) -> str:
    """A value of a norm in words."""
    tell = _TELLERS.get(unit)
    return tell(value) if tell else str(value)


def _number(value: Any) -> str:
    number = value if isinstance(value, int) else Decimal(str(value))
    return str(format_decimal(number, format="#,##0.####", locale=words.language()))


def _count(one: str, many: str) -> Callable[[Any], str]:
    return lambda value: ngettext(one, many, int(value)) % {"count": _number(value)}


def _years(value: int | None) -> str:
    if value is None:
        return _("не ограничено")
    return ngettext("%(count)s год", "%(count)s лет", value) % {"count": value}


def _money(value: Any) -> str:
    return words.money_text(int(Decimal(str(value)) * 100))


def _hours(value: Mapping[str, Any] | None) -> str:
    return _("с %(opens)s до %(closes)s") % value if value else _("никого не беспокоить")


def _contacts(value: Mapping[str, Any]) -> str:
    told = {key: _("сколько угодно") if count is None else count for key, count in value.items()}
    return _("в день %(day)s, в неделю %(week)s, в месяц %(month)s") % told


def _fee(value: Sequence[Mapping[str, Any]]) -> str:
    told = []
    for step in value:
        parts = [_money(step["fixed"])] if step["fixed"] else []
        parts += [f"{_number(step['percent'])}\u00a0%"] if step["percent"] else []
        most = _(", не больше %(most)s") % {"most": _money(step["most"])} if step.get("most") else ""
        told.append(
            _("свыше %(above)s: %(fee)s%(most)s")
            % {"above": _money(step["above"]), "fee": " + ".join(parts) or "0", "most": most}
        )
    return "; ".join(told)


def _periods(value: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(
        _("с %(since)s по %(until)s")
        % {
            "since": words.day_text(date.fromisoformat(str(one["since"]))),
            "until": words.day_text(date.fromisoformat(str(one["until"]))) if one.get("until") else "…",
        }
        for one in value
    )


_TELLERS: dict[str, Callable[[Any], str]] = {
    "day of month": lambda value: _("%(day)s-е число") % {"day": value},
    "yes or no": lambda value: _("да") if value else _("нет"),
    "years": _years,
    "months": _count("%(count)s месяц", "%(count)s месяцев"),
    "days": _count("%(count)s день", "%(count)s дней"),
    "percent": lambda value: f"{_number(value)}\u00a0%",
    "percent a year": lambda value: _("%(percent)s %% годовых") % {"percent": _number(value)},
    "percent a day": lambda value: _("%(percent)s %% в день") % {"percent": _number(value)},
    "percent of the month before": lambda value: _("%(percent)s %% к прошлому месяцу") % {"percent": _number(value)},
    "multiplier": _number,
    "money": _money,
    "steps of a fee": _fee,
    "hours of the day": _hours,
    "contacts": _contacts,
    "steps": lambda value: " → ".join(str(STEPS.get(step, step)) for step in value),
    "periods": _periods,
    "reading": lambda value: str(READINGS.get(value, value)),
}

DRAWN = frozenset({"percent a year", "percent a day", "percent", "percent of the month before", "money", "multiplier"})
"""Units whose values are worth a picture."""
