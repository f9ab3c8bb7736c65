"""Small drawings made on the server: a trend line, debt by age, months of payments, a share.

Each is one `<svg role="img">` with a `<title>` that says in words what is drawn; sizes are attributes, so no
inline style is needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from okno.common.money import Currency
from okno.web.parts import words

Outcome = Literal["paid", "late", "none", "plan", "empty"]


@dataclass(frozen=True, slots=True)
class MonthPaid:
    """How one month was paid: in time, late, not at all, by a plan, or nothing was due."""

    month: date
    outcome: Outcome


def sparkline(values: Sequence[float], title: str = "", width: int = 120, height: int = 32) -> SafeString:
    """A line of values, oldest first, with the last one marked. Fewer than two values draw nothing."""
    if len(values) < 2:
        return SafeString("")
    low, high = min(values), max(values)
    span = (high - low) or 1
    step = (width - 6) / (len(values) - 1)
    points = [
        (round(3 + index * step, 1), round(height - 4 - (value - low) / span * (height - 8), 1))
        for index, value in enumerate(values)
    ]
    line = " ".join(f"{x},{y}" for x, y in points)
    told = title or _("от %(first)s до %(last)s") % {
        "first": words.number_text(values[0]),
        "last": words.number_text(values[-1]),
    }
    return format_html(
        '<svg class="chart" role="img" width="{}" height="{}" viewBox="0 0 {} {}"><title>{}</title>'
        '<polygon class="area" points="{},{} {} {},{}"/><polyline class="trace" points="{}"/>'
        '<circle class="end" cx="{}" cy="{}" r="2.5"/></svg>',
        width,
        height,
        width,
        height,
        told,
        points[0][0],
        height,
        line,
        points[-1][0],
        height,
        line,
        *points[-1],
    )


def ageing_bar(amounts: Sequence[int], height: int = 10, currency: str = "") -> SafeString:
    """One bar of four parts, minor units: debt of 0-30, 31-60, 61-90 and over 90 days, with a legend."""
    of = Currency(currency) if currency else None
    names = [_("до 30 дней"), _("31–60"), _("61–90"), _("больше 90")]
    total = sum(amounts) or 1
    pieces, legend, left = [], [], 0.0
    for index, (name, amount) in enumerate(zip(names, amounts, strict=True), start=1):
        share = amount * 100 / total
        pieces.append((f"{left:.2f}", f"{share:.2f}", height, index))
        legend.append((index, name, words.money_text(amount, of=of)))
        left += share
    title = "; ".join(f"{name}: {amount}" for _index, name, amount in legend)
    rows = format_html_join("", '<rect x="{}%" width="{}%" height="{}" class="c-age{}"/>', pieces)
    shown = format_html_join(
        "",
        '<span><svg viewBox="0 0 10 10" aria-hidden="true">'
        '<rect width="10" height="10" rx="2" class="c-age{}"/></svg>{} <b>{}</b></span>',
        legend,
    )
    return format_html(
        '<div class="stack-tight"><svg class="chart" role="img" width="100%" height="{}">'
        "<title>{}</title>{}</svg>"
        '<div class="legend" aria-hidden="true">{}</div></div>',
        height,
        title,
        rows,
        shown,
    )


_FILLS: dict[Outcome, str] = {
    "paid": "c-good",
    "late": "c-warn",
    "none": "c-late",
    "plan": "c-plan",
    "empty": "c-idle",
}


def outcome_word(outcome: Outcome) -> str:
    """What a square of the payment strip means."""
    return {
        "paid": _("оплачен вовремя"),
        "late": _("оплачен с опозданием"),
        "none": _("не оплачен"),
        "plan": _("по плану"),
        "empty": _("начислений не было"),
    }[outcome]


def payment_strip(months: Sequence[MonthPaid], size: int = 12) -> SafeString:
    """A square a month, oldest first (36 fit a card); height tells the outcome as well as the hue."""
    tall = {"paid": 1.0, "late": 0.7, "plan": 0.85, "none": 0.4, "empty": 0.2}
    squares = []
    for index, item in enumerate(months):
        height = round(size * 1.5 * tall[item.outcome], 1)
        told = f"{words.month_text(item.month)}: {outcome_word(item.outcome)}"
        squares.append((index * (size + 2), size * 1.5 - height, size, height, _FILLS[item.outcome], told))
    counts = {kind: sum(item.outcome == kind for item in months) for kind in _FILLS}
    title = ", ".join(f"{outcome_word(kind)}: {count}" for kind, count in counts.items() if count)
    width, height = max(len(months), 1) * (size + 2) - 2, size * 1.5
    drawn = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="{}" rx="2" class="{}"><title>{}</title></rect>',
        squares,
    )
    return format_html(
        '<svg class="chart" role="img" width="{}" height="{}" viewBox="0 0 {} {}"><title>{}</title>{}</svg>',
        width,
        height,
        width,
        height,
        title,
        drawn,
    )


def share_bar(part: float, title: str, tone: str = "note", width: int = 96, height: int = 6) -> SafeString:
    """A bar filled to `part` (0 to 1) with its meaning in words."""
    filled = round(max(0.0, min(1.0, part)) * width, 1)
    return format_html(
        '<svg class="chart" role="img" width="{}" height="{}" viewBox="0 0 {} {}"><title>{}</title>'
        '<rect width="{}" height="{}" rx="3" class="c-idle"/>'
        '<rect width="{}" height="{}" rx="3" class="c-{}"/></svg>',
        width,
        height,
        width,
        height,
        title,
        width,
        height,
        filled,
        height,
        words.TONES[tone],
    )
