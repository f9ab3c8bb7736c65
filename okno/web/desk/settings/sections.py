"""The tabs above the settings, those that the person may open."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from okno.access.roles import may
from okno.web.gatekeeper import Request

RULES = (
    ("desk:rules", gettext_lazy("Что считаем долгом"), "hand-coins", "settings.view"),
    ("desk:ladder", gettext_lazy("Шаги"), "trending-up", "settings.view"),
    ("desk:policy", gettext_lazy("Порядок обращений"), "clock", "settings.view"),
    ("desk:penalty_terms", gettext_lazy("Пени"), "percent", "settings.view"),
    ("desk:payment_details", gettext_lazy("Реквизиты"), "receipt-text", "settings.view"),
    ("desk:calendar", gettext_lazy("Рабочий календарь"), "calendar-days", "settings.view"),
    ("desk:law", gettext_lazy("Нормы"), "landmark", "settings.view"),
    ("desk:templates", gettext_lazy("Шаблоны"), "file-text", "settings.view"),
)
OFFICE = (
    ("desk:staff", gettext_lazy("Люди и права"), "user-cog", "access.manage"),
    ("desk:trail", gettext_lazy("Журнал действий"), "history", "access.view_trail"),
    ("desk:health", gettext_lazy("Здоровье"), "activity", "access.view_trail"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One tab."""

    title: str | Promise
    url: str
    icon: str
    current: bool
    count: int | None = None


def sections(request: Request, current: str) -> list[Section]:
    """The tabs of the group that `current` belongs to."""
    group = RULES if any(name == current for name, *_rest in RULES) else OFFICE
    return [
        Section(title=title, url=reverse(name), icon=icon, current=name == current)
        for name, title, icon, permission in group
        if may(request.membership, permission)
    ]
