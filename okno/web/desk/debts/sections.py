"""The tabs above everything that leaves: campaigns, calls, contacts, what left, refusals, the check of a day."""

from django.utils.translation import gettext_lazy as _

from okno.web.gatekeeper import Request
from okno.web.parts.tabs import Tab, tabs

SECTIONS = (
    ("desk:sending", _("Рассылки"), "send", "outreach.view"),
    ("desk:calling", _("Обзвон"), "phone-outgoing", "outreach.view"),
    ("desk:calls", _("Звонки"), "phone", "calls.view"),
    ("desk:outbox", _("Отправленное"), "mail-check", "outreach.view"),
    ("desk:contacts", _("Обращения"), "list-checks", "outreach.view"),
    ("desk:refusals", _("Отказы"), "shield-alert", "outreach.view"),
    ("desk:replay", _("Проверка дня"), "shield-check", "outreach.view"),
)


def sections(request: Request, current: str) -> list[Tab]:
    """The tabs, `current` being the name of the page shown."""
    return tabs(request.membership, SECTIONS, current)
