"""Pictures of results: the funnel, calls by day, two arms with their likely ranges."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from okno.dialogs.results import Compared, Row
from okno.web.parts import words


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the funnel and how many calls reached it."""

    title: str
    count: int


def drawn(steps: Sequence[Step]) -> SafeString:
    """The funnel: a row a step with its bar, its count and its share of the step before. Nothing without calls."""
    most = max((step.count for step in steps), default=0)
    if not most:
        return SafeString("")
    before = 0
    rows = []
    for place, step in enumerate(steps):
        share = f"{round(step.count * 100 / before)} %" if place and before else ""
        wide = f"{step.count * 100 / most:.2f}"
        rows.append((step.title, wide, place % 6, words.number_text(step.count), share))
        before = step.count
    body = format_html_join(
        "",
        '<li><span class="funnel-title">{}</span><svg class="funnel-bar" width="100%" height="18" aria-hidden="true">'
        '<rect width="100%" height="18" rx="3" class="c-idle"/><rect width="{}%" height="18" rx="3" class="f-step{}"/>'
        '</svg><b class="num">{}</b><span class="num muted">{}</span></li>',
        rows,
    )
    return format_html('<ol class="funnel">{}</ol>', body)


TALL, FOOT = 120, 18


def days(rows: Sequence[Row], since: date, until: date) -> SafeString:
    """A column a day: answered calls within all calls, good results within those."""
    by_day = {row.key: row for row in rows}
    span = (until - since).days + 1
    most = max((row.calls for row in rows), default=0)
    if not most or span < 2:
        return SafeString("")
    bars = []
    for place in range(span):
        day = since + timedelta(days=place)
        row = by_day.get(day)
        if row is None:
            continue
        x, wide = f"{place * 100 / span:.3f}", f"{max(0.2, 100 / span * 0.72):.3f}"
        told = _("%(day)s: набрано %(calls)s, ответили %(answered)s, с результатом %(good)s") % {
            "day": words.day_text(day), "calls": row.calls, "answered": row.answered, "good": row.good,
        }  # fmt: skip
        for count, css in ((row.calls, "c-idle"), (row.answered, "c-note"), (row.good, "c-good")):
            height = round(count * TALL / most, 1)
            bars.append((x, round(TALL - height, 1), wide, height, css, told))
    body = format_html_join(
        "", '<rect x="{}%" y="{}" width="{}%" height="{}" rx="1" class="{}"><title>{}</title></rect>', bars
    )
    every = max(1, -(-span // 6))
    marks = [
        (f"{(place + 0.36) * 100 / span:.3f}", TALL + 14, f"{since + timedelta(days=place):%d.%m}")
        for place in range(0, span, every)
    ]
    dates = format_html_join("", '<text class="d-date" x="{}%" y="{}">{}</text>', marks)
    title = _("Звонки по дням: серым набрано, синим ответили, зелёным с результатом")
    return format_html(
        '<svg class="chart" role="img" width="100%" height="{}"><title>{}</title>{}{}</svg>',
        TALL + FOOT, title, body, dates,
    )  # fmt: skip


def _across(share: float) -> str:
    """How far a share stands between the name of its arm and the figures on the right, in percent of the width."""
    return f"{6 + share * 66:.2f}"


def ranges(compared: Compared) -> SafeString:
    """Two lines with a dot each: the share of good results and the range it likely lies in."""
    told = []
    for place, (arm, (share, low, high)) in enumerate((("A", compared.a), ("B", compared.b))):
        y = 14 + place * 24
        told.append((y + 4, arm, _across(low), _across(high), y, y, _across(share), y, y + 4,
                     f"{round(share * 100)} % ({round(low * 100)}–{round(high * 100)})"))  # fmt: skip
    body = format_html_join(
        "",
        '<text class="d-date" x="0" y="{}">{}</text><line class="range" x1="{}%" x2="{}%" y1="{}" y2="{}"/>'
        '<circle class="end" cx="{}%" cy="{}" r="4"/><text class="d-date" x="100%" y="{}" text-anchor="end">{}</text>',
        told,
    )
    title = _("Доля звонков с результатом по ветвям, с вероятными границами")
    return format_html(
        '<svg class="chart ranges" role="img" width="100%" height="52"><title>{}</title>{}</svg>', title, body
    )
