"""What lists of rows that hang on an account have alike: its number and address, the filter by house, the search."""

from dataclasses import replace

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from okno.access import actor
from okno.common.folding import fold
from okno.houses.visibility import visible_to
from okno.web.parts.cells import Column
from okno.web.parts.filters import Choice

NUMBER = Column(key="number", title=_("Лицевой счёт"), value="account.number", sort="account__number")
ADDRESS = Column(key="house", title=_("Адрес"), value="account.flat.short_address", width="grow", clip=True)
SORTED_ADDRESS = replace(ADDRESS, sort="account__flat__house__sort_key")
"""For lists of which the database orders few rows at once."""


def houses_in_sight() -> list[tuple[str, str]]:
    """The houses the acting person sees, as options of a filter."""
    acting = actor.current()
    houses = visible_to(acting.membership if acting else None)
    return [(str(pk), words) for pk, words in houses.order_by("sort_key").values_list("pk", "short_address")]


HOUSE = Choice(key="house", title=_("Дом"), options=houses_in_sight, field="account__flat__house_id")


def named(text: str) -> Q:
    """Rows whose account's number or house is called so."""
    return Q(account__number__icontains=text) | Q(account__flat__house__search_text__contains=fold(text))
