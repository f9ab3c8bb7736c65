"""The rows of a posting: what is asked to be posted, and what a chunk of accounts holds on its way into the ledger."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import psycopg

from okno.ledger.allocation import FreeMoney, OpenBill, Share

Cursor = psycopg.Cursor[tuple[Any, ...]]


WAIVER = "waiver:"
"""The source keys of recalculations that take off a penalty begin so (`penalties.keys`)."""


@dataclass(frozen=True, slots=True)
class NewBill:
    """A bill to post. `lines` (service code → minor units) sum up to `amount_minor` ≥ 0; `month` is a first day."""

    account_id: int
    kind: str
    regime: str
    month: date
    due_on: date
    amount_minor: int
    lines: dict[str, int]
    source_key: str | None = None


@dataclass(frozen=True, slots=True)
class NewPayment:
    """Money to post; `value_on` is the day it counts as paid, `source_key` names its line for ever."""

    account_id: int
    kind: str
    value_on: date
    amount_minor: int
    source_key: str
    stated_month: date | None = None
    regime: str = ""
    purpose: str = ""
    payer: str = ""


@dataclass(kw_only=True)
class Work:
    """The rows of one chunk of accounts on their way into the ledger.

    `rows` are the bills that stand in the table of open ones; `places` the versions of bills that new ones replace;
    `moves` are what the allocation gives and takes.
    """

    organisation_id: int
    entry_id: int
    versions: dict[int, int]
    bills: dict[int, list[OpenBill]] = field(default_factory=dict)
    money: dict[int, list[FreeMoney]] = field(default_factory=dict)
    rows: set[int] = field(default_factory=set)
    places: dict[int, int] = field(default_factory=dict)
    new_bills: list[tuple[int, NewBill]] = field(default_factory=list)
    new_payments: list[tuple[int, NewPayment]] = field(default_factory=list)
    moves: list[tuple[int, Share]] = field(default_factory=list)
    delta: dict[int, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))


def take_bills(work: Work, bills: Mapping[int, NewBill]) -> None:
    """Put the bills (number → bill) beside the open ones."""
    for pk, bill in bills.items():
        work.new_bills.append((pk, bill))
        work.delta[bill.account_id][0] += bill.amount_minor
        if bill.amount_minor:
            work.bills.setdefault(bill.account_id, []).append(
                OpenBill(pk, bill.kind, bill.regime, bill.month, bill.due_on, bill.amount_minor)
            )


def take_payments(work: Work, payments: Mapping[int, NewPayment]) -> None:
    """Put the payments (number → payment) beside the free money."""
    for pk, payment in payments.items():
        work.new_payments.append((pk, payment))
        work.delta[payment.account_id][1] += payment.amount_minor
        work.money.setdefault(payment.account_id, []).append(
            FreeMoney(
                pk,
                payment.value_on,
                payment.amount_minor,
                payment.stated_month,
                payment.regime,
                payment.source_key.startswith(WAIVER),
            )
        )
