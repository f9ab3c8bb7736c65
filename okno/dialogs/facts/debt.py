"""The facts of a debt notice, and of a caller who asks about money."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import psycopg
from django.db import connection
from django.utils.translation import gettext as _

from okno.access.models import Organisation
from okno.debts.ageing import Debt, debts_of
from okno.debts.definition import in_force, measure
from okno.dialogs.facts.common import NobodyToCall, NothingOwed, of_organisation
from okno.ledger.models import Account
from okno.people.entitlement import entitled
from okno.people.models import Person

LONGEST_PROMISE = timedelta(days=30)
"""A promise for later than this is no promise: the person is offered a plan."""
PLAN_PAYMENTS = 6


def of_debt(account: Account, day: date, person_id: int | None = None) -> dict[str, Any]:
    """The facts of a debt notice for `account` on `day` (the organisation's), told to `person_id`.

    Without a person it is the first one entitled. Raises `NobodyToCall` (nobody is, or this one is no longer) and
    `NothingOwed`.
    """
    people = may_hear([account.pk], day).get(account.pk, [])
    if not people or (person_id is not None and person_id not in people):
        raise NobodyToCall(
            _("По счёту %(number)s некому сообщать о долге: укажите собственника или плательщика.")
            % {"number": account.number}
        )
    told = sums(account.organisation, [account.pk], day).get(account.pk)
    if told is None:
        raise NothingOwed(_("Счёт %(number)s ничего не должен.") % {"number": account.number})
    person = person_id or people[0]
    return {
        **of_organisation(account.organisation, day),
        "person": Person.objects.get(pk=person).full_name,
        "person_id": person,
        "address": account.flat.short_address,
        "flat": account.flat.number_order,
        "account": account.number,
        "account_id": account.pk,
        **told,
        "latest": latest(day),
    }


def latest(day: date) -> str:
    """The last day a promise may be for."""
    return (day + LONGEST_PROMISE).isoformat()


def may_hear(account_ids: Sequence[int], day: date) -> Mapping[int, Sequence[int]]:
    """Account → the people who may hear of its debt on `day`."""
    return entitled(_cursor(), account_ids, day)


def sums(organisation: Organisation, account_ids: Sequence[int], day: date) -> dict[int, dict[str, int]]:
    """Account → what is told of its debt; accounts that owe nothing by the definition are left out."""
    by = measure(in_force(organisation, day), organisation.country, day)
    found = debts_of(_cursor(), list(account_ids), by)
    return {account: _told(debt) for account, debt in found.items() if by.met_by(debt.debt_minor)}


def _told(debt: Debt) -> dict[str, int]:
    return {
        "debt": debt.debt_minor,
        "months": debt.months_owed,
        "plan_payments": PLAN_PAYMENTS,
        "plan_minor": -(-debt.debt_minor // PLAN_PAYMENTS),
    }


def _cursor() -> psycopg.Cursor[Any]:
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection)
