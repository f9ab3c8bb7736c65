"""What the frame of every page shows: who is in, the menu, pinned lists, drafts, appearance."""

from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from okno.access.models import Membership, Organisation, User
from okno.common import clock
from okno.web.models import Draft, SavedView
from okno.web.parts import words
from okno.web.parts.menu import Link, links

THEMES = ("auto", "light", "dark", "contrast")


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedView:
    """A saved list in the rail."""

    name: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """The frame. `now` is when the page was made: «данные на 10:41»."""

    organisation: Organisation | None
    membership: Membership | None
    person: str
    theme: str
    hotkeys: bool
    now: str
    now_iso: str
    demo: bool
    menu: list[Link] = field(default_factory=list)
    views: list[PinnedView] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `shell` on every page. A fragment for htmx gets the frame without queries."""
    membership: Membership | None = getattr(request, "membership", None)
    someone = getattr(request, "user", None)
    user = someone if isinstance(someone, User) else None
    theme = user.theme if user else request.COOKIES.get("okno_theme", "auto")
    fragment = bool(request.headers.get("HX-Request")) and not request.headers.get("HX-Boosted")
    whole = membership is not None and not fragment
    now = clock.now()
    return {
        "page_words": words_for_scripts(),
        "shell": Shell(
            organisation=membership.organisation if membership else None,
            membership=membership,
            person=user.name or user.email if user else "",
            theme=theme if theme in THEMES else "auto",
            hotkeys=user.hotkeys if user else True,
            now=words.time_text(now),
            now_iso=now.astimezone(ZoneInfo(words.time_zone())).isoformat(timespec="seconds"),
            demo=bool(settings.DEMO or (membership and membership.organisation.is_demo)),
            menu=links(membership, path=request.path) if membership and whole else [],
            views=_pinned(membership) if membership and whole else [],
            drafts=_drafts(membership) if membership and whole else [],
        ),
    }


def _pinned(membership: Membership) -> list[PinnedView]:
    rows = SavedView.objects.filter(owner=membership, pinned=True).order_by("name")[:12]
    found = []
    for row in rows:
        try:
            found.append(PinnedView(name=row.name, url=f"{reverse(row.page)}?{row.query}"))
        except NoReverseMatch:
            continue
    return found


def _drafts(membership: Membership) -> list[Draft]:
    rows = Draft.objects.filter(organisation=membership.organisation, user=membership.user).exclude(url="")
    return list(rows.order_by("-saved_at")[:8])


def words_for_scripts() -> dict[str, str]:
    """Phrases that the elements of a page say themselves."""
    return {
        "lost": _("Связь потеряна, данные от"),
        "live": _("на связи, данные на"),
        "undo": _("Отменить"),
        "hide": _("Скрыть"),
        "failed": _("Не получилось. Код для поддержки:"),
        "denied": _("На это у вас нет права."),
        "gone": _("Запись уже изменили. Обновите страницу."),
        "offline": _("Нет связи с сервером. Проверьте сеть и повторите."),
        "key": _("Ключ не сработал: вход отменили, вышло время, или этому устройству он не знаком. Повторите."),
        "draft": _("Черновик сохранён"),
        "draftLocal": _("Нет связи. Черновик сохранён на этом компьютере"),
        "restored": _("Восстановлен черновик"),
        "late": _("просрочено на"),
        "day": _("д"),
        "hour": _("ч"),
        "minute": _("мин"),
        "second": pgettext("секунды", "с"),
    }
