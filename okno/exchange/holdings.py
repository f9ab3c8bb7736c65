"""What an import holds in the books: shown on its page, and before it is taken back."""

from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from okno.exchange.models import Import, UnmatchedState
from okno.exchange.passing import MONEY
from okno.exchange.rollback import called
from okno.ledger.models import Bill, Payment


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Rows of one sort: their name in words, how many were made and changed, their sum if they are money.

    Those that `stay` are not taken back with the import: an account keeps the bills it had and their reversals.
    """

    name: str
    made: int = 0
    changed: int = 0
    amount_minor: int | None = None
    stay: bool = False


def holdings(source: Import) -> list[Holding]:
    """What stands in the books because of this import; empty for one that was never posted or is taken back."""
    found = [
        Holding(name=called(table), made=told["count"], amount_minor=told["amount"])
        for table, told in (("ledger_bill", _standing(Bill, source)), ("ledger_payment", _standing(Payment, source)))
        if told["count"]
    ]
    waiting = source.unmatched.filter(state=UnmatchedState.WAITING).aggregate(
        count=Count("pk"), amount=Sum("amount_minor")
    )
    if waiting["count"]:
        found.append(
            Holding(name=called("exchange_unmatchedpayment"), made=waiting["count"], amount_minor=waiting["amount"])
        )
    rows = (
        source.changes.exclude(table="ledger_paymentfeed")
        .values("table")
        .annotate(
            made=Count("object_id", distinct=True, filter=Q(before__isnull=True)),
            touched=Count("object_id", distinct=True),
        )
        .order_by("table")
    )
    for row in rows:
        changed = row["touched"] - row["made"]
        stay = source.kind in MONEY and not changed
        found.append(Holding(name=called(row["table"]), made=row["made"], changed=changed, stay=stay))
    return found


def _standing(model: type[Bill] | type[Payment], source: Import) -> dict[str, int]:
    """Rows of the import's entries that nothing has reversed."""
    rows = model._default_manager.filter(entry__in=source.entries.all(), reversed_by=None)
    return rows.aggregate(count=Count("pk"), amount=Sum("amount_minor"))
