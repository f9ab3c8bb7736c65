"""What stands in one cell of a list, by the kind of its column; the same value in words for a file."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.common import phones
from okno.web.parts import words
from okno.web.parts.drawings import icon


class Kind(StrEnum):
    """How a value is shown: sums right-aligned with the currency, days short, badges in the six hues."""

    TEXT = "text"
    MONEY = "money"
    BALANCE = "balance"
    NUMBER = "number"
    DAY = "day"
    MOMENT = "moment"
    MONTH = "month"
    PHONE = "phone"
    BADGE = "badge"
    CLOCK = "clock"
    HTML = "html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """A word in one of the hues: idle, note, good, warn, late, plan."""

    text: str | Promise
    tone: str = "idle"
    icon: str = ""
    solid: bool = False


NOT_VERIFIED = Badge(text=gettext_lazy("не проверено"), tone="warn", icon="triangle-alert")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A term counted down on the page; `paused` and `met` are words that stop it."""

    due: datetime
    start: datetime | None = None
    paused: str = ""
    met: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a list.

    `value` is a dotted path from the row or a function of it (default: the key). `sort` is the field the
    database orders by ("" — not sortable); `nullable` tells that the field may be empty (empty ones come last).
    `total` is the field whose sum over the whole selection is shown below. A `hidden` one is off until chosen.
    `width` is sm, md, lg or grow; `clip` cuts long words. `doubt` is a boolean field of the row: where it is true the
    value rests on a norm nobody has verified, which is said beside it, below the list and in the file.
    """

    key: str
    title: str | Promise
    kind: Kind = Kind.TEXT
    value: str | Callable[[Any], Any] = ""
    sort: str = ""
    nullable: bool = False
    total: str = ""
    link: Callable[[Any], str] | None = None
    hidden: bool = False
    width: str = ""
    clip: bool = False
    doubt: str = ""

    @property
    def numeric(self) -> bool:
        return self.kind in {Kind.MONEY, Kind.BALANCE, Kind.NUMBER}

    @property
    def css(self) -> str:
        """Classes of the cells."""
        parts = (
            "num" if self.numeric else "",
            "clip" if self.clip else "",
            "nowrap" if self.kind in {Kind.DAY, Kind.MOMENT, Kind.MONTH, Kind.PHONE} else "",
        )
        return " ".join(part for part in parts if part)

    def read(self, row: Any) -> Any:
        """The value in this column of this row; a missing step of the path gives None."""
        if callable(self.value):
            return self.value(row)
        found = row
        for step in (self.value or self.key).split("."):
            found = found.get(step) if isinstance(found, dict) else getattr(found, step, None)
            if found is None:
                return None
        return found


def shown(column: Column, row: Any) -> SafeString:
    """The inside of the cell as HTML."""
    value = column.read(row)
    if value is None or value == "":
        return SafeString("")
    inside = _SHOWN[column.kind](value)
    if is_doubted(column, row):
        inside = format_html("{} {}", inside, badge(NOT_VERIFIED))
    if column.link is None:
        return inside
    return format_html('<a class="row-link" href="{}">{}</a>', column.link(row), inside)


def is_doubted(column: Column, row: Any) -> bool:
    """Whether the value rests on a norm nobody has verified; nothing rests on one."""
    return bool(column.doubt and getattr(row, column.doubt) and column.read(row))


def in_file(column: Column) -> tuple[Column, ...]:
    """The column as a file has it: sums stay numbers, so what is to be said of them stands in a column beside."""
    if not column.doubt:
        return (column,)
    mark = Column(
        key=f"{column.key}_doubt",
        title=_("%(column)s: отметка") % {"column": column.title},
        value=lambda row: NOT_VERIFIED.text if is_doubted(column, row) else None,
        width="md",
    )
    return column, mark


def exported(column: Column, row: Any) -> Any:
    """The value for a file: sums stay minor units, moments become local time without a zone."""
    value = column.read(row)
    if isinstance(value, Badge):
        return str(value.text)
    if isinstance(value, Clock):
        return value.due.astimezone(ZoneInfo(words.time_zone())).replace(tzinfo=None)
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo(words.time_zone())).replace(tzinfo=None)
    if isinstance(value, Promise):
        return str(value)
    return value


def _text(value: Any) -> SafeString:
    return format_html("{}", value)


def _day(value: date) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), words.day_text(value))


def _moment(value: datetime) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), words.moment_text(value))


def badge(value: Badge) -> SafeString:
    """A badge as HTML; the component `<c-badge>` draws the same."""
    return format_html(
        '<span class="badge{}" data-tone="{}">{}{}</span>',
        " badge-solid" if value.solid else "",
        words.TONES[value.tone],
        icon(value.icon) if value.icon else "",
        value.text,
    )


def clock(value: Clock) -> SafeString:
    """A term as HTML; <okno-countdown> writes what is left."""
    stage = "paused" if value.paused else "met" if value.met else ""
    return format_html(
        '<span class="clock" data-due="{}"{}{}>{}<span data-left>{}</span></span>',
        value.due.isoformat(),
        format_html(' data-start="{}"', value.start.isoformat()) if value.start else "",
        format_html(' data-stage="{}" data-fixed', stage) if stage else "",
        icon({"paused": "circle-pause", "met": "check"}.get(stage, "clock")),
        value.paused or value.met or words.moment_text(value.due),
    )


_SHOWN: dict[Kind, Callable[[Any], SafeString]] = {
    Kind.TEXT: _text,
    Kind.MONEY: lambda value: words.money_html(value),
    Kind.BALANCE: words.balance_cell,
    Kind.NUMBER: lambda value: _text(words.number_text(value)),
    Kind.DAY: _day,
    Kind.MOMENT: _moment,
    Kind.MONTH: lambda value: _text(words.month_text(value)),
    Kind.PHONE: lambda value: _text(phones.pretty(value)),
    Kind.BADGE: badge,
    Kind.CLOCK: clock,
    Kind.HTML: lambda value: format_html("{}", value),
}
