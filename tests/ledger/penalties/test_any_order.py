"""Facts that arrive late leave the same penalties as the same facts in time, whatever the order they come in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okno.access.models import Organisation
from okno.ledger.models import Balance
from okno.ledger.penalties.models import Posting
from okno.ledger.verify import verify
from tests.ledger.book import Book, bill, pay, sums_hold
from tests.ledger.penalties.penalty_book import penalties, post_month, set_terms

MONTHS = ("2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06")
"""Each is billed and its penalties are posted on the first day of the month after it."""
LAST = len(MONTHS)
SINCE = date(2026, 1, 1)


@dataclass(frozen=True)
class Fact:
    """Money of a day: `late` ticks after its own it arrives; `gone` ticks after that it is reversed (None: never)."""

    day: int
    minor: int
    kind: str = "payment"
    regime: str = ""
    stated: int | None = None
    late: int = 0
    gone: int | None = None

    @property
    def on(self) -> date:
        return SINCE + timedelta(days=self.day)

    @property
    def tick(self) -> int:
        """The end of its own month: before it the fact arrives in time."""
        return self.on.month - 1

    @property
    def arrives(self) -> int:
        return min(self.tick + self.late, LAST)

    @property
    def reversed_at(self) -> int | None:
        return None if self.gone is None else min(self.arrives + self.gone, LAST)

    def stated_month(self) -> str | None:
        """A month that was billed by the day of the money."""
        return None if self.stated is None or self.tick == 0 else MONTHS[self.stated % self.tick]


@st.composite
def facts(draw: st.DrawFn) -> Fact:
    kind = draw(st.sampled_from(["payment", "payment", "payment", "recalculation"]))
    return Fact(
        day=draw(st.integers(0, 180)),
        minor=draw(st.integers(1, 40_00)),
        kind=kind,
        regime=draw(st.sampled_from(["", "housing", "capital_repair"] if kind == "payment" else ["housing"])),
        stated=draw(st.none() | st.integers(0, 5)) if kind == "payment" else draw(st.integers(0, 5)),
        late=draw(st.integers(0, 5)),
        gone=draw(st.sampled_from([None, None, None, 0, 1, 3])),
    )


@dataclass
class World:
    """Two accounts that are billed alike: on one the facts come in time, on the other as they please."""

    book: Book
    sums: list[tuple[int, int]]

    def live(self, told: list[Fact]) -> None:
        in_time, late = self.book.accounts
        standing = [fact for fact in told if fact.gone is None]
        paid: dict[int, int] = {}
        for tick in range(LAST + 1):
            for number, fact in self.arriving([fact for fact in standing if fact.tick == tick]):
                self.come(in_time, fact, f"in-time:{number}:{fact.day}")
            for number, fact in enumerate(told):
                if fact.arrives == tick:
                    paid[number] = self.come(late, fact, f"late:{number}")
            for number, fact in enumerate(told):
                if fact.reversed_at == tick:
                    self.book.reverse(payments=[paid[number]])
            if tick < LAST:
                housing, repair = self.sums[tick]
                for account in (in_time, late):
                    self.book.post(
                        bill(account, MONTHS[tick], housing),
                        bill(account, MONTHS[tick], repair, regime="capital_repair"),
                    )
                post_month(self.book, MONTHS[tick])
            self.decide(tick)

    def decide(self, tick: int) -> None:
        """What else is done to both accounts at the end of a tick: here, nothing."""

    @staticmethod
    def arriving(told: list[Fact]) -> Iterator[tuple[int, Fact]]:
        return iter(sorted(enumerate(told), key=lambda pair: pair[1].day))

    def come(self, account: int, fact: Fact, key: str) -> int:
        row = pay(
            account,
            fact.on.isoformat(),
            fact.minor,
            stated=fact.stated_month(),
            regime=fact.regime,
            key=f"{account}:{key}",
            kind=fact.kind,
        )
        return self.book.post(row, kind="payments").payment_ids[row.source_key]


def world(sums: list[tuple[int, int]], kind: Posting) -> World:
    organisation = Organisation.objects.create(
        name="УК", country="ru", currency="RUB", time_zone="Europe/Moscow", languages=["ru"], default_language="ru"
    )
    book = Book.begin(organisation, 2)
    # The debtor whose penalty begins with the first day: six months are enough to see it.
    set_terms(book, kind, debtor="other")
    return World(book, sums)


SUMS = st.lists(st.tuples(st.integers(0, 50_00), st.integers(0, 20_00)), min_size=LAST, max_size=LAST)
MANY = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


def one_a_day(told: list[Fact]) -> list[Fact]:
    """Money of one day is told apart by nothing but the order it came in."""
    return list({fact.day: fact for fact in told}.values())


def ends_alike(lived: World) -> None:
    in_time, late = lived.book.accounts
    assert penalties(late) == penalties(in_time)
    one, other = (Balance.objects.get(account=account) for account in (in_time, late))
    assert (one.open_minor, one.advance_minor) == (other.open_minor, other.advance_minor)
    assert sums_hold(late)
    assert verify(lived.book.organisation).is_true


@pytest.mark.slow
@pytest.mark.parametrize("kind", [Posting.MONTHLY, Posting.AT_PAYMENT])
def test_late_facts_leave_the_penalties_they_would_have_left_in_time(db, kind):
    @MANY
    @given(SUMS, st.lists(facts(), max_size=8))
    def check(sums: list[tuple[int, int]], told: list[Fact]) -> None:
        lived = world(sums, kind)
        lived.live(one_a_day(told))
        ends_alike(lived)

    check()
