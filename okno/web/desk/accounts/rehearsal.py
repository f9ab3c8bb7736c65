"""What a deed with money would change, found by doing it and taking it back: the preview is exact to the kopeck."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models.functions import Coalesce

from okno.debts.models import Case, CaseState
from okno.ledger.models import Account, Bill
from okno.ledger.penalties.accrual import Accrued, accrued
from okno.outreach.models import Contact
from okno.web.parts.standing import Standing, standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An account at a moment: its sums, its penalty, what is open of each bill, its case, contacts on their way."""

    standing: Standing
    penalty: Accrued
    bills: dict[int, tuple[str, date, int]]
    has_case: bool
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BillChange:
    """What is open of a bill before and after; None: the bill is not there."""

    regime: str
    month: date
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The account before and after."""

    before: Picture
    after: Picture

    @property
    def bills(self) -> list[BillChange]:
        """Bills of which something else is open afterwards, oldest first."""
        changed = []
        for pk in self.before.bills.keys() | self.after.bills.keys():
            old, new = self.before.bills.get(pk), self.after.bills.get(pk)
            if (old and old[2]) != (new and new[2]):
                regime, month, _open = old or new or ("", date.min, 0)
                changed.append(BillChange(regime=regime, month=month, before=old and old[2], after=new and new[2]))
        return sorted(changed, key=lambda one: (one.month, one.regime))

    @property
    def case_closes(self) -> bool:
        return self.before.has_case and not self.after.has_case

    @property
    def case_opens(self) -> bool:
        return self.after.has_case and not self.before.has_case

    @property
    def withdrawn(self) -> int:
        """How many contacts would be taken back."""
        return max(0, self.before.waiting - self.after.waiting)


def rehearse(account: Account, day: date, deed: Callable[[], object]) -> Change:
    """Do the deed, look, and undo it: nothing stays. The account's balance is held for that moment.

    Raises what the deed raises.
    """
    with transaction.atomic():
        before = picture(account, day)
        deed()
        after = picture(account, day)
        transaction.set_rollback(True)
    return Change(before=before, after=after)


def picture(account: Account, day: date) -> Picture:
    """The account as this transaction sees it."""
    rows = Bill.objects.filter(account=account, reversed_by=None).values_list(
        "pk", "regime", "month", Coalesce("still_open__open_minor", 0)
    )
    return Picture(
        standing=standing(account.pk, day),
        penalty=accrued(account, day),
        bills={pk: (regime, month, open_minor) for pk, regime, month, open_minor in rows},
        has_case=Case.objects.filter(account=account, state=CaseState.OPEN).exists(),
        waiting=Contact.objects.filter(account=account, state__in=["waiting", "permitted"]).count(),
    )
