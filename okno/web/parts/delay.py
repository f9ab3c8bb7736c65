"""A bill's delay drawn as a line of time: what was owed on each day, and what that day cost.

The height is what was still owed, so a payment is a step down; the fill is the share of the rate that counted. One
`<svg>` stretched to its place by per cent, with words of a fixed size, so that it is read on a phone as on a desk.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from okno.law.penalty import Arrear, PenaltyRow
from okno.web.parts import words

ONE_DAY = timedelta(days=1)

MARKS = 20
"""Pixels above the drawing that the marks of payments take; none where nothing was paid late."""
TALL = 44
LABEL = TALL + 14
DATES = LABEL + 15
FOOT = DATES + 4
WIDE = 1000
"""Units of the stretched part."""

ROOM_FOR_A_SHARE = 11
ROOM_FOR_A_DATE = 17
"""Per cent of the width below which a word would touch its neighbour on a phone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Days in a row (both inclusive) with one sum owed and one share; `look` is the fill, `name` says it in words."""

    since: date
    until: date
    owed_minor: int
    look: str
    name: str

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1


@dataclass(frozen=True, slots=True)
class Scale:
    """Days of a line of time as per cent of its width."""

    first: date
    days: int

    def at(self, day: date) -> float:
        """Where the day begins."""
        return round((day - self.first).days * 100 / self.days, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A payment on the line of time, by its number."""

    number: int
    on: date
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """The picture and the words beside it: (fill, name and days) of every share, payments by number."""

    picture: SafeString
    legend: list[tuple[str, str]]
    marks: list[Mark]


def last_late_day(arrear: Arrear, as_of: date) -> date | None:
    """The last day up to `as_of` (inclusive) on which something of the bill was late; None: it never was."""
    if _owed(arrear, as_of + ONE_DAY):
        return as_of if as_of > arrear.due_on else None
    last = max((paid.on for paid in arrear.paid), default=arrear.due_on)
    return last if last > arrear.due_on else None


def delay(arrear: Arrear, rows: Sequence[PenaltyRow], as_of: date) -> Delay | None:
    """How a bill was late up to `as_of` (inclusive); None for one that never was.

    `rows` are those of the bill on one line; days that no row speaks of are shown as wanting a value.
    """
    end = last_late_day(arrear, as_of)
    if end is None:
        return None
    stretches = list(_stretches(arrear, rows, end))
    late = sorted((paid for paid in arrear.paid if arrear.due_on < paid.on <= end), key=lambda paid: paid.on)
    marks = [
        Mark(number=number, on=paid.on, amount_minor=paid.amount_minor) for number, paid in enumerate(late, start=1)
    ]
    return Delay(picture=_drawn(arrear, stretches, marks), legend=_legend(stretches), marks=marks)


def _owed(arrear: Arrear, day: date) -> int:
    """What was owed through `day`: a payment counts as late on its own day, so it lowers the day after."""
    return arrear.amount_minor - sum(paid.amount_minor for paid in arrear.paid if paid.on < day)


def _stretches(arrear: Arrear, rows: Sequence[PenaltyRow], end: date) -> Iterator[Stretch]:
    """The days of the delay in pieces of one sum and one share."""
    going: Stretch | None = None
    for piece in _pieces(arrear, rows, end):
        if going and (going.owed_minor, going.look, going.name) == (piece.owed_minor, piece.look, piece.name):
            going = replace(going, until=piece.until)
            continue
        if going:
            yield going
        going = piece
    if going:
        yield going


def _pieces(arrear: Arrear, rows: Sequence[PenaltyRow], end: date) -> Iterator[Stretch]:
    shares = sorted({row.share for row in rows if row.share})
    begins = {arrear.due_on + ONE_DAY}
    begins |= {day for row in rows for day in (row.since, row.until + ONE_DAY)}
    begins |= {paid.on + ONE_DAY for paid in arrear.paid}
    inside = sorted(day for day in begins if arrear.due_on < day <= end)
    for since, after in zip(inside, [*inside[1:], end + ONE_DAY], strict=True):
        look, name = _dress(arrear, [row for row in rows if row.since <= since <= row.until], shares)
        yield Stretch(since=since, until=after - ONE_DAY, owed_minor=_owed(arrear, since), look=look, name=name)


def _dress(arrear: Arrear, rows: Sequence[PenaltyRow], shares: Sequence[Fraction]) -> tuple[str, str]:
    if not rows:
        return "missing", _("нет значения")
    share = max(row.share for row in rows)
    if share:
        return f"share{min(3, shares.index(share) + 1)}", share_text(share)
    if rows[0].since == arrear.due_on + ONE_DAY:
        return "free", _("без пени")
    return "stopped", _("не считается")


def share_text(share: Fraction) -> str:
    """«1/300»; a whole share is a rate by the day."""
    return str(share) if share != 1 else _("каждый день")


def _legend(stretches: Sequence[Stretch]) -> list[tuple[str, str]]:
    days: dict[tuple[str, str], int] = {}
    for stretch in stretches:
        key = (stretch.look, stretch.name)
        days[key] = days.get(key, 0) + stretch.days
    return [(look, f"{name}: {days_text(count)}") for (look, name), count in days.items()]


