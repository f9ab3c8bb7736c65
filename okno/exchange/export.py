"""Lists out: accounts, debts, payments and money that waits, as CSV or XLSX that can carry no formula."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Literal

from django.db.models import Max, Min, Q, QuerySet
from django.utils.translation import gettext as _

from okno.access.models import Organisation
from okno.exchange.formats.writing import Column, Money, OutCell, Target, TooManyRows, write_csv, write_xlsx
from okno.exchange.models import UnmatchedPayment
from okno.houses.models import House
from okno.ledger.models import Balance, OpenBill, Payment

What = Literal["accounts", "debts", "payments", "unmatched"]
FileFormat = Literal["xlsx", "csv"]
Rows = Iterator[list[OutCell]]
AT_ONCE = 5_000


class CannotExport(Exception):
    """The list cannot be written there; the message says why."""


def export(
    organisation: Organisation,
    what: What,
    target: Target,
    *,
    houses: QuerySet[House] | None = None,
    since: date | None = None,
    until: date | None = None,
    file_format: FileFormat = "xlsx",
) -> int:
    """Write a list and return how many rows it has.

    `houses` narrows it to what a person may see (None: the whole organisation; money without an account is then left
    out). `since` and `until`, both inclusive, narrow payments by their days. Raises `TooManyRows` of a sheet.
    """
    columns, rows = EXPORTS[what](organisation, houses, since, until)
    write = write_xlsx if file_format == "xlsx" else write_csv
    return write(target, columns, rows)


def write(organisation: Organisation, what: What, path: Path) -> int:
    """Write a list of the whole organisation to a file, by its ending .csv or .xlsx; how many rows it has.

    Raises CannotExport: another ending, more rows than a sheet holds, or no such folder.
    """
    return to_file(path, lambda file_format: export(organisation, what, path, file_format=file_format))


def to_file(path: Path, write: Callable[[FileFormat], int]) -> int:
    """Have a file written in the format its ending names; how many rows it has. Raises CannotExport."""
    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise CannotExport(_("Файл «%(name)s» должен кончаться на .csv или .xlsx") % {"name": path.name})
    try:
        return write("csv" if path.suffix.lower() == ".csv" else "xlsx")
    except TooManyRows as error:
        raise CannotExport(str(error)) from error
    except OSError as error:
        text = _("Файл «%(name)s» не записать: %(why)s")
        raise CannotExport(text % {"name": path, "why": error.strerror}) from error


def _balances(organisation: Organisation, houses: QuerySet[House] | None) -> QuerySet[Balance]:
    found = Balance.objects.filter(organisation=organisation).select_related("account__flat__house")
    if houses is not None:
        found = found.filter(account__flat__house__in=houses)
    return found.order_by("account__number")


def _accounts(
    organisation: Organisation, houses: QuerySet[House] | None, since: date | None, until: date | None
) -> tuple[list[Column], Rows]:
    columns = [
        Column(_("Лицевой счёт")),
        Column(_("Адрес"), 40),
        Column(_("Помещение")),
        Column(_("Площадь")),
        Column(_("Открыт")),
        Column(_("Закрыт")),
        Column(_("Начислено")),
        Column(_("Оплачено")),
        Column(_("Долг")),
        Column(_("Переплата")),
    ]

    def rows() -> Rows:
        for balance in _balances(organisation, houses).iterator(AT_ONCE):
            account = balance.account
            yield [
                account.number,
                account.flat.house.address,
                account.flat.number,
                account.flat.area,
                account.opened_on,
                account.closed_on,
                Money(balance.billed_minor),
                Money(balance.paid_minor),
                Money(balance.open_minor),
                Money(balance.advance_minor),
            ]

    return columns, rows()


def _debts(
    organisation: Organisation, houses: QuerySet[House] | None, since: date | None, until: date | None
) -> tuple[list[Column], Rows]:
    columns = [
        Column(_("Лицевой счёт")),
        Column(_("Адрес"), 40),
        Column(_("Помещение")),
        Column(_("Долг")),
        Column(_("Срок оплаты самого старого счёта")),
        Column(_("Последний платёж")),
    ]

    def rows() -> Rows:
        owing = _balances(organisation, houses).filter(open_minor__gt=0)
        numbers = list(owing.values_list("account_id", flat=True))
        for start in range(0, len(numbers), AT_ONCE):
            ids = numbers[start : start + AT_ONCE]
            bills = OpenBill.objects.filter(account__in=ids).values_list("account")
            oldest = dict(bills.annotate(Min("due_on")))
            payments = Payment.objects.filter(account__in=ids, kind="payment", reversed_by=None).values_list("account")
            latest = dict(payments.annotate(Max("value_on")))
            for balance in owing.filter(account__in=ids):
                account = balance.account
                yield [
                    account.number,
                    account.flat.house.address,
                    account.flat.number,
                    Money(balance.open_minor),
                    oldest.get(account.pk),
                    latest.get(account.pk),
                ]

    return columns, rows()


def _between(name: str, since: date | None, until: date | None) -> Q:
    days = Q()
    if since is not None:
        days &= Q(**{f"{name}__gte": since})
    if until is not None:
        days &= Q(**{f"{name}__lte": until})
    return days


def _payments(
    organisation: Organisation, houses: QuerySet[House] | None, since: date | None, until: date | None
) -> tuple[list[Column], Rows]:
    columns = [
        Column(_("Дата")),
        Column(_("Лицевой счёт")),
        Column(_("Адрес"), 40),
        Column(_("Помещение")),
        Column(_("Сумма")),
        Column(_("За месяц")),
        Column(_("Плательщик"), 30),
        Column(_("Назначение"), 40),
    ]

    def rows() -> Rows:
        found = Payment.objects.filter(
            _between("value_on", since, until), organisation=organisation, kind="payment", reversed_by=None
        ).select_related("account__flat__house")
        if houses is not None:
            found = found.filter(account__flat__house__in=houses)
        for payment in found.order_by("value_on", "id").iterator(AT_ONCE):
            yield payment_cells(payment)

    return columns, rows()


def payment_cells(payment: Payment) -> list[OutCell]:
    """A payment as every list of payments tells it: day, account, address, flat, sum, stated month, payer, purpose."""
    flat = payment.account.flat
    return [
        payment.value_on,
        payment.account.number,
        flat.house.address,
        flat.number,
        Money(payment.amount_minor),
        f"{payment.stated_month:%m.%Y}" if payment.stated_month else None,
        payment.payer,
        payment.purpose,
    ]


def _unmatched(
    organisation: Organisation, houses: QuerySet[House] | None, since: date | None, until: date | None
) -> tuple[list[Column], Rows]:
    columns = [
        Column(_("Дата")),
        Column(_("Сумма")),
        Column(_("Номер счёта в файле")),
        Column(_("Плательщик"), 30),
        Column(_("Адрес"), 40),
        Column(_("Назначение"), 40),
        Column(_("Состояние")),
    ]

    def rows() -> Rows:
        found = UnmatchedPayment.objects.filter(_between("value_on", since, until), organisation=organisation)
        if houses is not None:
            # Money that is nobody's yet belongs to no house a narrowed person may see.
            found = found.none()
        for payment in found.order_by("value_on", "id").iterator(AT_ONCE):
            yield [
                payment.value_on,
                Money(payment.amount_minor),
                payment.account_number,
                payment.payer,
                payment.address,
                payment.purpose,
                str(payment.get_state_display()),
            ]

    return columns, rows()


Export = Callable[[Organisation, QuerySet[House] | None, date | None, date | None], tuple[list[Column], Rows]]
EXPORTS: dict[What, Export] = {
    "accounts": _accounts,
    "debts": _debts,
    "payments": _payments,
    "unmatched": _unmatched,
}
