"""The tabs above the settings, those that the person may open."""

from django.utils.translation import gettext_lazy

from okno.web.gatekeeper import Request
from okno.web.parts.tabs import Tab, tabs

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


def sections(request: Request, current: str) -> list[Tab]:
    """The tabs of the group that `current` belongs to."""
    group = RULES if any(name == current for name, *_rest in RULES) else OFFICE
    return tabs(request.membership, group, current)
