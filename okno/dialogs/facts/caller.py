"""The facts of somebody who calls us: what their number tells, and what they say of themselves."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from okno.access.models import Organisation
from okno.dialogs.facts import debt
from okno.dialogs.facts.common import language, of_organisation
from okno.dialogs.facts.finding import MOST, find
from okno.dialogs.facts.readings import accounts_of, meters_of
from okno.ledger.models import Account
from okno.people.models import Phone
from okno.requests import outages

LAST_FIGURES = 4
"""So many last figures tell an account from another of the same person, and nothing to a stranger."""

_NO_DEBT = {"debt": None, "months": None, "plan_payments": None, "plan_minor": None}


def of_caller(organisation: Organisation, phone: str, day: date, at: datetime) -> dict[str, Any]:
    """What a caller's number (E.164) tells: their accounts, what is off in their house, whether they may hear sums."""
    rows = Phone.objects.filter(organisation=organisation, number=phone, is_wrong=False).values_list("person_id")
    people = [row[0] for row in rows]
    accounts = accounts_of(people, organisation.pk, day) if people else []
    # A number that stands with many flats is a caretaker's or a mistake: it tells nothing.
    return of_accounts(organisation, accounts if len(accounts) <= MOST else [], people, day, at)


def of_account(account: Account, day: date, at: datetime) -> dict[str, Any]:
    """The same as if the first person entitled were calling about this account."""
    people = debt.may_hear([account.pk], day).get(account.pk, [])
    return of_accounts(account.organisation, [account], people, day, at)


def of_accounts(
    organisation: Organisation,
    accounts: Sequence[Account],
    people: Sequence[int],
    day: date,
    at: datetime,
    *,
    hidden: bool = False,
) -> dict[str, Any]:
    """The facts of a conversation about these accounts with one of `people` (nobody: whoever it is).

    `hidden` accounts are told by their last figures instead of their addresses.
    """
    entitled = debt.may_hear([one.pk for one in accounts], day) if people else {}
    heard = [one.pk for one in accounts if set(entitled.get(one.pk, ())) & set(people)]
    sums = debt.sums(organisation, heard, day) if heard else {}
    places = {one.pk: _hidden(one) if hidden else one.flat.short_address for one in accounts}
    told = [_account(one, places[one.pk], one.pk in heard, sums, at) | {"hidden": hidden} for one in accounts]
    return {
        **of_organisation(organisation, day),
        "known": bool(told),
        "several": len(told) > 1,
        "accounts": told,
        "account_id": told[0]["account_id"] if len(told) == 1 else None,
        "outage": next((one["outage"] for one in told if one["outage"]), None),
        "meters": meters_of(accounts, day, places),
        "latest": debt.latest(day),
    }


def look(organisation: Organisation, seeks: Mapping[str, Any], told: str, day: date, at: datetime) -> dict[str, Any]:
    """The facts of what a turn seeks in the language `told`; `found` says whether there are any.

    Whoever names an account is not thereby entitled to hear of its debt.
    """
    if seeks.get("by") != "identity":
        raise ValueError(f"nobody knows how to seek by {seeks.get('by')}")
    accounts, by_phone = find(organisation, str(seeks.get("words") or ""), told, day)
    if not accounts:
        return {"found": False}
    return {**of_accounts(organisation, accounts, (), day, at, hidden=by_phone), "found": True}


def retold(
    organisation: Organisation, account_ids: Sequence[int], day: date, at: datetime, *, hidden: bool
) -> dict[str, Any]:
    """The facts about these accounts for whoever it is, in the order in which they are named: no sum is among them."""
    rows = Account.objects.filter(organisation=organisation, pk__in=account_ids).select_related("flat__house")
    accounts = sorted(rows, key=lambda one: list(account_ids).index(one.pk))
    return of_accounts(organisation, accounts, (), day, at, hidden=hidden)


def _hidden(account: Account) -> str:
    """What stands for an address that must not be told."""
    return _("счёт на %(tail)s") % {"tail": account.number[-LAST_FIGURES:]}


def _account(
    account: Account, place: str, may_hear: bool, sums: Mapping[int, Mapping[str, int]], at: datetime
) -> dict[str, Any]:
    known = outages.known(account.flat.house_id, at, language())
    return {
        "account_id": account.pk,
        "account": account.number,
        "address": place,
        "tail": account.number[-LAST_FIGURES:],
        "flat": account.flat.number_order,
        "outage": known[0].said if known else None,
        "may_hear": may_hear,
        **_NO_DEBT,
        **sums.get(account.pk, {}),
    }
