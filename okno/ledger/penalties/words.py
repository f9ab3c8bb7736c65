"""The penalties' own words for people: waivers, pauses, reasons of postings."""

from datetime import date

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.common.money import Currency, format_minor
from okno.ledger.models import EntryKind, Regime
from okno.ledger.penalties.models import PauseCause, PenaltyPause, PenaltyWaiver, WaiverState

_REPOSTED_AFTER = {
    EntryKind.PAYMENTS.value: gettext_lazy("Пеня пересчитана: деньги пришли позже дня, которым они засчитаны"),
    EntryKind.RECALCULATION.value: gettext_lazy("Пеня пересчитана после перерасчёта"),
    EntryKind.REVERSAL.value: gettext_lazy("Пеня пересчитана после сторно"),
}
_REPOSTED = gettext_lazy("Пеня пересчитана: проводка относится к дням, за которые пеня уже проведена")


def posted_after(kind: str, *, at_payment: bool) -> str:
    """Why penalties are posted or put right after an entry of this kind, where terms may post them at payment."""
    if kind == EntryKind.PAYMENTS and at_payment:
        return _("Пеня за просрочку оплаченного")
    return str(_REPOSTED_AFTER.get(kind, _REPOSTED))


def day_in_words(day: date) -> str:
    """ "05.03.2026"."""
    return date_format(day, "d.m.Y")


def waiver_in_words(waiver: PenaltyWaiver, *, currency: str) -> str:
    """What was given up: "вся пеня по 10.03.2026 (жильё…), если долг оплачен до 15.03.2026"."""
    what = _("вся пеня по %(day)s") if waiver.sum_minor is None else _("%(sum)s пени по %(day)s")
    told = what % {
        "day": day_in_words(waiver.until),
        "sum": format_minor(waiver.sum_minor or 0, Currency(currency), translation.get_language() or "ru"),
    }
    told = _("%(what)s (%(regime)s)") % {"what": told, "regime": Regime(waiver.regime).label}
    if waiver.pay_by is None:
        return told
    return _("%(what)s, если долг оплачен до %(day)s") % {"what": told, "day": day_in_words(waiver.pay_by)}


def given_in_words(waiver: PenaltyWaiver, *, currency: str) -> str:
    """The line of the trail about a waiver that is given."""
    told = waiver_in_words(waiver, currency=currency)
    return (_("Прощается %(what)s") if waiver.pay_by is None else _("Обещано: прощается %(what)s")) % {"what": told}


def judged_in_words(waiver: PenaltyWaiver) -> str:
    """The line of the trail about a condition that was met, was not, or waits again."""
    if waiver.state == WaiverState.KEPT and waiver.kept_on is not None:
        return _("Условие выполнено %(day)s: пеня прощена") % {"day": day_in_words(waiver.kept_on)}
    if waiver.pay_by is not None and waiver.state == WaiverState.BROKEN:
        return _("До %(day)s долг не оплачен: пеня остаётся") % {"day": day_in_words(waiver.pay_by)}
    return _("Условие снова ждёт оплаты: деньги, которыми оно было выполнено, сторнированы")


def pause_in_words(pause: PenaltyPause) -> str:
    """ "Приостановлено с 05.03.2026 по 20.03.2026: спор о начислениях. Жилец не согласен с показаниями"."""
    since = day_in_words(pause.since)
    days = (
        _("Приостановлено с %(since)s") % {"since": since}
        if pause.until is None
        else _("Приостановлено с %(since)s по %(until)s") % {"since": since, "until": day_in_words(pause.until)}
    )
    return _("%(days)s: %(cause)s. %(reason)s") % {
        "days": days,
        "cause": PauseCause(pause.cause).label,
        "reason": pause.reason,
    }
