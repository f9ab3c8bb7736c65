"""A number of the law through time, drawn as steps: how high it was, when it changed, and where nobody knows it.

One `<svg>` stretched to its place by per cent, its words of a fixed size; every step tells its days and its value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import ceil, floor, log10

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from okno.web.parts import words

ONE_DAY = timedelta(days=1)
TALL = 150
FOOT = 20
WIDE = 1000
"""Units of the stretched part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A value from `since` on; `until` (inclusive) is its last day, None: until the next one, or for good."""

    since: date
    until: date | None
    number: float
    text: str


@dataclass(frozen=True, slots=True)
class _Frame:
    first: date
    end: date
    ruler: tuple[float, ...]

    def x(self, day: date) -> float:
        """Where the day begins, per cent."""
        return round((day - self.first).days * 100 / max(1, (self.end - self.first).days), 2)

    def y(self, number: float) -> float:
        """How far below the top the number stands, pixels."""
        return round(TALL - number * TALL / self.ruler[-1], 1)


def steps(entries: Sequence[Step], *, title: str, today: date) -> SafeString:
    """The steps in order of days, drawn through `today`; fewer than two draw nothing.

    Days up to today for which there is no value are drawn as unknown.
    """
    if len(entries) < 2:
        return SafeString("")
    runs = _runs(entries, today)
    most = max(step.number for step in entries)
    frame = _Frame(entries[0].since, max(today, runs[-1][1]) + ONE_DAY, _ruler(most))
    return format_html(
        '<svg class="chart values" role="img" width="100%" height="{}"><title>{}</title>'
        '<svg width="100%" height="{}" viewBox="0 0 {} {}" preserveAspectRatio="none">{}{}{}</svg>{}{}{}</svg>',
        TALL + FOOT,
        title,
        TALL,
        WIDE,
        TALL,
        _unknown(runs, frame, today),
        _bars(runs, frame),
        _edge(runs, frame),
        _lines(frame),
        _years(frame),
        _last(runs[-1], frame),
    )


def _runs(entries: Sequence[Step], today: date) -> list[tuple[date, date, Step]]:
    """(first day, last day, value) of every step."""
    ends = [following.since - ONE_DAY for _step, following in pairwise(entries)]
    told = []
    for step, natural in zip(entries, [*ends, None], strict=True):
        until = step.until or natural or max(today, step.since)
        told.append((step.since, min(until, natural) if natural else until, step))
    return told


def _ruler(most: float) -> tuple[float, ...]:
    """Round marks up to the first that is not below `most`: four or five of them."""
    size = 10.0 ** floor(log10(most / 4)) if most > 0 else 1.0
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor * 5 >= most)
    return tuple(step * place for place in range(1, ceil(most / step) + 1))


def _lines(frame: _Frame) -> SafeString:
    marks = ((frame.y(mark), frame.y(mark), frame.y(mark) + 12, words.number_text(mark)) for mark in frame.ruler)
    return format_html_join(
        "", '<line class="grid" x2="100%" y1="{}" y2="{}"/><text class="v-mark" x="2" y="{}">{}</text>', marks
    )


def _edge(runs: Sequence[tuple[date, date, Step]], frame: _Frame) -> SafeString:
    """The upper edge, from step to step; it breaks where nothing is known."""
    line, ended = [], None
    for since, until, step in runs:
        left, right, top = frame.x(since) * WIDE / 100, frame.x(until + ONE_DAY) * WIDE / 100, frame.y(step.number)
        line.append(f"{'V' if ended == since else f'M{left:.1f} '}{top:g}H{right:.1f}")
        ended = until + ONE_DAY
    return format_html('<path class="trace" d="{}"/>', "".join(line))


def _bars(runs: Sequence[tuple[date, date, Step]], frame: _Frame) -> SafeString:
    drawn = []
    for since, until, step in runs:
        left, right = frame.x(since) * WIDE / 100, frame.x(until + ONE_DAY) * WIDE / 100
        told = _("%(since)s – %(until)s: %(value)s") % {
            "since": words.day_text(since),
            "until": words.day_text(until),
            "value": step.text,
        }
        top = frame.y(step.number)
        drawn.append((round(left, 1), top, round(max(1.0, right - left), 1), round(TALL - top, 1), told))
    return format_html_join(
        "", '<rect class="v-step" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>', drawn
    )


def _unknown(runs: Sequence[tuple[date, date, Step]], frame: _Frame, today: date) -> SafeString:
    gaps = [(until + ONE_DAY, following - ONE_DAY) for (_since, until, _s), (following, *_rest) in pairwise(runs)]
    gaps.append((runs[-1][1] + ONE_DAY, today))
    drawn = [
        (
            round(frame.x(since) * WIDE / 100, 1),
            round((frame.x(until + ONE_DAY) - frame.x(since)) * WIDE / 100, 1),
            TALL,
            _("%(since)s – %(until)s: не введено") % {"since": words.day_text(since), "until": words.day_text(until)},
        )
        for since, until in gaps
        if since <= until
    ]
    return format_html_join(
        "", '<rect class="d-missing" x="{}" y="0" width="{}" height="{}"><title>{}</title></rect>', drawn
    )


def _years(frame: _Frame) -> SafeString:
    """The years under the line, as many as have room on a phone."""
    every = max(1, -(-(frame.end.year - frame.first.year) // 6))
    starts = [date(year, 1, 1) for year in range(frame.first.year + 1, frame.end.year + 1)]
    told = [(frame.x(day), TALL + 15, day.year) for day in starts if day.year % every == 0 and 3 <= frame.x(day) <= 97]
    return format_html_join("", '<text class="d-date" x="{}%" y="{}" text-anchor="middle">{}</text>', told)


def _last(run: tuple[date, date, Step], frame: _Frame) -> SafeString:
    _since, until, step = run
    return format_html(
        '<circle class="end" cx="{}%" cy="{}" r="3"/>', frame.x(min(until + ONE_DAY, frame.end)), frame.y(step.number)
    )
