"""The penalties of accounts as their pages tell them: the ledger's figures with the rows that explain them."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import connection

from okno.access.models import Organisation
from okno.exchange.paper.contents import PenaltyStep, PenaltyTold
from okno.law.penalty import Missing, PenaltyRow
from okno.ledger.models import Bill
from okno.ledger.penalties.accrual import Accrued, accrued_of


def penalties(
    organisation: Organisation, billed: dict[int, int], day: date
) -> tuple[dict[int, PenaltyTold], list[Missing]]:
    """Account → its penalty through `day`, for those of `billed` (account → penalty billed in the month).

    With the values of the law nobody has entered, for whoever prints: residents are told only that there is no figure.
    """
    late = _late(list(billed), day)
    accrued = accrued_of(organisation, late, day) if late else {}
    months = _months(accrued.values())
    told = {account: PenaltyTold(as_of=day, billed_minor=minor) for account, minor in billed.items()}
    missing: list[Missing] = []
    for account, found in accrued.items():
        told[account] = _told(found, billed[account], months)
        # What another line lacks (an index of prices) does not take the penalty's sum off the page.
        if told[account].accrued_minor is None:
            missing += found.missing
    return told, missing


def _told(found: Accrued, billed_minor: int, months: dict[str, date]) -> PenaltyTold:
    not_posted = [regime.not_posted_minor for regime in found.regimes]
    rows = [row for regime in found.regimes for row in regime.result.rows if row.line == "penalty" and row.exact]
    return PenaltyTold(
        as_of=found.day,
        billed_minor=billed_minor,
        accrued_minor=None if None in not_posted else sum(minor for minor in not_posted if minor is not None),
        steps=tuple(sorted((_step(row, months[row.bill]) for row in rows), key=lambda step: (step.month, step.since))),
        verified=found.verified,
    )


def _step(row: PenaltyRow, month: date) -> PenaltyStep:
    return PenaltyStep(
        month=month,
        since=row.since,
        until=row.until,
        days=row.days,
        base_minor=row.base_minor,
        rate=row.rate,
        share=row.share,
        exact=row.exact,
        norms=tuple(dict.fromkeys(reading.norm for reading in row.readings)),
        verified=row.verified,
    )


def _months(accrued: Iterable[Accrued]) -> dict[str, date]:
    refs = {int(row.bill) for one in accrued for regime in one.regimes for row in regime.result.rows}
    return {str(pk): month for pk, month in Bill.objects.filter(pk__in=refs).values_list("pk", "month")}


def _late(accounts: Sequence[int], day: date) -> list[int]:
    """Those with anything overdue, or paid late, or standing as penalty: the others cost nothing to ask about."""
    with connection.cursor() as cursor:
        cursor.execute(_LATE, {"accounts": list(accounts), "day": day})
        return [row[0] for row in cursor.fetchall()]


_LATE = """
SELECT account_id FROM ledger_openbill WHERE account_id = ANY(%(accounts)s) AND due_on < %(day)s
UNION SELECT account_id FROM ledger_lateshare WHERE account_id = ANY(%(accounts)s)
UNION SELECT account_id FROM ledger_penaltystanding WHERE account_id = ANY(%(accounts)s)
"""
