"""What a scenario must know of an account before the first word: read once, at the moment the call begins."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import psycopg
from django.db import connection
from django.utils import translation
from django.utils.translation import gettext as _

from okno.debts.ageing import debts_of
from okno.debts.definition import in_force, measure
from okno.houses.models import Meter, MeterKind
from okno.ledger.models import Account
from okno.people.entitlement import entitled
from okno.people.models import Person

LONGEST_PROMISE = timedelta(days=30)
"""A promise for later than this is no promise: the person is offered a plan."""
PLAN_PAYMENTS = 6
VERIFY_SOON = timedelta(days=60)
FAR_ABOVE = 3
"""A reading that spends so many times the most ever spent between two readings is asked about."""
LEAST_ROOM = Decimal(50)
"""What a meter with little history may show more without a question."""
LAST_FIGURES = 4
"""So many last signs of a meter's number are enough to tell it from its neighbour."""


class NobodyToCall(LookupError):
    """Nobody is entitled to hear about this account's debt."""


class NothingOwed(LookupError):
    """The account owes nothing that a reminder could speak of."""


def of(scenario: str, account: Account, day: date, language: str) -> Mapping[str, Any]:
    """What `scenario` needs for `account` on `day`, worded in `language`. Raises `NobodyToCall`, `NothingOwed`."""
    with translation.override(language):
        return _BY_SCENARIO[scenario](account, day)


def of_debt(account: Account, day: date) -> Mapping[str, Any]:
    """The facts of a debt notice for `account` on `day` (the organisation's). Raises `NobodyToCall`, `NothingOwed`."""
    organisation, flat = account.organisation, account.flat
    connection.ensure_connection()
    cursor = psycopg.Cursor(connection.connection)
    people = entitled(cursor, [account.pk], day).get(account.pk, [])
    if not people:
        raise NobodyToCall(
            _("По счёту %(number)s некому сообщать о долге: укажите собственника или плательщика.")
            % {"number": account.number}
        )
    by = measure(in_force(organisation, day), organisation.country, day)
    debt = debts_of(cursor, [account.pk], by).get(account.pk)
    if debt is None or not by.met_by(debt.debt_minor):
        raise NothingOwed(_("Счёт %(number)s ничего не должен.") % {"number": account.number})
    return {
        "today": day.isoformat(),
        "currency": organisation.currency,
        "organisation": organisation.name,
        "person": Person.objects.get(pk=people[0]).full_name,
        "person_id": people[0],
        "address": _address(account),
        "flat": flat.number_order,
        "account": account.number,
        "account_id": account.pk,
        "debt": debt.debt_minor,
        "months": debt.months_owed,
        "plan_payments": PLAN_PAYMENTS,
        "plan_minor": -(-debt.debt_minor // PLAN_PAYMENTS),
        "latest": (day + LONGEST_PROMISE).isoformat(),
        "phone": organisation.residents_phone or _("диспетчерской"),
    }


def of_readings(account: Account, day: date) -> Mapping[str, Any]:
    """The facts of a call for readings: every meter of the flat that does not report itself, a tariff at a time."""
    organisation, flat = account.organisation, account.flat
    meters = Meter.objects.filter(flat=flat, removed_on=None, automatic=False).order_by("kind", "number")
    return {
        "today": day.isoformat(),
        "currency": organisation.currency,
        "organisation": organisation.name,
        "phone": organisation.residents_phone or _("диспетчерской"),
        "meters": [
            _meter(meter, tariff, _address(account), day)
            for meter in meters.prefetch_related("readings")
            for tariff in range(1, meter.tariffs + 1)
        ],
    }


def _meter(meter: Meter, tariff: int, address: str, day: date) -> dict[str, Any]:
    """A meter as the scenario asks about it: what it showed last, and from what reading on a figure looks wrong."""
    shown = sorted((one.taken_on, one.value) for one in meter.readings.all() if one.tariff == tariff)
    last = shown[-1][1] if shown else Decimal(0)
    spent = max((later[1] - earlier[1] for earlier, later in pairwise(shown[-13:])), default=last)
    soon = meter.next_verification_on is not None and meter.next_verification_on <= day + VERIFY_SOON
    kind = str(MeterKind(meter.kind).label)
    return {
        "meter": meter.pk,
        "tariff": tariff,
        "address": address,
        "kind": kind if meter.tariffs == 1 else _("%(kind)s, тариф %(tariff)s") % {"kind": kind, "tariff": tariff},
        "number": meter.number[-LAST_FIGURES:],
        "last": str(last),
        "most": str(last + max(spent * FAR_ABOVE, LEAST_ROOM)),
        "verify_on": meter.next_verification_on.isoformat() if soon and meter.next_verification_on else None,
    }


def _address(account: Account) -> str:
    return f"{account.flat.house.short_address}, {_('кв.')} {account.flat.number}"


_BY_SCENARIO: Mapping[str, Callable[[Account, date], Mapping[str, Any]]] = {
    "debt_notice": of_debt,
    "readings": of_readings,
}
