"""Days of delay cut into spans of one share and one rate, without knowing the sum.

This is the one primitive of every penalty: the explanation multiplies a span by a part of a bill, the bulk path sums
the same shares and rates up into tables (`penalty_tables`).

A country says two dated things. A `Share` is what of the rate counts on a day of delay (1/300, 1/365, or 0 on free and
banned days); it depends on the due day and the day. `Rates` are the rate a year (or a day) with the day by which it is
looked up: that of the payment, one for the whole delay of the part, or each day of the delay by itself.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal, TypeVar

from okno.law.dated import InForce, NotInForce, Parameter, Rule
from okno.law.explained import Reading
from okno.law.penalty import Missing

RateOf = Literal["payment_day", "each_day"]
S = TypeVar("S")

ONE_DAY = timedelta(days=1)
FOREVER = date.max
NONE = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Days in a row (both inclusive) through which a value holds, with its reasons.

    `value` is None when nobody has entered it; then `missing` tells what to enter for a day of the stretch.
    """

    since: date
    until: date = FOREVER
    value: Fraction | None
    readings: tuple[Reading, ...] = ()
    missing: Callable[[date], Missing] | None = None

    def __post_init__(self) -> None:
        """Refuse a stretch without a value that does not say what is missing: it would cost nothing, silently."""
        if (self.value is None) is not (self.missing is not None):
            raise ValueError(f"A stretch from {self.since} needs either a value or what is missing.")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rates:
    """The rate by day. `stretches` are in order, without gaps, and reach every day that may be asked."""

    of: RateOf
    stretches: tuple[Stretch, ...]

    def on(self, day: date) -> Stretch:
        """The rate of a day."""
        return self.stretches[self._place(day)]

    def between(self, since: date, until: date) -> Iterator[Stretch]:
        """The rates of the days from `since` to `until` (both inclusive), cut at these ends."""
        for stretch in self.stretches[self._place(since) :]:
            if stretch.since > until:
                return
            yield replace(stretch, since=max(since, stretch.since), until=min(until, stretch.until))

    def _place(self, day: date) -> int:
        place = bisect_right(self.stretches, day, key=lambda stretch: stretch.since) - 1
        if place < 0 or day > self.stretches[place].until:
            raise LookupError(f"The country's rates do not reach {day}.")
        return place


