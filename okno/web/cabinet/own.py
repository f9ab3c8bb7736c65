"""What is a resident's own: the person behind the sign-in and the accounts they are entitled to hear about."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.http import Http404

from okno.common import clock
from okno.ledger.models import Account
from okno.people.entitlement import ENTITLED
from okno.people.models import Occupancy, Person
from okno.web.gatekeeper import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """The person and their flats today. `accounts` are of flats they own or pay for; `guests` of the others."""

    person: Person
    day: date
    accounts: list[Account]
    guests: list[Occupancy]


def today(request: Request) -> date:
    """The organisation's day."""
    return clock.today(request.organisation.time_zone)


def own(request: Request) -> Own | None:
    """Whose cabinet this is; None when the sign-in belongs to nobody the organisation knows."""
    person = Person.objects.filter(user=request.user.pk, organisation=request.organisation).first()
    if person is None:
        return None
    day = today(request)
    occupancies = list(_now(person, day).select_related("flat__house").order_by("pk"))
    entitled = {row.flat_id for row in occupancies if row.role in ENTITLED}
    return Own(
        person=person,
        day=day,
        accounts=list(_accounts(request, entitled)),
        guests=[row for row in occupancies if row.flat_id not in entitled],
    )


def account(request: Request, pk: int) -> tuple[Own, Account]:
    """One of the person's own accounts; 404 for any other."""
    found = own(request)
    mine = next((row for row in found.accounts if row.pk == pk), None) if found else None
    if found is None or mine is None:
        raise Http404
    return found, mine


def since(person: Person, account: Account) -> date | None:
    """From which day the person is something to this flat that entitles them; None: nobody knows, so all is theirs."""
    days = list(
        Occupancy.objects.filter(person=person, flat=account.flat_id, role__in=ENTITLED).values_list("since", flat=True)
    )
    return None if None in days else min((day for day in days if day), default=None)


def _accounts(request: Request, flats: set[int]) -> QuerySet[Account]:
    rows = Account.objects.filter(organisation=request.organisation, flat__in=flats)
    return rows.select_related("flat__house", "organisation").order_by("closed_on", "number")


def _now(person: Person, day: date) -> QuerySet[Occupancy]:
    begun = Q(since__isnull=True) | Q(since__lte=day)
    return Occupancy.objects.filter(begun & (Q(until__isnull=True) | Q(until__gte=day)), person=person)
