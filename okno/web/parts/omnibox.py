"""The one search box: rooms' pages register what they can find, the box shows it in groups.

Each finder gets the membership and the words as typed; it is the finder that forgives a wrong layout
(`okno.common.folding`) and shows only what the person may see.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from okno.access.models import Membership
from okno.common.folding import fold, swap_layout
from okno.web.parts import menu


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One row: words, a quieter hint, something at the right (a sum), a drawing, a key."""

    title: str
    url: str
    hint: str = ""
    aside: str = ""
    icon: str = "arrow-right"
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rows of one sort, best first."""

    title: str | Promise
    rows: list[Found] = field(default_factory=list)


Finder = Callable[[Membership, str], Iterable[Group]]
_finders: list[tuple[int, Finder]] = []


def register(finder: Finder, *, order: int = 100) -> None:
    """Add a finder; the lower `order` is shown first. Menu entries and actions stand at 500."""
    _finders.append((order, finder))
    _finders.sort(key=lambda pair: pair[0])


def screens(membership: Membership, text: str) -> Iterable[Group]:
    """Screens whose words start as the text does, in either layout; with no text, those of the person's menu."""
    wanted = {fold(text), fold(swap_layout(text))} - {""}
    links = menu.links(membership, path="", counted=False)
    rows = [
        Found(
            title=str(link.entry.title),
            url=link.url,
            icon=link.entry.icon,
            key=f"KeyG {link.entry.key}" if link.entry.key else "",
        )
        for link in (links if not text else [*links, *menu.apart(membership)])
        if not text or any(word in f" {fold(str(link.entry.title))}" for word in (f" {one}" for one in wanted))
    ]
    return [Group(title=_("Перейти"), rows=rows)]


register(screens, order=500)


def find(membership: Membership, text: str) -> list[Group]:
    """All that is found, groups without rows left out."""
    groups = [group for _order, finder in _finders for group in finder(membership, text)]
    return [group for group in groups if group.rows]


def search(request: HttpRequest) -> HttpResponse:
    """GET ?q=…: rows for the box, or the page of the search when scripts are off."""
    membership: Membership | None = getattr(request, "membership", None)
    if membership is None:
        return HttpResponse(status=403)
    text = request.GET.get("q", "").strip()[:200]
    groups = find(membership, text)
    template = "parts/omnibox_results.html" if request.headers.get("HX-Request") else "parts/search.html"
    return render(request, template, {"groups": groups, "text": text})
