"""The payments of a month as a table our own importer reads: imported back it changes nothing, elsewhere it gives the
same payments under the same keys."""

from collections.abc import Iterator, Sequence
from datetime import date

from okno.access.models import Organisation
from okno.common.days import last_day
from okno.exchange.export import payment_cells
from okno.exchange.formats.profiles import shipped_profiles
from okno.exchange.formats.writing import Column, OutCell
from okno.ledger.models import Payment, PaymentKind

FIELDS = ("paid_on", "account_number", "address", "flat", "amount", "stated_month", "name", "purpose", "key")
WIDE = {"address": 40, "name": 30, "purpose": 40, "key": 40}
AT_ONCE = 5_000


def payments_sheet(
    organisation: Organisation, month: date, houses: Sequence[int] | None = None
) -> tuple[list[Column], Iterator[list[OutCell]]]:
    """Header and rows of the residents' payments accounted in the month (its first day) that stand, by value day."""
    words = shipped_profiles()["payments"].fields
    columns = [Column(words[field].headers[0], WIDE.get(field, 16)) for field in FIELDS]
    return columns, _rows(organisation, month, houses)


def _rows(organisation: Organisation, month: date, houses: Sequence[int] | None) -> Iterator[list[OutCell]]:
    found = Payment.objects.filter(
        entry__organisation=organisation,
        entry__accounted_on__range=(month, last_day(month)),
        kind=PaymentKind.PAYMENT,
        reversed_by=None,
    ).select_related("account__flat__house")
    if houses is not None:
        found = found.filter(account__flat__house__in=houses)
    for payment in found.order_by("value_on", "id").iterator(AT_ONCE):
        yield [*payment_cells(payment), payment.source_key]
