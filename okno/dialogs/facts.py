"""What a scenario must know of an account before the first word: read once, at the moment the call begins."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import psycopg
from django.db import connection
from django.utils.translation import gettext as _

from okno.debts.ageing import debts_of
from okno.debts.definition import in_force, measure
from okno.ledger.models import Account
from okno.people.entitlement import entitled
from okno.people.models import Person

LONGEST_PROMISE = timedelta(days=30)
"""A promise for later than this is no promise: the person is offered a plan."""
PLAN_PAYMENTS = 6


class NobodyToCall(LookupError):
    """Nobody is entitled to hear about this account's debt."""


class NothingOwed(LookupError):
    """The account owes nothing that a reminder could speak of."""


def of(scenario: str, account: Account, day: date) -> Mapping[str, Any]:
    """The facts `scenario` needs for `account` on `day`. Raises `NobodyToCall`, `NothingOwed`, KeyError."""
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
        "address": f"{flat.house.short_address}, {_('кв.')} {flat.number}",
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


_BY_SCENARIO: Mapping[str, Callable[[Account, date], Mapping[str, Any]]] = {"debt_notice": of_debt}