@dataclass(frozen=True, slots=True, kw_only=True)
class Share(Stretch):
    """What of the rate counts on each day of the stretch; 0 on free and banned days."""

    rates: Rates


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """The most one minor unit can ever cost (1 is 100 % of the debt), and the norm that says so."""

    most: Fraction
    reading: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Days in a row (both inclusive) of one share and one rate. With `missing` there is no cost."""

    since: date
    until: date
    rate: Fraction = NONE
    share: Fraction = NONE
    readings: tuple[Reading, ...] = ()
    missing: Missing | None = None
    #: What the days cost together where they have no cost one by one (an index of prices).
    lump: Fraction | None = None

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1

    @property
    def cost(self) -> Fraction:
        """What one minor unit costs through the span, exactly."""
        return self.rate * self.share * self.days if self.lump is None else self.lump


def spans(
    shares: Sequence[Share], through: date, ceiling: Ceiling | None = None, *, last_day_counts: bool = True
) -> tuple[Span, ...]:
    """The spans from the first day of delay through the day of payment (or the day asked for), both inclusive.

    `shares` are of one due day, in order, without gaps. Free and banned days are spans too, with share and rate 0:
    a rate that nobody has entered does not matter on them. Where the last day does not count, it still names the rate.
    """
    last = through if last_day_counts else through - ONE_DAY
    found = [
        span for share in shares if share.since <= last for span in _of_share(share, min(share.until, last), through)
    ]
    return tuple(found) if ceiling is None else tuple(_under(ceiling, found))


def _of_share(share: Share, until: date, through: date) -> Iterator[Span]:
    if share.value is None:
        yield Span(since=share.since, until=until, missing=_missing(share, share.since))
        return
    if share.value == 0:
        yield Span(since=share.since, until=until, readings=share.readings)
        return
    paid_on = through if share.rates.of == "payment_day" else None
    rates: Iterable[Stretch] = share.rates.between(share.since, until)
    if paid_on is not None:
        rates = (replace(share.rates.on(paid_on), since=share.since, until=until),)
    for rate in rates:
        yield Span(
            since=rate.since,
            until=rate.until,
            rate=rate.value or NONE,
            share=share.value,
            readings=(*share.readings, *rate.readings),
            missing=_missing(rate, paid_on or rate.since),
        )


def _missing(stretch: Stretch, day: date) -> Missing | None:
    return stretch.missing(day) if stretch.missing else None


def _under(ceiling: Ceiling, found: Iterable[Span]) -> Iterator[Span]:
    """The same spans, stopped where the ceiling is reached: whole days, the rest of a day, then nothing."""
    left = ceiling.most
    for span in found:
        if span.missing or span.cost <= left:
            left -= span.cost
            yield span
            continue
        daily = span.rate * span.share
        whole = int(left // daily)
        reached = span.since + whole * ONE_DAY
        if whole:
            yield replace(span, until=reached - ONE_DAY)
        readings = (*span.readings, ceiling.reading)
        rest = left - whole * daily
        if rest:
            yield replace(span, since=reached, until=reached, share=rest / span.rate, readings=readings)
            reached += ONE_DAY
        if reached <= span.until:
            yield Span(since=reached, until=span.until, readings=readings)
        left = NONE


def without(shares: Iterable[Share], bans: Iterable[Stretch]) -> tuple[Share, ...]:
    """The shares with nothing counted on the days of the bans, which give their own reasons. Counters run on."""
    kept = list(shares)
    for ban in bans:
        kept = [piece for share in kept for piece in _cut_out(share, ban)]
    return tuple(kept)


def _cut_out(share: Share, ban: Stretch) -> Iterator[Share]:
    if ban.until < share.since or share.until < ban.since:
        yield share
        return
    if share.since < ban.since:
        yield replace(share, until=ban.since - ONE_DAY)
    since, until = max(share.since, ban.since), min(share.until, ban.until)
    yield replace(share, since=since, until=until, value=NONE, readings=ban.readings, missing=None)
    if ban.until < share.until:
        yield replace(share, since=ban.until + ONE_DAY)


def timeline(since: date, until: date, changes: Iterable[date], at: Callable[[date, date], S]) -> tuple[S, ...]:
    """Cut the days from `since` to `until` (both inclusive) at the `changes` and ask `at` about each piece's ends."""
    begins = sorted({since, *(day for day in changes if since < day <= until)})
    pieces = [(first, following - ONE_DAY) for first, following in pairwise(begins)]
    return tuple(at(first, last) for first, last in (*pieces, (begins[-1], until)))


def change_days(*norms: Parameter | Rule[..., Any]) -> set[date]:
    """Days on which a value or a wording begins, or the one before it has ended."""
    entries: list[InForce] = [
        entry for norm in norms for entry in (norm.values if isinstance(norm, Parameter) else norm.wordings)
    ]
    ends = {entry.until + ONE_DAY for entry in entries if entry.until is not None and entry.until < FOREVER}
    return {entry.since for entry in entries} | ends


def not_entered(norm: Parameter | Rule[..., Any], known_as_of: date | None = None) -> Callable[[date], Missing]:
    """What is told of a day on which nothing is entered, or was not known yet."""

    def told(day: date) -> Missing:
        try:
            norm.at(day)
        except NotInForce as refusal:
            return Missing(name=norm.name, day=day, message=str(refusal))
        known = f"{known_as_of:%d.%m.%Y}" if known_as_of else ""
        title = norm.title["ru"]
        return Missing(
            name=norm.name,
            day=day,
            message=f"На {day:%d.%m.%Y} не было известно: «{title}» ({norm.name}), если смотреть из {known}.",
        )

    return told
