"""What a person reads of a penalty is shorter than what was counted, and says the same."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from okno.law.explained import Reading
from okno.law.penalty import PenaltyRow
from okno.law.penalty_digest import digest

FIRST = date(2025, 6, 11)


def reading(why: str) -> Reading:
    return Reading(since=FIRST, until=FIRST, why=why, norm="ЖК РФ ст. 155", edition=date(2016, 1, 1), verified=True)


def row(first: int, days: int, base: int, share: Fraction, *, rate: Fraction = Fraction(19, 200)) -> PenaltyRow:
    since = FIRST + timedelta(days=first)
    return PenaltyRow(
        line="penalty",
        bill="июнь",
        since=since,
        until=since + timedelta(days=days - 1),
        days=days,
        base_minor=base,
        rate=rate if share else Fraction(0),
        share=share,
        exact=base * rate * share * days,
        readings=(reading(f"{share} от {rate}" if share else "не считается"),),
    )


SHARES = st.sampled_from([Fraction(0), Fraction(1, 300), Fraction(1, 130)])
RATES = st.sampled_from([Fraction(19, 200), Fraction(3, 20)])
ROWS = st.lists(
    st.builds(
        lambda first, days, base, share, rate: row(first, days, base, share, rate=rate),
        st.integers(0, 60),
        st.integers(1, 60),
        st.integers(1, 10**7),
        SHARES,
        RATES,
    ),
    max_size=8,
)


def by_day(rows: Iterable[PenaltyRow]) -> Counter[tuple[date, Fraction, Fraction]]:
    """How many minor units were counted at which rate and share on each day."""
    told: Counter[tuple[date, Fraction, Fraction]] = Counter()
    for one in rows:
        for day in range(one.days):
            told[one.since + timedelta(days=day), one.rate, one.share] += one.base_minor
    return told


@given(ROWS)
def test_every_day_of_every_kopeck_stays_at_its_rate(rows: list[PenaltyRow]) -> None:
    told = digest(rows)
    assert by_day(told) == by_day(rows)
    assert sum(one.exact for one in told) == sum(one.exact for one in rows)
    assert all(one.days == (one.until - one.since).days + 1 for one in told)
    assert all(one.exact == one.base_minor * one.rate * one.share * one.days for one in told)


@given(ROWS)
def test_no_two_rows_that_are_alike_stand_beside_each_other(rows: list[PenaltyRow]) -> None:
    told = digest(rows)
    begins = {(one.since, one.base_minor, one.rate, one.share) for one in told}
    ends = {(one.until + timedelta(days=1), one.base_minor, one.rate, one.share) for one in told}
    assert not ends & begins
    assert len({(one.since, one.rate, one.share) for one in told}) == len(told)
    assert all((why.since, why.until) == (one.since, one.until) for one in told for why in one.readings)


def test_parts_paid_later_are_one_row_while_both_are_owed() -> None:
    shared = Fraction(1, 300)
    told = digest(
        [
            row(0, 30, 4_000, Fraction(0)),
            row(30, 22, 4_000, shared),
            row(0, 30, 6_000, Fraction(0)),
            row(30, 60, 6_000, shared),
        ]
    )
    assert [(one.days, one.base_minor) for one in told] == [(30, 10_000), (22, 10_000), (38, 6_000)]


def test_parts_with_rates_of_their_own_stay_apart() -> None:
    told = digest([row(0, 10, 4_000, Fraction(1, 300)), row(0, 20, 6_000, Fraction(1, 300), rate=Fraction(3, 20))])
    assert [(one.days, one.base_minor) for one in told] == [(10, 4_000), (20, 6_000)]


def test_what_is_not_counted_by_days_stands_as_it_is() -> None:
    index = row(0, 30, 10_000, Fraction(1), rate=Fraction(1, 100))
    assert digest([index, row(3, 5, 10_000, Fraction(1))])
    whole = PenaltyRow(**{**{name: getattr(index, name) for name in index.__slots__}, "exact": Fraction(77)})
    assert digest([whole, row(10, 5, 10_000, Fraction(1))])[0] == whole


def test_each_bill_keeps_its_own_rows() -> None:
    other = row(0, 5, 100, Fraction(1, 300))
    other = PenaltyRow(**{**{name: getattr(other, name) for name in other.__slots__}, "bill": "июль"})
    assert [one.bill for one in digest([row(0, 5, 100, Fraction(1, 300)), other])] == ["июнь", "июль"]
