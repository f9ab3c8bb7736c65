"""The facts of a call for readings: every meter of every account the person has, and what figure would look wrong."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from okno.dialogs.facts.common import of_organisation
from okno.houses.models import Meter, MeterKind
from okno.ledger.models import Account
from okno.people.models import Occupancy, OccupancyRole

VERIFY_SOON = timedelta(days=60)
FAR_ABOVE = 3
"""A reading that spends so many times the most ever spent between two readings is asked about."""
LEAST_ROOM = Decimal(50)
"""What a meter with little history may show more without a question."""
LAST_FIGURES = 4
"""So many last signs of a meter's number are enough to tell it from its neighbour."""

AT_HOME = (OccupancyRole.PAYER, OccupancyRole.OWNER, OccupancyRole.TENANT, OccupancyRole.RESIDENT)
"""Who may be asked what a meter shows, the surest first."""


def of_readings(account: Account, day: date, person_id: int | None = None) -> dict[str, Any]:
    """The facts of a call about `account` on `day`; a person of several flats is asked about all of them."""
    person = person_id or _at_home(account, day)
    accounts = [account] if person is None else accounts_of([person], account.organisation_id, day)
    own = [one for one in accounts if one.pk != account.pk]
    return {
        **of_organisation(account.organisation, day),
        "account_id": account.pk,
        "meters": meters_of([account, *own], day),
    }


def accounts_of(people: Sequence[int], organisation_id: int, day: date) -> list[Account]:
    """The open accounts of the flats where any of these people lives or owns on `day`, each once."""
    flats = Occupancy.objects.filter(_on(day), person__in=people, role__in=AT_HOME).values("flat_id")
    rows = Account.objects.filter(organisation_id=organisation_id, flat__in=flats, closed_on=None)
    return list(rows.select_related("organisation", "flat__house").order_by("flat__house__sort_key", "pk"))


def _at_home(account: Account, day: date) -> int | None:
    """Who answers for the flat: the payer, else an owner, else whoever lives there."""
    rows = Occupancy.objects.filter(_on(day), flat=account.flat, role__in=AT_HOME).order_by("pk")
    people = sorted(rows.values_list("role", "person_id"), key=lambda row: AT_HOME.index(OccupancyRole(row[0])))
    return people[0][1] if people else None


def _on(day: date) -> Q:
    return (Q(since=None) | Q(since__lte=day)) & (Q(until=None) | Q(until__gte=day))


def meters_of(accounts: Iterable[Account], day: date, places: Mapping[int, str] | None = None) -> list[dict[str, Any]]:
    """Every meter of these flats that does not report itself, a tariff at a time, flat by flat.

    `places` are what is told as the address, by account; without them it is the address.
    """
    by_flat = {one.flat_id: one for one in accounts}
    told = {flat: (places or {}).get(one.pk) or one.flat.short_address for flat, one in by_flat.items()}
    flats = list(told)
    rows = Meter.objects.filter(flat__in=flats, removed_on=None, automatic=False).prefetch_related("readings")
    ordered = sorted(rows, key=lambda one: (flats.index(one.flat_id), one.kind, one.number))
    return [
        {
            **_meter(meter, tariff, day),
            "account_id": by_flat[meter.flat_id].pk,
            "address": told[meter.flat_id],
        }
        for meter in ordered
        for tariff in range(1, meter.tariffs + 1)
    ]


def _meter(meter: Meter, tariff: int, day: date) -> dict[str, Any]:
    """A meter as the scenario asks about it: what it showed last, and from what reading on a figure looks wrong."""
    shown = sorted((one.taken_on, one.value) for one in meter.readings.all() if one.tariff == tariff)
    last = shown[-1][1] if shown else Decimal(0)
    spent = max((later[1] - earlier[1] for earlier, later in pairwise(shown[-13:])), default=last)
    soon = meter.next_verification_on is not None and meter.next_verification_on <= day + VERIFY_SOON
    kind = str(MeterKind(meter.kind).label)
    return {
        "meter": meter.pk,
        "tariff": tariff,
        "resource": meter.kind,
        "kind": kind if meter.tariffs == 1 else _("%(kind)s, тариф %(tariff)s") % {"kind": kind, "tariff": tariff},
        "number": meter.number[-LAST_FIGURES:],
        "last": _plain(last),
        "most": _plain(last + max(spent * FAR_ABOVE, LEAST_ROOM)),
        "verify_on": meter.next_verification_on.isoformat() if soon and meter.next_verification_on else None,
    }


def _plain(value: Decimal) -> str:
    """As people read a meter: 551.8, not 551.800."""
    return f"{value.normalize():f}"
