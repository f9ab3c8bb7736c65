"""Makes what is posted on accounts equal to what it would have been, had every fact come in time.

What stands (penalty bills, recalculations by waivers) is compared with what `penalty_months` foresees from the history
as it is now; what differs is reversed and the right thing posted, in the caller's transaction and under his locks. The
new postings may move an advance that had paid an old penalty, so the account is looked at again until nothing differs:
a month depends only on months before it, so every round leaves at least one month more that is right for good.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import structlog
from django.utils.translation import gettext as _

from okno.access.models import User
from okno.ledger import posting
from okno.ledger.models import EntryKind, Service
from okno.ledger.penalties.costs import PenaltyUnknown
from okno.ledger.penalties.differences import SERVICE, Differences, Rows
from okno.ledger.penalties.facts import Facts
from okno.ledger.penalties.gathering import facts_of
from okno.ledger.penalties.keys import last_day
from okno.ledger.penalties.months import Foreseen, penalty_months
from okno.ledger.penalties.standing import note_posted
from okno.ledger.penalties.terms import OrganisationTerms, posted_months
from okno.ledger.rows import Cursor

log = structlog.get_logger(__name__)

MOST_TURNS = 200
"""More rounds than an account has penalty bills."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why what is posted may differ: `key` names the entries that put it right, `reason` is told to people."""

    key: str
    reason: str
    user: User | None = None


@dataclass(slots=True, kw_only=True)
class Equalised:
    """What came of it.

    `foreseen` is what should stand now on each account; `unknown` are accounts left as they are, whose figure wants a
    value nobody has entered.
    """

    foreseen: dict[int, Foreseen]
    unknown: dict[int, PenaltyUnknown]
    entries: int = 0
    bills: int = 0
    posted_minor: int = 0


class NotSettled(RuntimeError):
    """Posting what was foreseen changes what is foreseen, again and again: a mistake in the ledger's order."""

    def __init__(self, accounts: Sequence[int]) -> None:
        super().__init__(f"penalties of accounts {list(accounts)[:5]} do not settle")


def equalise(cursor: Cursor, terms: OrganisationTerms, accounts: Sequence[int], cause: Cause) -> Equalised:
    """Reverse and post what it takes on these accounts, whose balances the caller holds."""
    months = posted_months(terms.organisation.pk)
    done = Equalised(foreseen={}, unknown={})
    left: Sequence[int] = sorted(set(accounts))
    for _turn in range(MOST_TURNS):
        found = _differences(facts_of(cursor, left), terms, months, done)
        left = found.accounts
        if not left:
            break
        for rows in found.entries():
            _post(terms, rows, cause, done)
    else:
        raise NotSettled(left)
    note_posted(
        cursor,
        [account for account in done.foreseen if account not in done.unknown],
        last_day(months[-1]) if months else None,
        _at_payment(done.foreseen),
    )
    return done


def _differences(
    facts: Mapping[int, Facts], terms: OrganisationTerms, months: Sequence[date], done: Equalised
) -> Differences:
    found = Differences(terms)
    for account, own in facts.items():
        try:
            told = penalty_months(own, terms, months=months)
        except PenaltyUnknown as unknown:
            log.warning("penalty cannot be counted", account=account, missing=str(unknown))
            done.unknown[account] = unknown
            continue
        done.foreseen[account] = told
        found.compare(account, own, told)
    return found


def _post(terms: OrganisationTerms, rows: Rows, cause: Cause, done: Equalised) -> None:
    name_service(terms)
    posting.post(
        organisation=terms.organisation,
        key=f"{cause.key}:{done.entries}",
        kind=EntryKind.PENALTIES.value,
        reason=cause.reason,
        user=cause.user,
        bills=rows.bills,
        payments=rows.payments,
        reverse_bills=rows.reverse_bills,
        reverse_payments=rows.reverse_payments,
    )
    done.entries += 1
    done.bills += len(rows.bills)
    done.posted_minor += sum(bill.amount_minor for bill in rows.bills)


def _at_payment(foreseen: Mapping[int, Foreseen]) -> dict[tuple[int, str], date]:
    """The last day that is posted at payment, by account and regime."""
    return {
        (account, charge.regime): charge.through
        for account, told in foreseen.items()
        for charge in told.charges
        if charge.at_payment
    }


def name_service(terms: OrganisationTerms) -> None:
    """Give the organisation the line that penalty bills are printed with, unless it has named one itself."""
    Service.objects.get_or_create(
        organisation=terms.organisation,
        code=SERVICE,
        defaults={"name": _("Пеня"), "regime": terms.regimes[0], "order": 900},
    )
