"""Makes what is posted on accounts equal to what it would have been, had every fact come in time.

What stands (penalty bills, recalculations by waivers) is compared with what `penalty_months` foresees from the history
as it is now; what differs is reversed and the right thing posted, in the caller's transaction and under his locks. The
new postings may move an advance that had paid an old penalty, so the account is looked at again until nothing differs:
a month depends only on months before it, so every round leaves at least one month more that is right for good.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import structlog
from django.utils.translation import gettext as _

from okno.access.models import User
from okno.ledger import posting
from okno.ledger.models import BillKind, EntryKind, PaymentKind, Service
from okno.ledger.penalties.costs import PenaltyUnknown
from okno.ledger.penalties.facts import Facts
from okno.ledger.penalties.gathering import facts_of
from okno.ledger.penalties.keys import last_day, penalty_of, regime_of
from okno.ledger.penalties.months import Charge, Foreseen, TakenOff, penalty_months
from okno.ledger.penalties.standing import note_posted
from okno.ledger.penalties.terms import OrganisationTerms, posted_months
from okno.ledger.rows import Cursor, NewBill, NewPayment

log = structlog.get_logger(__name__)

SERVICE = "penalty"
"""The code of the line of every penalty bill."""

MOST_TURNS = 200
"""More rounds than an account has penalty bills."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why what is posted may differ: `key` names the entries that put it right, `reason` is told to people."""

    key: str
    reason: str
    user: User | None = None


@dataclass(slots=True, kw_only=True)
class Differences:
    """What to reverse and what to post, of any number of accounts."""

    reverse_bills: list[int] = field(default_factory=list)
    reverse_payments: list[int] = field(default_factory=list)
    bills: list[NewBill] = field(default_factory=list)
    payments: list[NewPayment] = field(default_factory=list)
    accounts: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Equalised:
    """What came of it: what is foreseen of each account, and those whose figure wants a value nobody has entered."""

    foreseen: dict[int, Foreseen]
    facts: dict[int, Facts]
    unknown: dict[int, PenaltyUnknown]
    bills: int = 0
    posted_minor: int = 0


class NotSettled(RuntimeError):
    """Posting what was foreseen changes what is foreseen, again and again: a mistake in the ledger's order."""

    def __init__(self, accounts: Sequence[int]) -> None:
        super().__init__(f"penalties of accounts {list(accounts)[:5]} do not settle")


def equalise(cursor: Cursor, terms: OrganisationTerms, accounts: Sequence[int], cause: Cause) -> Equalised:
    """Reverse and post what it takes on these accounts, whose balances the caller holds.

    An account whose figure cannot be told for want of a value is left as it is and named in the answer.
    """
    months = posted_months(terms.organisation.pk)
    done = Equalised(foreseen={}, facts={}, unknown={})
    left: Sequence[int] = sorted(set(accounts))
    for turn in range(MOST_TURNS):
        found = _differences(facts_of(cursor, left), terms, months, done)
        if not found.accounts:
            break
        done = replace(
            done,
            bills=done.bills + len(found.bills),
            posted_minor=done.posted_minor + sum(bill.amount_minor for bill in found.bills),
        )
        _post(terms, found, replace(cause, key=f"{cause.key}:{turn}"))
        left = found.accounts
    else:
        raise NotSettled(left)
    counted = [account for account in done.foreseen if account not in done.unknown]
    note_posted(cursor, counted, _through(months, done.foreseen.values()))
    return done


def _through(months: Sequence[date], foreseen: Iterable[Foreseen]) -> date | None:
    days = [charge.through for told in foreseen for charge in told.charges]
    return max([*days, *(last_day(month) for month in months[-1:])], default=None)


def _differences(
    facts: dict[int, Facts], terms: OrganisationTerms, months: Sequence[date], done: Equalised
) -> Differences:
    found = Differences()
    for account, own in facts.items():
        try:
            told = penalty_months(own, terms, months=months)
        except PenaltyUnknown as unknown:
            log.warning("penalty cannot be counted", account=account, missing=str(unknown))
            done.unknown[account] = unknown
            continue
        done.foreseen[account] = told
        done.facts[account] = own
        if _compare(account, own, told, terms, found):
            found.accounts.append(account)
    return found


def _compare(account: int, facts: Facts, told: Foreseen, terms: OrganisationTerms, found: Differences) -> bool:
    """Note what differs on an account; a waiver's recalculation goes with the bill it took something off."""
    wanted = {charge.source_key: charge for charge in told.charges}
    taken_off = {row.source_key: row for row in told.taken_off}
    right = {key: charge.amount_minor for key, charge in wanted.items()}
    wrong = [row for row in facts.penalties if right.get(row.source_key) != row.amount_minor]
    gone = {row.source_key for row in wrong}
    stale = [
        row
        for row in facts.taken_off
        if penalty_of(row.source_key) in gone
        or row.source_key not in taken_off
        or (taken_off[row.source_key].amount_minor, taken_off[row.source_key].on) != (row.amount_minor, row.on)
    ]
    standing = {row.source_key for row in facts.penalties} - gone
    kept = {row.source_key for row in facts.taken_off} - {row.source_key for row in stale}
    bills = [_bill(account, charge, terms) for key, charge in wanted.items() if key not in standing]
    payments = [_recalculation(account, row) for key, row in taken_off.items() if key not in kept]
    found.reverse_bills += [row.id for row in wrong]
    found.reverse_payments += [row.id for row in stale]
    found.bills += bills
    found.payments += payments
    return bool(wrong or stale or bills or payments)


def _bill(account: int, charge: Charge, terms: OrganisationTerms) -> NewBill:
    return penalty_bill(account, charge, terms.due_on(charge.regime, charge.month))


def penalty_bill(account: int, charge: Charge, due_on: date) -> NewBill:
    """The charge as a row to post."""
    return NewBill(
        account_id=account,
        kind=BillKind.PENALTY.value,
        regime=charge.regime,
        month=charge.month,
        due_on=due_on,
        amount_minor=charge.amount_minor,
        lines={SERVICE: charge.amount_minor},
        source_key=charge.source_key,
    )


def _recalculation(account: int, row: TakenOff) -> NewPayment:
    return NewPayment(
        account_id=account,
        kind=PaymentKind.RECALCULATION.value,
        value_on=row.on,
        amount_minor=row.amount_minor,
        source_key=row.source_key,
        stated_month=row.charge.month,
        regime=regime_of(row.source_key),
    )


def _post(terms: OrganisationTerms, found: Differences, cause: Cause) -> None:
    name_service(terms)
    posting.post(
        organisation=terms.organisation,
        key=cause.key,
        kind=EntryKind.PENALTIES.value,
        reason=cause.reason,
        user=cause.user,
        bills=found.bills,
        payments=found.payments,
        reverse_bills=found.reverse_bills,
        reverse_payments=found.reverse_payments,
    )


def name_service(terms: OrganisationTerms) -> None:
    """Give the organisation the line that penalty bills are printed with, unless it has named one itself."""
    Service.objects.get_or_create(
        organisation=terms.organisation,
        code=SERVICE,
        defaults={"name": _("Пеня"), "regime": terms.regimes[0], "order": 900},
    )
