"""The town's accounts month by month: what was billed, who paid and when. One pass, one month at a time."""

from array import array
from collections.abc import Callable, Iterator
from datetime import date
from random import Random
from typing import NamedTuple

from okno.common.days import last_day, months_between

from .plan import (
    AHEAD,
    AREAS,
    CHRONIC,
    COMPANY,
    FORGETFUL,
    HARDSHIP,
    LATE,
    MOVED_OUT,
    NEW_OWNER,
    PUNCTUAL,
    SEASONAL,
    Plan,
)

#: By which way money comes: banks 0, 1, 2 send registers; what goes straight to the account comes in a statement.
STATEMENT = 3

#: How many months a hardship lasts and how late in the month the late ones pay.
_HARDSHIP_MONTHS = 6
_SUMMER = frozenset({5, 6, 7, 8, 9})


class AccountMonth(NamedTuple):
    """One account's month in minor units; `services` are in the order of the place's services."""

    account: int
    opening: int
    services: tuple[int, ...]
    billed: int
    recalculated: int
    paid: int
    closing: int


class Paid(NamedTuple):
    """One payment: second of the month (from 0), account, amount in minor units, way (`STATEMENT` or a bank's number),
    whether the payer named the month."""

    second: int
    account: int
    amount: int
    way: int
    states_month: bool


