"""The tabs above everything that leaves: campaigns, calls, contacts, what left, refusals, the check of a day."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from okno.access.roles import may
from okno.web.gatekeeper import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One tab."""

    title: str
    url: str
    icon: str
    current: bool
    count: int | None = None


def sections(request: Request, current: str) -> list[Section]:
    """The tabs, `current` being the address of the page shown."""
    told = (
        ("desk:sending", _("Рассылки"), "send"),
        ("desk:calling", _("Обзвон"), "phone-outgoing"),
        ("desk:calls", _("Звонки"), "phone"),
        ("desk:outbox", _("Отправленное"), "mail-check"),
        ("desk:contacts", _("Обращения"), "list-checks"),
        ("desk:refusals", _("Отказы"), "shield-alert"),
        ("desk:replay", _("Проверка дня"), "shield-check"),
    )
    return [
        Section(title=title, url=reverse(name), icon=icon, current=name == current)
        for name, title, icon in told
        if name != "desk:calls" or may(request.membership, "calls.view")
    ]
