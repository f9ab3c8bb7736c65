"""Which months are closed, whose turn it is, and on what a later month may be built."""

from datetime import date

from django.db import connection

from okno.access.models import Organisation
from okno.common.days import add_months, month_of
from okno.ledger.models import Entry
from okno.ledger.months.models import ClosedMonth


def standing(organisation: Organisation, month: date) -> ClosedMonth | None:
    """The month (its first day) as it is closed now; None when it is open or was closed as part of a later one."""
    return ClosedMonth.objects.filter(organisation=organisation, month=month, reopened_at=None).first()


def last_closed(organisation: Organisation) -> date | None:
    """The last closed month (its first day); everything up to its end is closed."""
    found = ClosedMonth.objects.filter(organisation=organisation, reopened_at=None).order_by("-month").first()
    return found.month if found else None


def first_open_day(organisation: Organisation) -> date | None:
    """The day from which on something may be posted; None when no month is closed."""
    last = last_closed(organisation)
    return add_months(last, 1) if last is not None else None


def first_month(organisation: Organisation) -> date | None:
    """The month of the first entry (its first day); None for empty books."""
    first = Entry.objects.filter(organisation=organisation).order_by("accounted_on").first()
    return month_of(first.accounted_on) if first else None


def foundation(organisation: Organisation, month: date) -> ClosedMonth | None:
    """The month before, if it is closed and every account still belongs to the house it was packed with.

    What its lines closed with is then what this month's lines open with, and no old bill need be looked at.
    """
    closed = standing(organisation, add_months(month, -1))
    if closed is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_MOVED_HOUSE, [closed.pk])
        (moved,) = cursor.fetchone() or (True,)
    return None if moved else closed


_MOVED_HOUSE = """
SELECT EXISTS (
    SELECT FROM ledger_closedhouse AS packed CROSS JOIN LATERAL unnest(packed.accounts) AS one(account_id)
    LEFT JOIN ledger_account AS account ON account.id = one.account_id
    LEFT JOIN houses_flat AS flat ON flat.id = account.flat_id
    WHERE packed.closed_id = %s AND flat.house_id IS DISTINCT FROM packed.house_id
)"""