class Books:
    """Goes through the months in order. `payments` hold those of the month gone through last, packed into integers."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.balance = array("q", bytes(8 * len(plan)))
        self._bill = array("q", bytes(8 * len(plan)))
        #: The sum of balances before the first bill, known once the first month has been gone through.
        self.opening = 0
        self._packed: list[int] = []

    def month(self, month: date) -> Iterator[AccountMonth]:
        """Bill a month and let the residents pay in it. Must be consumed whole before the next month."""
        plan, town = self.plan, self.plan.town
        number = months_between(town.first_month, month)
        rnd = Random(f"{town.seed}:month:{number}")
        random, balances, bills = rnd.random, self.balance, self._bill
        bill_of = self._bill_of(month, random)
        pay = self._payer(number, month, random, last_day(month).day)
        self._packed = []
        for index in range(len(plan)):
            if number == 0:
                balances[index] = self._first_balance(index, bill_of, random)
                self.opening += balances[index]
            opening = balances[index]
            paid = pay(index, opening, bills[index])
            services, billed = bill_of(index)
            recalculated = -int(services[0] * random()) if random() < 0.004 else 0
            closing = opening + billed + recalculated - paid
            balances[index] = closing
            bills[index] = billed
            yield AccountMonth(index, opening, services, billed, recalculated, paid, closing)

    def unfinished_month(self, month: date, *, until_day: int) -> None:
        """Let the residents pay in a month that is not billed yet, up to the day (inclusive)."""
        number = months_between(self.plan.town.first_month, month)
        rnd = Random(f"{self.plan.town.seed}:month:{number}")
        pay = self._payer(number, month, rnd.random, last_day(month).day, until_day=until_day)
        self._packed = []
        for index in range(len(self.plan)):
            self.balance[index] -= pay(index, self.balance[index], self._bill[index])

    def payments(self) -> Iterator[Paid]:
        """The payments of the month gone through last, in the order they were made."""
        self._packed.sort()
        for packed in self._packed:
            yield Paid(
                packed >> 70, packed >> 46 & 0xFFFFFF, packed >> 8 & 0x3FFFFFFFFF, packed >> 1 & 0x7F, bool(packed & 1)
            )

    def _first_balance(
        self, index: int, bill_of: Callable[[int], tuple[tuple[int, ...], int]], random: Callable[[], float]
    ) -> int:
        """Before the first bill: last month's bill is not paid yet, and some owe for years or have paid ahead."""
        _, bill = bill_of(index)
        kind = self.plan.kind[index]
        if kind == CHRONIC:
            return bill * (3 + int(random() * 20))
        if kind == AHEAD:
            return -bill * 2
        return bill

    def _bill_of(self, month: date, random: Callable[[], float]) -> Callable[[int], tuple[tuple[int, ...], int]]:
        plan, lent = self.plan, self.plan.place
        years = max(
            0, (months_between(plan.town.first_month, month) + plan.town.first_month.month - lent.growth_month) // 12
        )
        growth = (100 + lent.yearly_growth_percent) ** years, 100**years
        tariffs = {code: tariff * growth[0] // growth[1] for code, tariff in lent.tariffs.items()}
        heating = month.month in lent.heating_months
        fixed: dict[tuple[int, int], tuple[int, ...]] = {}
        water: dict[tuple[int, int], tuple[int, int, int, int]] = {}
        area, residents = plan.area, plan.residents
        has_power, has_repair = "common_power" in tariffs, "capital_repair" in tariffs

        def fixed_of(kind: int, people: int) -> tuple[int, ...]:
            metres = AREAS[kind]
            return (
                metres * tariffs["maintenance"] // 100,
                metres * tariffs["heating"] // 100 if heating else 0,
                tariffs["waste"] * (people or 3),
                metres * tariffs["common_power"] // 100 if has_power else 0,
                metres * tariffs["capital_repair"] // 100 if has_repair else 0,
            )

        def water_of(cold: int, hot: int) -> tuple[int, int, int, int]:
            """Cold, hot, sewerage and their sum, for volumes in tenths of m³."""
            parts = cold * tariffs["cold_water"] // 10, hot * tariffs["hot_water"] // 10
            drained = (cold + hot) * tariffs["sewerage"] // 10
            return *parts, drained, sum(parts) + drained

        def bill_of(index: int) -> tuple[tuple[int, ...], int]:
            people = residents[index]
            key = area[index], people
            lasting = fixed.get(key)
            if lasting is None:
                lasting = fixed[key] = fixed_of(*key)
            luck = random()
            volumes = int((people or 2) * (18 + 24 * luck)), int((people or 2) * (12 + 18 * luck * luck))
            flow = water.get(volumes)
            if flow is None:
                flow = water[volumes] = water_of(*volumes)
            cold, hot, drained, watered = flow
            upkeep, heat, waste, power, repair = lasting
            if repair and not plan.saves_for_repair(index):
                repair = 0
            billed = watered + upkeep + heat + waste + power + repair
            services = (
                (upkeep, heat, cold, hot, drained, waste, power, repair)
                if has_repair
                else (upkeep, heat, cold, hot, drained, waste)
            )
            return services, billed

        return bill_of

    def _payer(
        self, number: int, month: date, random: Callable[[], float], days: int, *, until_day: int = 31
    ) -> Callable[[int, int, int], int]:
        kinds, turns = self.plan.kind, self.plan.turn
        summer = month.month in _SUMMER
        append = self._append

        def pay(index: int, owed: int, bill: int) -> int:
            kind, luck = kinds[index], random()
            day, amount = _decision(kind, luck, owed, bill or owed, number - turns[index], summer=summer)
            if amount <= 0 or day > until_day:
                return 0
            append(min(day, days), index, amount, random())
            return amount

        return pay

    def _append(self, day: int, index: int, amount: int, luck: float) -> None:
        """Keep a payment as one integer that sorts by time; a list of those takes a quarter of the room of tuples."""
        whim = int(luck * 1_000_000)
        if self.plan.kind[index] == COMPANY or whim % 100 == 0:
            way = STATEMENT
        else:
            # Residents keep to their bank; now and then they use another one.
            way = (index * 7 + (whim % 11 == 0)) % 5 % 3
        second = (day - 1) * 86_400 + 25_200 + whim * 7 % 57_000
        self._packed.append(second << 70 | index << 46 | amount << 8 | way << 1 | (whim // 100 % 8 == 0))


def _decision(kind: int, luck: float, owed: int, bill: int, since_turn: int, *, summer: bool) -> tuple[int, int]:
    """On which day of the month somebody of the kind pays, and how much of what is owed; (0, 0) for not at all."""
    if kind in (PUNCTUAL, NEW_OWNER, COMPANY):
        day = 2 + int(luck * 13)
        if luck > 0.985:
            return 0, 0
        # Some round up, and the rest stays as an advance.
        return day, _rounded_up(owed) if int(luck * 1000) % 10 == 0 else owed
    if kind == LATE:
        return (0, 0) if luck > 0.93 else (15 + int(luck * 15), owed)
    if kind == FORGETFUL:
        return (0, 0) if luck < 0.3 else (5 + int(luck * 20), owed)
    if kind == CHRONIC:
        return (5 + int(luck * 200), bill // 2 + int(bill * luck * 5)) if luck < 0.1 else (0, 0)
    if kind == SEASONAL:
        return (0, 0) if summer else (8 + int(luck * 15), owed)
    if kind == HARDSHIP:
        if 0 <= since_turn < _HARDSHIP_MONTHS:
            return (20 + int(luck * 8), bill * 3 // 10) if luck < 0.3 else (0, 0)
        # Afterwards the gap is closed little by little.
        return 6 + int(luck * 12), min(owed, bill + bill // 3)
    if kind == AHEAD:
        return (3 + int(luck * 10), bill * 6) if owed > 0 else (0, 0)
    if kind == MOVED_OUT:
        return (0, 0) if since_turn >= 0 else (4 + int(luck * 10), owed)
    raise ValueError(f"Nobody pays like {kind}")


def _rounded_up(minor: int) -> int:
    """Up to the next hundred of main units."""
    return -(-minor // 10_000) * 10_000 if minor > 0 else minor
