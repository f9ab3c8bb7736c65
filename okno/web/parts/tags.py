"""Words of every template: `{% icon %}`, `{% money %}`, `|day`, `|phone`, charts. A builtin: no `{% load %}`."""

from datetime import date, datetime

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

from okno.common import phones
from okno.common.journal import Event
from okno.common.money import Currency
from okno.web.parts import charts, delay, keys, penalties, words
from okno.web.parts.drawings import icon as drawn_icon

register = template.Library()


register.simple_tag(drawn_icon, name="icon")


@register.simple_tag
def money(minor: int | None, balance: bool = False, currency: str = "") -> SafeString:
    """A sum of minor units; `balance=True` puts «долг» or «переплата» before it. Nothing for None."""
    if minor is None:
        return SafeString("")
    return words.money_html(minor, of=Currency(currency) if currency else None, balance=balance)


@register.filter
def day(value: date | None, style: str = "short") -> str:
    return words.day_text(value, style) if value else ""


@register.filter
def moment(value: datetime | None) -> str:
    return words.moment_text(value) if value else ""


@register.filter
def clock_time(value: datetime | None) -> str:
    return words.time_text(value) if value else ""


@register.filter
def month(value: date | None) -> str:
    return words.month_text(value) if value else ""


@register.filter
def number(value: float | None) -> str:
    return "" if value is None else words.number_text(value)


@register.filter
def phone(e164: str) -> str:
    return phones.pretty(e164) if e164 else ""


@register.filter
def phone_mask(e164: str) -> str:
    """The number with its middle hidden, for those who may not read it."""
    return phones.mask(e164) if e164 else ""


register.filter("days", delay.days_text)
register.filter("exact_money", penalties.exact_money)


@register.filter
def tone(value: str) -> str:
    """The six hues by any of their names: the journal's `warning` and the style's `warn` are one."""
    return words.TONES.get(value or "idle", "idle")


@register.filter
def key_label(combination: str) -> str:
    return keys.label(combination)


@register.filter
def key_aria(combination: str) -> str:
    return keys.aria(combination)


@register.filter
def initials(name: str) -> str:
    """«Иванова Мария» → «ИМ»."""
    return "".join(word[0] for word in name.split()[:2]).upper()


@register.filter
def hue(name: str) -> int:
    """One of five tints, always the same for the same name."""
    return sum(map(ord, name)) % 5


register.simple_tag(charts.sparkline)
register.simple_tag(charts.ageing_bar)
register.simple_tag(charts.payment_strip)
register.simple_tag(charts.share_bar)


_DRESS = {"select": "select", "selectmultiple": "select", "textarea": "textarea"}
_UNDRESSED = {"checkbox", "radioselect", "checkboxselectmultiple", "hidden"}


@register.filter
def dressed(field: BoundField) -> SafeString:
    """The widget of a form's field in our clothes; its aria attributes are Django's own."""
    if field.widget_type in _UNDRESSED:
        return field.as_widget()
    told = field.field.widget.attrs.get("class", "")
    return field.as_widget(attrs={"class": f"{_DRESS.get(field.widget_type, 'input')} {told}".strip()})


_EVENT_ICONS = {
    "call": "phone",
    "sms": "smartphone",
    "email": "at-sign",
    "letter": "mail",
    "visit": "door-open",
    "message": "message-square",
    "contact": "send",
    "permit": "shield-check",
    "payment": "banknote",
    "bill": "receipt-text",
    "penalty": "percent",
    "reversal": "undo-2",
    "allocation": "split",
    "plan": "calendar-clock",
    "promise": "handshake",
    "dispute": "scale",
    "case": "folder-input",
    "import": "folder-input",
    "view": "eye",
    "consent": "square-check",
    "phone": "phone",
    "note": "sticky-note",
    "request": "clipboard-list",
    "incident": "siren",
}


@register.filter
def event_icon(event: Event) -> str:
    """The drawing of a journal's event by the first word of its kind."""
    return _EVENT_ICONS.get(event.kind.partition(".")[0], "circle-dot")
