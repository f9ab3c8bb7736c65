"""The ledger's own words for people: kinds of events, months, what a row is called."""

from datetime import date

from babel.dates import format_date
from babel.numbers import format_decimal
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.ledger.models import BillKind, PaymentKind, Regime

EVENT_KINDS = {
    "bill.posted": gettext_lazy("Начисления"),
    "payment.posted": gettext_lazy("Платежи"),
    "recalculation.posted": gettext_lazy("Перерасчёты"),
    "penalty.posted": gettext_lazy("Пени"),
    "penalty.waived": gettext_lazy("Прощение пени"),
    "opening.posted": gettext_lazy("Входящее сальдо"),
    "bill.reversed": gettext_lazy("Сторно начислений"),
    "payment.reversed": gettext_lazy("Сторно платежей"),
}
"""Kinds of the journal's events that the ledger tells, for filters."""


def month_in_words(month: date) -> str:
    """ "март 2026" in the language in force."""
    return format_date(month, "LLLL y", locale=translation.get_language() or "ru")


def number_in_words(number: int) -> str:
    """1284 → "1 284", as the language in force parts thousands."""
    return str(format_decimal(number, locale=translation.get_language() or "ru"))


def bill_title(kind: str, regime: str, month: date) -> str:
    """What a bill is called: "Начислено за март 2026: жильё и коммунальные услуги"."""
    titles = {
        BillKind.MONTH.value: _("Начислено за %(month)s: %(regime)s"),
        BillKind.OPENING.value: _("Входящий долг на %(month)s: %(regime)s"),
        BillKind.RECALCULATION.value: _("Доначислено за %(month)s: %(regime)s"),
        BillKind.PENALTY.value: _("Пеня за %(month)s: %(regime)s"),
    }
    return titles[kind] % {"month": month_in_words(month), "regime": Regime(regime).label}


def payment_title(kind: str, value_on: date, stated_month: date | None) -> str:
    """What a payment is called: "Оплата от 05.03.2026 за март 2026". A recalculation by a waiver has a kind apart."""
    titles = {
        PaymentKind.PAYMENT.value: _("Оплата от %(day)s"),
        PaymentKind.OPENING.value: _("Входящая переплата на %(day)s"),
        PaymentKind.RECALCULATION.value: _("Снято по перерасчёту %(day)s"),
        "waiver": _("Прощена пеня %(day)s"),
    }
    title = titles[kind] % {"day": f"{value_on:%d.%m.%Y}"}
    if stated_month is None:
        return title
    return _("%(title)s за %(month)s") % {"title": title, "month": month_in_words(stated_month)}


def reversed_title(title: str) -> str:
    """What a reversal is called: "Сторно: оплата …"."""
    return _("Сторно: %(title)s") % {"title": title}
