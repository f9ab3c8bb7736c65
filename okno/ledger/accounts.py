"""Opening and closing personal accounts. An account and its balance are born together."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import islice

from django.db import connection, transaction
from django.utils.translation import gettext as _

from okno.access import trail
from okno.access.actor import Actor
from okno.access.models import Organisation
from okno.ledger.models import Account

AT_ONCE = 5_000
"""Accounts written by one statement: bounds the memory of opening a million."""


class AccountRefused(Exception):
    """The account cannot be opened or closed; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """An account to open for a flat; `number` is unique in the organisation, the days are inclusive."""

    number: str
    flat_id: int
    opened_on: date | None = None
    closed_on: date | None = None


def open_accounts(organisation: Organisation, rows: Iterable[NewAccount]) -> dict[str, int]:
    """Open the accounts that are not there yet, with their balances, and return number → id of all that were given.

    A number that exists is left as it is, so the same list twice changes nothing. All or none in one transaction;
    a streaming iterable of any length is taken in pieces.
    """
    ids: dict[str, int] = {}
    remaining = iter(rows)
    with transaction.atomic():
        while piece := list(islice(remaining, AT_ONCE)):
            ids |= _open_piece(organisation, piece)
    return ids


def _open_piece(organisation: Organisation, rows: list[NewAccount]) -> dict[str, int]:
    numbers = list({row.number for row in rows})
    Account.objects.bulk_create(
        [
            Account(
                organisation=organisation,
                flat_id=row.flat_id,
                number=row.number,
                opened_on=row.opened_on,
                closed_on=row.closed_on,
            )
            for row in rows
        ],
        ignore_conflicts=True,
    )
    ids = dict(Account.objects.filter(organisation=organisation, number__in=numbers).values_list("number", "id"))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_balance"
            " (account_id, organisation_id, version, billed_minor, paid_minor, open_minor, advance_minor)"
            " SELECT account_id, %s, 0, 0, 0, 0, 0 FROM unnest(%s::bigint[]) AS opened(account_id)"
            " ON CONFLICT DO NOTHING",
            [organisation.pk, list(ids.values())],
        )
    return ids


def close(actor: Actor, account_id: int, *, on: date, reason: str) -> Account:
    """Close an account from `on` (its last day); what it owes stays owed.

    Raises AccountRefused when it is another organisation's, closed already, or was opened later.
    """
    with transaction.atomic():
        account = Account.objects.select_for_update().filter(organisation=actor.organisation, pk=account_id).first()
        if account is None:
            raise AccountRefused(_("Такого лицевого счёта в организации нет"))
        if account.closed_on is not None:
            raise AccountRefused(
                _("Лицевой счёт %(number)s уже закрыт %(day)s")
                % {"number": account.number, "day": f"{account.closed_on:%d.%m.%Y}"}
            )
        if account.opened_on is not None and on < account.opened_on:
            raise AccountRefused(
                _("Лицевой счёт %(number)s открыт %(day)s: раньше этого дня закрыть его нельзя")
                % {"number": account.number, "day": f"{account.opened_on:%d.%m.%Y}"}
            )
        account.closed_on = on
        account.save(update_fields=["closed_on"])
        trail.record(
            actor,
            "account.closed",
            _("Закрыт лицевой счёт %(number)s") % {"number": account.number},
            subject=("account", account.pk),
            reason=reason,
        )
    return account
