"""Shorthand of the ledger's tests: accounts by the dozen, a bill or a payment in one line, and the sums that hold."""

from dataclasses import dataclass, field
from datetime import date
from itertools import count

from django.db.models.functions import Coalesce

from okno.access.models import Organisation
from okno.houses.models import Flat, House
from okno.ledger import posting
from okno.ledger.accounts import NewAccount, open_accounts
from okno.ledger.models import Account, Allocation, Balance, Bill, Payment
from okno.ledger.posting import Posted
from okno.ledger.rows import NewBill, NewPayment

_numbers = count(1)

REST = Coalesce("still_open__open_minor", 0)
"""What is open of a bill; one paid whole has no row of its own."""


@dataclass
class Book:
    organisation: Organisation
    house: House
    accounts: list[int] = field(default_factory=list)

    @classmethod
    def begin(cls, organisation: Organisation, accounts: int = 3) -> "Book":
        number = next(_numbers)
        house = House.objects.create(
            organisation=organisation,
            address=f"г. Город, ул. Садовая, д. {number}",
            short_address=f"Садовая, {number}",
            match_key=f"sadovaya {number}",
            search_text=f"садовая {number}",
            sort_key=f"садовая {number:05}",
            time_zone=organisation.time_zone,
        )
        book = cls(organisation, house)
        book.open(accounts)
        return book

    def open(self, accounts: int) -> list[int]:
        numbers = [next(_numbers) for _ in range(accounts)]
        flats = Flat.objects.bulk_create(
            Flat(organisation=self.organisation, house=self.house, number=str(n), number_order=n) for n in numbers
        )
        ids = open_accounts(
            self.organisation,
            [NewAccount(number=f"{n:08}", flat_id=flat.pk) for n, flat in zip(numbers, flats, strict=True)],
        )
        opened = list(ids.values())
        self.accounts += opened
        return opened

    def post(self, *rows: NewBill | NewPayment, key: str | None = None, **more) -> Posted:
        return posting.post(
            organisation=self.organisation,
            key=key or f"test:{next(_numbers)}",
            kind=more.pop("kind", "bills"),
            reason=more.pop("reason", "проверка"),
            bills=[row for row in rows if isinstance(row, NewBill)],
            payments=[row for row in rows if isinstance(row, NewPayment)],
            **more,
        )

    def reverse(self, *, bills=(), payments=(), **more) -> Posted:
        return self.post(kind="reversal", reverse_bills=bills, reverse_payments=payments, **more)


def month(text: str) -> date:
    return date.fromisoformat(f"{text}-01")


def bill(
    account: int,
    when: str,
    minor: int,
    *,
    due: str | None = None,
    kind: str = "month",
    regime: str = "housing",
    source_key: str | None = None,
) -> NewBill:
    first = month(when)
    due_on = date.fromisoformat(due) if due else date(first.year + first.month // 12, first.month % 12 + 1, 10)
    code = "capital_repair" if regime == "capital_repair" else "maintenance"
    return NewBill(account, kind, regime, first, due_on, minor, {code: minor}, source_key)


def pay(
    account: int,
    on: str,
    minor: int,
    *,
    stated: str | None = None,
    regime: str = "",
    key: str | None = None,
    kind: str = "payment",
) -> NewPayment:
    return NewPayment(
        account,
        kind,
        date.fromisoformat(on),
        minor,
        key or f"bank:{next(_numbers)}",
        stated_month=month(stated) if stated else None,
        regime=regime,
        purpose="ЖКУ",
        payer="Иванов И. И.",
    )


def opens(account: int) -> dict[str, int]:
    """Open remainders by month of the bills that are not reversed."""
    rows = Bill.objects.filter(account=account, reversed_by=None).order_by("month", "id")
    return {f"{when:%Y-%m}": rest for when, rest in rows.values_list("month", REST)}


def advance(account: int) -> int:
    return Balance.objects.get(account=account).advance_minor


def shares(account: int) -> list[tuple[str, int]]:
    """What went to which month, in the order it went."""
    rows = Allocation.objects.filter(account=account).order_by("id").values_list("bill__month", "amount_minor")
    return [(f"{when:%Y-%m}", minor) for when, minor in rows]


def sums_hold(account: int) -> bool:
    """Σ bills − Σ payments = Σ open − Σ free, from the rows themselves, and the balance says the same."""
    bills = list(Bill.objects.filter(account=account).values_list("amount_minor", REST, "reversed_by"))
    payments = list(Payment.objects.filter(account=account).values_list("amount_minor", "free_minor", "reversed_by"))
    billed = sum(amount for amount, _, gone in bills if gone is None)
    paid = sum(amount for amount, _, gone in payments if gone is None)
    still_open = sum(rest for _, rest, _ in bills)
    free = sum(rest for _, rest, _ in payments)
    balance = Balance.objects.get(account=account)
    kept = (balance.billed_minor, balance.paid_minor, balance.open_minor, balance.advance_minor)
    return billed - paid == still_open - free and kept == (billed, paid, still_open, free)


def number_of(account: int) -> str:
    return Account.objects.get(pk=account).number
