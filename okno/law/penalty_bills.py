"""Arrears made of bare bills and payments, where no ledger has set one against the other: the oldest bill first.

A bill that is out of time on the day of a payment comes after those that are not (ПВС № 22 п. 32), but what is left
over goes to it: here nobody but the payer could have meant another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from okno.law.dated import NotInForce
from okno.law.limitation import LimitationRules
from okno.law.penalty import Arrear, Paid


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """A bill in minor units with the last day to pay it."""

    amount_minor: int
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payment in minor units with its value day. `towards` is the bill it names, by its number from 1."""

    amount_minor: int
    on: date
    towards: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The bills with what was paid on each, in the order given, and what was paid above all of them."""

    arrears: tuple[Arrear, ...]
    advance_minor: int


def settle(bills: Sequence[Billed], payments: Sequence[Payment], regime: str, limitation: LimitationRules) -> Settled:
    """Set payments against bills: by value day, first to the bill it names, then by due day, those out of time last.

    A bill's `ref` is its number from 1. Raises `ValueError` when a payment names a bill that is not there.
    """
    left = [bill.amount_minor for bill in bills]
    paid: list[list[Paid]] = [[] for _ in bills]
    oldest_first = sorted(range(len(bills)), key=lambda place: bills[place].due_on)
    advance = 0
    for payment in sorted(payments, key=lambda payment: payment.on):
        named = [] if payment.towards is None else [_place(payment.towards, len(bills))]
        rest = payment.amount_minor
        in_turn = sorted(oldest_first, key=lambda place: _out_of_time(limitation, bills[place].due_on, payment.on))
        for place in (*named, *in_turn):
            part = min(rest, left[place])
            if part:
                paid[place].append(Paid(on=payment.on, amount_minor=part))
                left[place] -= part
                rest -= part
        advance += rest
    arrears = tuple(
        Arrear(
            ref=str(number),
            due_on=bill.due_on,
            amount_minor=bill.amount_minor,
            paid=tuple(paid[number - 1]),
            regime=regime,
        )
        for number, bill in enumerate(bills, start=1)
    )
    return Settled(arrears=arrears, advance_minor=advance)


def _out_of_time(limitation: LimitationRules, due_on: date, day: date) -> bool:
    try:
        return limitation.is_time_barred(due_on, day)
    except NotInForce:
        # Older than the law that was entered: there is no figure for such a bill either.
        return False


def _place(number: int, count: int) -> int:
    if not 1 <= number <= count:
        raise ValueError(f"Счёта № {number} нет: счетов {count}.")
    return number - 1
