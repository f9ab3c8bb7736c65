"""The tabs above all pages of calls and of their scenarios."""

from django.utils.translation import gettext_lazy as _

from okno.web.gatekeeper import Request
from okno.web.parts.tabs import Tab, tabs

SECTIONS = (
    ("desk:calls_live", _("Сейчас"), "phone-call", "calls.view"),
    ("desk:calls", _("Журнал"), "list", "calls.view"),
    ("desk:calls_words", _("Поиск по словам"), "search", "calls.listen"),
    ("desk:listening", _("Прослушивание"), "list-checks", "calls.listen"),
    ("desk:corrections", _("Исправления"), "pencil", "calls.listen"),
    ("desk:call_results", _("Результаты"), "chart-column", "calls.results"),
    ("desk:scenarios", _("Сценарии"), "route", "scenarios.view"),
)


def sections(request: Request, current: str) -> list[Tab]:
    """The tabs, `current` being the name of the page shown."""
    return tabs(request.membership, SECTIONS, current)
