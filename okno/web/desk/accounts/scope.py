"""What a person of the desk may open: accounts, houses and people of the houses in sight; all else is not there."""

from datetime import date

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from okno.access.models import Membership
from okno.common import clock
from okno.houses.models import House
from okno.houses.visibility import visible_to
from okno.ledger.models import Account
from okno.people.models import Occupancy, Person


def today(membership: Membership) -> date:
    """The organisation's day."""
    return clock.today(membership.organisation.time_zone)


def accounts(membership: Membership) -> QuerySet[Account]:
    """The accounts of the houses in sight."""
    return Account.objects.filter(
        organisation_id=membership.organisation_id, flat__house__in=visible_to(membership)
    ).select_related("flat__house")


def account(membership: Membership, pk: int) -> Account:
    """One of them with its balance; 404 for any other."""
    rows = accounts(membership).select_related("flat__house", "flat__entrance", "balance", "organisation")
    return get_object_or_404(rows, pk=pk)


def house(membership: Membership, pk: int) -> House:
    """A house in sight; 404 for any other."""
    return get_object_or_404(visible_to(membership), pk=pk)


def people(membership: Membership) -> QuerySet[Person]:
    """People who are, or were, something to a flat of the houses in sight."""
    seen = Occupancy.objects.filter(flat__house__in=visible_to(membership))
    return Person.objects.filter(organisation_id=membership.organisation_id, pk__in=seen.values("person_id"))


def person(membership: Membership, pk: int) -> Person:
    """One of them; 404 for any other."""
    return get_object_or_404(people(membership), pk=pk)


def current(day: date, prefix: str = "") -> Q:
    """Occupancies in force on `day`; both ends are inclusive."""
    since, until = f"{prefix}since", f"{prefix}until"
    begun = Q(**{f"{since}__isnull": True}) | Q(**{f"{since}__lte": day})
    return begun & (Q(**{f"{until}__isnull": True}) | Q(**{f"{until}__gte": day}))
