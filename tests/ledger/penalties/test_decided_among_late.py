"""Waivers and pauses decided among facts that arrive late end as they would had everything come in time."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from okno.ledger.penalties import pauses, waiver
from okno.ledger.penalties.models import PauseCause, Posting
from okno.ledger.penalties.pauses import Rest
from okno.ledger.penalties.waiver import Grant, WaiverRefused
from tests.ledger.book import sums_hold
from tests.ledger.penalties.penalty_book import actor, figure, waived
from tests.ledger.penalties.test_any_order import LAST, MANY, SUMS, World, ends_alike, facts, one_a_day, world

THE_END = date(2026, 7, 31)


@dataclass(frozen=True)
class Decision:
    """A waiver or a pause of the first days after the month `tick`; `taken_back` ticks later it is taken back."""

    tick: int
    what: str
    back: int
    length: int | None
    sum_minor: int | None
    pay_in: int | None
    taken_back: int | None

    @property
    def on(self) -> date:
        return date(2026, self.tick + 2, 1) + timedelta(days=self.back % 5)

    @property
    def until(self) -> date:
        """The last day of what is given up, the first of a pause."""
        return self.on - timedelta(days=self.back)

    @property
    def ends(self) -> date | None:
        return None if self.length is None else self.until + timedelta(days=self.length)

    @property
    def pay_by(self) -> date | None:
        return None if self.pay_in is None else self.on + timedelta(days=self.pay_in)


DECISIONS = st.builds(
    Decision,
    tick=st.integers(0, LAST - 1),
    what=st.sampled_from(["waiver", "waiver", "pause"]),
    back=st.integers(0, 70),
    length=st.none() | st.integers(0, 60),
    sum_minor=st.none() | st.integers(1, 300),
    pay_in=st.none() | st.integers(0, 60),
    taken_back=st.sampled_from([None, None, None, 0, 1, 2]),
)


@dataclass
class Decided(World):
    """Both accounts are decided upon alike, each by what is known of it then."""

    decided: list[Decision] = field(default_factory=list)
    given: dict[int, list[int]] = field(default_factory=dict)

    def decide(self, tick: int) -> None:
        by = actor(self.book.organisation)
        for number, one in enumerate(self.decided):
            if one.tick == tick and one.what == "pause":
                for account in self.book.accounts:
                    rest = Rest(account_id=account, since=one.until, cause=PauseCause.DISPUTE, until=one.ends)
                    pauses.begin(by, rest, reason="спор", today=one.on)
            elif one.tick == tick:
                self.given[number] = self.waivers(one)
            if one.taken_back is not None and min(one.tick + one.taken_back, LAST) == tick:
                for pk in self.given.get(number, ()):
                    waiver.take_back(by, pk, reason="ошибка", today=one.on)

    def waivers(self, one: Decision) -> list[int]:
        """The waiver on both accounts; where there is nothing to waive, on neither."""
        found: list[int] = []
        for account in reversed(self.book.accounts):
            grant = Grant(
                account_id=account, regime="housing", until=one.until, sum_minor=one.sum_minor, pay_by=one.pay_by
            )
            try:
                found.append(waiver.give(actor(self.book.organisation), grant, reason="льгота", today=one.on).pk)
            except WaiverRefused:
                if found:
                    # One account has nothing to waive as yet: they are not decided upon alike.
                    reject()
                return found
        return found


@pytest.mark.slow
@pytest.mark.parametrize("kind", [Posting.MONTHLY, Posting.FIGURES])
def test_what_was_decided_among_late_facts_ends_as_if_they_had_come_in_time(db, kind):
    @MANY
    @given(SUMS, st.lists(facts(), max_size=6), st.lists(DECISIONS, min_size=1, max_size=4))
    def check(sums, told, decided) -> None:
        plain = world(sums, kind)
        lived = Decided(plain.book, plain.sums, decided)
        lived.live(one_a_day(told))
        ends_alike(lived)
        in_time, late = lived.book.accounts
        assert waived(late) == waived(in_time)
        one, other = figure(in_time, THE_END), figure(late, THE_END)
        assert (one.rounded_minor, one.due_minor, one.waived_minor, one.not_posted_minor) == (
            other.rounded_minor,
            other.due_minor,
            other.waived_minor,
            other.not_posted_minor,
        )
        assert sums_hold(in_time)

    check()
