"""A flat with a serious open request is not reminded of its debt: the answer to the gate of `outreach`."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import psycopg
from django.utils.translation import gettext as _

from okno.outreach.holds import Held
from okno.requests import categories
from okno.requests.models import Urgency
from okno.requests.register import OPEN

NAME = "requests"

_OPEN_SERIOUS = (
    "SELECT account.id, min(request.number) FROM ledger_account AS account"
    " JOIN requests_request AS request ON request.{column} = account.{to} AND request.state = ANY(%(open)s)"
    " AND (request.category = ANY(%(serious)s) OR request.urgency = %(danger)s)"
    " WHERE account.id = ANY(%(accounts)s) AND request.organisation_id = %(organisation)s GROUP BY 1"
)
_BY_ACCOUNT_AND_FLAT = " UNION ALL ".join(
    _OPEN_SERIOUS.format(column=column, to=to) for column, to in (("account_id", "id"), ("flat_id", "flat_id"))
)


def hold(
    cursor: psycopg.Cursor[Any], *, organisation_id: int, account_ids: Sequence[int], day: date
) -> Mapping[int, Held]:
    """The accounts whose own flat waits for something serious; requests about the whole house hold nobody."""
    cursor.execute(
        _BY_ACCOUNT_AND_FLAT,
        {
            "open": [state.value for state in OPEN],
            "serious": [code for code, one in categories.known().items() if one.serious],
            "danger": Urgency.DANGER.value,
            "accounts": list(account_ids),
            "organisation": organisation_id,
        },
        prepare=True,
    )
    return {
        account: Held(why=_("Открыта заявка № %(number)s") % {"number": number})
        for account, number in cursor.fetchall()
    }