def days_text(count: int) -> str:
    """«22 дня»."""
    return ngettext("%(count)s день", "%(count)s дней", count) % {"count": words.number_text(count)}


def _drawn(arrear: Arrear, stretches: Sequence[Stretch], marks: Sequence[Mark]) -> SafeString:
    first, end = stretches[0].since, stretches[-1].until
    scale = Scale(first, (end - first).days + 1)
    told = _("Долг %(sum)s просрочен с %(since)s по %(until)s: %(legend)s") % {
        "sum": words.money_text(stretches[0].owed_minor),
        "since": words.day_text(first),
        "until": words.day_text(end),
        "legend": ", ".join(name for _look, name in _legend(stretches)),
    }
    above = MARKS if marks else 1
    return format_html(
        '<svg class="chart delay" role="img" width="100%" height="{}"><title>{}</title><g transform="translate(0 {})">'
        '<svg width="100%" height="{}" viewBox="0 0 {} {}" preserveAspectRatio="none">{}</svg>'
        '<line class="grid" x2="100%" y1="{}" y2="{}"/>{}{}{}</g></svg>',
        above + FOOT,
        told,
        above,
        TALL,
        WIDE,
        TALL,
        _areas(stretches, scale, arrear.amount_minor),
        TALL,
        TALL,
        _shares(stretches, scale),
        _dates(stretches, scale),
        _marks(marks, scale),
    )


def _areas(stretches: Sequence[Stretch], scale: Scale, most: int) -> SafeString:
    drawn = []
    for stretch in stretches:
        height = round(max(3.0, stretch.owed_minor * TALL / most), 1)
        left, right = scale.at(stretch.since) * WIDE / 100, scale.at(stretch.until + ONE_DAY) * WIDE / 100
        told = _("%(since)s – %(until)s: %(sum)s, %(name)s") % {
            "since": words.day_text(stretch.since),
            "until": words.day_text(stretch.until),
            "sum": words.money_text(stretch.owed_minor),
            "name": stretch.name,
        }
        place = round(left, 1), round(TALL - height, 1), round(right - left, 1), height
        drawn.append((stretch.look, *place, told))
    return format_html_join(
        "", '<rect class="d-{}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>', drawn
    )


def _shares(stretches: Sequence[Stretch], scale: Scale) -> SafeString:
    """The name of each run of one share under its middle, where there is room for it."""
    runs: list[tuple[str, float, float]] = []
    for stretch in stretches:
        left, right = scale.at(stretch.since), scale.at(stretch.until + ONE_DAY)
        if runs and runs[-1][0] == stretch.name:
            runs[-1] = (stretch.name, runs[-1][1], right)
        else:
            runs.append((stretch.name, left, right))
    told = [
        (round((left + right) / 2, 2), LABEL, name)
        for name, left, right in runs
        if right - left >= ROOM_FOR_A_SHARE * (2 if len(name) > 6 else 1)
    ]
    return format_html_join("", '<text x="{}%" y="{}" text-anchor="middle">{}</text>', told)


def _dates(stretches: Sequence[Stretch], scale: Scale) -> SafeString:
    """The first and the last day, and between them the days on which the share changed."""
    first, last = stretches[0].since, stretches[-1].until
    told: list[tuple[object, ...]] = [("0%", DATES, "start", words.day_text(first))]
    free_from = ROOM_FOR_A_DATE * 1.5
    for earlier, stretch in pairwise(stretches):
        place = scale.at(stretch.since)
        if earlier.name != stretch.name and free_from <= place <= 100 - ROOM_FOR_A_DATE * 1.75:
            told.append((f"{place}%", DATES, "middle", f"{stretch.since:%d.%m}"))
            free_from = place + ROOM_FOR_A_DATE
    if scale.days > 1:
        told.append(("100%", DATES, "end", words.day_text(last)))
    return format_html_join("", '<text class="d-date" x="{}" y="{}" text-anchor="{}">{}</text>', told)


def _marks(marks: Sequence[Mark], scale: Scale) -> SafeString:
    """Payments by their numbers above the line; those that would cover each other share a place as «3–5»."""
    groups: list[tuple[float, list[int]]] = []
    for mark in marks:
        place = scale.at(mark.on + ONE_DAY)
        if groups and place - groups[-1][0] < 6:
            groups[-1][1].append(mark.number)
        else:
            groups.append((place, [mark.number]))
    told = []
    for place, numbers in groups:
        name = str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}–{numbers[-1]}"
        inside = min(98.0, max(2.0, place))
        told.append((place, place, TALL, inside, inside, name))
    return format_html_join(
        "",
        '<line class="d-paid" x1="{}%" x2="{}%" y1="-4" y2="{}"/><circle class="d-dot" cx="{}%" cy="-12" r="8"/>'
        '<text class="d-number" x="{}%" y="-8" text-anchor="middle">{}</text>',
        told,
    )
