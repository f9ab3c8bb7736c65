"""The tabs above the pages of one subject, those that the person may open."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise

from okno.access.models import Membership
from okno.access.roles import may

Told = tuple[str, str | Promise, str, str]
"""A page by its name in addresses (`desk:calls`), its words, drawing and permission."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One page of the subject; `count` is how many rows wait there, None where that is not told."""

    title: str | Promise
    url: str
    current: bool
    icon: str = ""
    count: int | None = None


def tabs(membership: Membership, told: Iterable[Told], current: str) -> list[Tab]:
    """The pages that `membership` may open, the one of the name `current` being shown."""
    return [
        Tab(title=title, url=reverse(name), icon=icon, current=name == current)
        for name, title, icon, permission in told
        if may(membership, permission)
    ]
