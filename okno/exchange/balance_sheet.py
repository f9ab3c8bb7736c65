"""The trial balance of a month as a table: by house, by service or by account, with a row of totals."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal

from django.utils.translation import gettext as _

from okno.access.models import Organisation
from okno.exchange.formats.writing import Column, Money, OutCell
from okno.houses.models import House
from okno.ledger.models import Account
from okno.ledger.months import reading
from okno.ledger.months.models import ClosedMonth
from okno.ledger.months.turnover import NAMES, Turnover, total
from okno.ledger.months.words import line_names

By = Literal["house", "service", "account"]
Rows = list[tuple[list[OutCell], Turnover]]


def balance_sheet(
    organisation: Organisation, month: date, by: By, houses: Sequence[int] | None = None
) -> tuple[list[Column], Iterator[list[OutCell]]]:
    """Header and rows of the month (its first day) of these houses (None: all); what stands empty is left out."""
    heads, rows = {"house": _houses, "service": _services, "account": _accounts}[by](organisation, month, houses)
    titles = [str(ClosedMonth._meta.get_field(name).verbose_name).capitalize() for name in NAMES]  # type: ignore[union-attr]
    return [*heads, *map(Column, titles)], _written(rows, len(heads))


def balance_rows(
    organisation: Organisation, month: date, by: By, houses: Sequence[int] | None = None
) -> list[tuple[list[OutCell], Turnover]]:
    """The same rows with their sums, for one who prints them himself."""
    return {"house": _houses, "service": _services, "account": _accounts}[by](organisation, month, houses)[1]


def _written(rows: Rows, heads: int) -> Iterator[list[OutCell]]:
    for cells, sums in rows:
        yield [*cells, *_money(sums)]
    yield [_("Итого"), *[None] * (heads - 1), *_money(total(sums for _cells, sums in rows))]


def _money(sums: Turnover) -> list[OutCell]:
    return [Money(getattr(sums, name)) for name in NAMES]


def _houses(organisation: Organisation, month: date, houses: Sequence[int] | None) -> tuple[list[Column], Rows]:
    found = reading.by_house(organisation, month, houses=houses)
    known = House.objects.filter(pk__in=[pk for pk, sums in found.items() if not sums.is_empty])
    rows: Rows = [([house.address], found[house.pk]) for house in known.order_by("sort_key", "pk")]
    return [Column(_("Дом"), 40)], rows


def _services(organisation: Organisation, month: date, houses: Sequence[int] | None) -> tuple[list[Column], Rows]:
    names = line_names(organisation)
    sums: dict[str, Turnover] = dict.fromkeys(names, Turnover())
    for row in reading.by_line(organisation, month, houses=houses):
        sums[row.line] = sums.get(row.line, Turnover()) + row.sums
    rows: Rows = [([names.get(code, code)], found) for code, found in sums.items() if not found.is_empty]
    return [Column(_("Услуга"), 40)], rows


def _accounts(organisation: Organisation, month: date, houses: Sequence[int] | None) -> tuple[list[Column], Rows]:
    found = {row.account_id: row.sums for row in reading.by_account(organisation, month, houses=houses)}
    known = Account.objects.filter(organisation=organisation).select_related("flat__house")
    rows: Rows = [
        ([account.number, account.flat.house.address, account.flat.number], found[account.pk])
        for account in known.order_by("flat__house__sort_key", "flat__number_order", "number").iterator(5_000)
        if account.pk in found and not found[account.pk].is_empty
    ]
    return [Column(_("Лицевой счёт")), Column(_("Адрес"), 40), Column(_("Помещение"))], rows
