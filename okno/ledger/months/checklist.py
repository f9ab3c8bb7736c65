"""What ought to be done before a month is closed: the ledger's own checks, and those that higher rooms register.

A check says what it found in words. It never refuses: a person may close a month with something left undone, and what
it was is kept with the month.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from okno.access.models import Organisation
from okno.common.days import add_months, last_day
from okno.law.countries import pack
from okno.ledger.models import PaymentFeed
from okno.ledger.penalties.models import MonthState, PenaltyMonth, Posting
from okno.ledger.penalties.terms import OrganisationTerms
from okno.ledger.words import month_in_words, number_in_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check found: `is_clean` or what is left, in a sentence."""

    is_clean: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A check with its finding."""

    key: str
    title: str | Promise
    finding: Finding

    @property
    def is_clean(self) -> bool:
        return self.finding.is_clean

    @property
    def text(self) -> str:
        return self.finding.text


Check = Callable[[Organisation, date], Finding | None]
"""(organisation, first day of the month) → what is found; None where the check does not concern the organisation."""

_checks: dict[str, tuple[int, str | Promise, Check]] = {}


def register(key: str, title: str | Promise, check: Check, *, order: int) -> None:
    """Have the check made for every month, in the order of `order`. Raises ValueError for a key that is taken."""
    if key in _checks:
        raise ValueError(f"a check named {key} is registered already")
    _checks[key] = (order, title, check)


def made(organisation: Organisation, month: date) -> list[Item]:
    """Every check of the month (its first day) that concerns the organisation."""
    items = []
    for key, (_order, title, check) in sorted(_checks.items(), key=lambda pair: pair[1][0]):
        finding = check(organisation, month)
        if finding is not None:
            items.append(Item(key=key, title=title, finding=finding))
    return items


def undone(items: list[Item]) -> list[dict[str, str]]:
    """What is left of them, as it is kept with the closed month."""
    return [{"key": item.key, "text": item.text} for item in items if not item.is_clean]


def _bills(organisation: Organisation, month: date) -> Finding:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT bill.account_id) FROM ledger_entry AS entry"
            " JOIN ledger_bill AS bill ON bill.entry_id = entry.id"
            " WHERE entry.organisation_id = %s AND entry.accounted_on BETWEEN %s AND %s"
            " AND bill.kind = 'month' AND bill.month = %s AND bill.reversed_by_id IS NULL",
            [organisation.pk, month, last_day(month), month],
        )
        (accounts,) = cursor.fetchone() or (0,)
    if not accounts:
        text = _("Начислений за %(month)s ещё нет: загрузите ведомость") % {"month": month_in_words(month)}
        return Finding(is_clean=False, text=text)
    text = ngettext("начислено %(count)s лицевому счёту", "начислено %(count)s лицевым счетам", accounts)
    return Finding(is_clean=True, text=text % {"count": number_in_words(accounts)})


def _feeds(organisation: Organisation, month: date) -> Finding | None:
    ends = datetime.combine(add_months(month, 1), time(), ZoneInfo(organisation.time_zone))
    awaited = list(PaymentFeed.objects.filter(organisation=organisation, expected=True).order_by("name"))
    if not awaited:
        return None
    stale = [feed.name for feed in awaited if feed.covers_until is None or feed.covers_until < ends]
    if stale:
        text = _("нет платежей до конца месяца: %(names)s") % {"names": ", ".join(stale)}
        return Finding(is_clean=False, text=text)
    return Finding(is_clean=True, text=_("платежи загружены до конца месяца"))


def _penalties(organisation: Organisation, month: date) -> Finding | None:
    terms = OrganisationTerms(organisation)
    regimes = pack(organisation.country).penalty.regimes
    if all(terms.posting(regime, last_day(month)) != Posting.MONTHLY for regime in regimes):
        return None
    run = PenaltyMonth.objects.filter(organisation=organisation, month=month).first()
    if run is None or run.state != MonthState.POSTED:
        text = _("пени за %(month)s не проведены") % {"month": month_in_words(month)}
        return Finding(is_clean=False, text=text)
    return Finding(is_clean=True, text=_("пени проведены"))


def register_own() -> None:
    """The ledger's own checks."""
    register("bills", gettext_lazy("Начисления"), _bills, order=10)
    register("feeds", gettext_lazy("Источники платежей"), _feeds, order=30)
    register("penalties", gettext_lazy("Пени"), _penalties, order=60)
