"""Where each check of the list leads: the page on which what is left can be done."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from okno.access.models import Membership
from okno.access.roles import may
from okno.ledger.months.checklist import Item

PAGES = {
    "bills": ("desk:imports", "exchange.view"),
    "imports": ("desk:imports", "exchange.view"),
    "feeds": ("desk:exchange", "exchange.view"),
    "quarantine": ("desk:quarantine", "exchange.view"),
    "unmatched": ("desk:payments", "exchange.match"),
    "penalties": ("desk:penalty_posting", "penalties.post"),
    "printed": ("desk:prints", "bills.print"),
}


@dataclass(frozen=True, slots=True)
class Linked:
    """A check with the address where its rest is done; "" for a page the person may not open."""

    item: Item
    url: str


def linked(membership: Membership, items: Iterable[Item]) -> list[Linked]:
    """The checks with their pages."""
    found = []
    for item in items:
        name, permission = PAGES.get(item.key, ("", ""))
        found.append(Linked(item, reverse(name) if name and may(membership, permission) else ""))
    return found
