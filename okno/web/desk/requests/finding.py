"""What the search box finds of requests: by number, «заявка 12», and by their words."""

import re
from collections.abc import Iterable

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from okno.access.models import Membership
from okno.access.roles import may
from okno.web.desk.requests.register import in_sight, place
from okno.web.parts.omnibox import Found, Group

MOST = 5
_LONGEST = 7
"""A number of more digits is a phone or an account."""

_NUMBER = re.compile(r"(?:№|заявк\w*|заявк\w* №|өтінім\w*|#)?\s*(\d+)", re.IGNORECASE)
_LEAST_WORDS = 4


def find(membership: Membership, text: str) -> Iterable[Group]:
    """Requests in sight: the one of this number, else those that hold these words, the newest first."""
    if not may(membership, "requests.view"):
        return []
    number = _NUMBER.fullmatch(text)
    if number is not None and len(number.group(1)) <= _LONGEST:
        where = Q(number=int(number.group(1)))
    elif number is None and len(text) >= _LEAST_WORDS:
        where = Q(text__icontains=text)
    else:
        return []
    rows = in_sight(membership).filter(where).select_related("house", "flat__house").order_by("-created_at")[:MOST]
    found = [
        Found(
            title=_("Заявка № %(number)s") % {"number": one.number},
            hint=f"{place(one)} · {one.text[:60]}",
            aside=one.get_state_display(),
            icon="clipboard-list",
            url=reverse("desk:request", args=[one.pk]),
        )
        for one in rows
    ]
    return [Group(title=_("Заявки"), rows=found)]
