"""Which month an address names and whose houses of it a person may see."""

from collections.abc import Sequence
from datetime import date

from django.http import Http404

from okno.access.models import Membership
from okno.common import clock, days
from okno.houses.models import House
from okno.houses.visibility import visible_to
from okno.ledger.months import reading
from okno.ledger.months.reading import MonthState
from okno.web.gatekeeper import Request


def month_of(request: Request, text: str) -> MonthState:
    """The month «2026-10» of the organisation's books; 404 for a text that is no month or one without entries."""
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise Http404 from error
    for state in reading.course(request.organisation, today(request.membership)):
        if state.month == month:
            return state
    raise Http404


def today(membership: Membership) -> date:
    """The day it is in the organisation."""
    return clock.today(membership.organisation.time_zone)


def address(month: date) -> str:
    """The month as it stands in an address: «2026-10»."""
    return f"{month:%Y-%m}"


def over_on(month: date) -> date:
    """The day from which on the month may be closed."""
    return days.add_months(month, 1)


def sees_all(membership: Membership) -> bool:
    """Whether whole months are shown and closed: a narrowed sight has the figures of its own houses only."""
    return membership.all_houses


def houses(membership: Membership) -> dict[int, House]:
    """The houses in sight by id, in the order of addresses."""
    return {house.pk: house for house in visible_to(membership).order_by("sort_key", "pk")}


def ids(membership: Membership) -> Sequence[int] | None:
    """The houses to ask about; None: all of the organisation."""
    return None if membership.all_houses else list(houses(membership))
