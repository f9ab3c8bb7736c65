"""What an account owes, in one sentence: the answer to «сколько я должен и почему» for the desk and the cabinet."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from okno.common.days import add_months
from okno.ledger import statement
from okno.ledger.ages import AGES
from okno.ledger.limitation import barred_until
from okno.ledger.models import BillKind, OpenBill
from okno.ledger.statement import Summary
from okno.web.parts import words

_YEAR_WORD = re.compile(r"\s+[гр]\.$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An account on a day: its sums, the months not paid (overdue and still in time) and the nearest due day."""

    day: date
    summary: Summary
    late_months: tuple[date, ...]
    coming_months: tuple[date, ...]
    coming_due_on: date | None
    barred_minor: int

    @property
    def ages(self) -> list[int]:
        """The four ages of the overdue debt, in minor units."""
        return [self.summary.overdue_by_age[name] for name in AGES]

    @property
    def to_pay_minor(self) -> int:
        """What is to be paid now: everything that is open less the advance; nothing when it is overpaid."""
        return max(0, self.summary.saldo_minor)

    @property
    def tone(self) -> str:
        if self.summary.overdue_minor:
            return "late"
        return "good" if self.summary.saldo_minor < 0 else "idle"

    @property
    def sentence(self) -> str:
        """«Долг 12 345,60 ₽ за сентябрь — октябрь 2026, просрочен с 16.10.2026»."""
        saldo = self.summary.saldo_minor
        if saldo < 0:
            return _("Переплата %(sum)s: она пойдёт в счёт следующих начислений.") % {"sum": words.money_text(-saldo)}
        if saldo == 0:
            return _("Долга нет, платить сейчас нечего.")
        if not self.summary.overdue_minor:
            return _("К оплате %(sum)s до %(due)s: начислено за %(months)s, срок ещё не прошёл.") % {
                "sum": words.money_text(saldo),
                "due": _day(self.coming_due_on),
                "months": months_text(self.coming_months),
            }
        return self._late_sentence(saldo)

    def _late_sentence(self, saldo: int) -> str:
        since = self.summary.overdue_since
        late = _("Просрочен долг %(sum)s: не оплачено за %(months)s, с %(since)s.") % {
            "sum": words.money_text(self.summary.overdue_minor),
            "months": months_text(self.late_months),
            "since": _day(since + timedelta(days=1)) if since else "",
        }
        if self.barred_minor:
            told = _("Из них %(sum)s — за пределами исковой давности: о них не напоминают.")
            late = f"{late} {told % {'sum': words.money_text(self.barred_minor)}}"
        if not self.summary.not_yet_due_minor:
            return late
        coming = _("Ещё %(sum)s за %(months)s — до %(due)s. Всего к оплате %(all)s.") % {
            "sum": words.money_text(self.summary.not_yet_due_minor),
            "months": months_text(self.coming_months),
            "due": _day(self.coming_due_on),
            "all": words.money_text(saldo),
        }
        return f"{late} {coming}"


def standing(account_id: int, day: date) -> Standing:
    """The account as of `day`, the organisation's day. Raises LookupError for an account that is not there."""
    rows = list(
        OpenBill.objects.filter(account_id=account_id)
        .order_by("month")
        .values_list("month", "due_on", "open_minor", "account__organisation__country")
    )
    late = sorted({month for month, due_on, *_rest in rows if due_on < day})
    coming = [(month, due_on) for month, due_on, *_rest in rows if due_on >= day]
    bound = barred_until(rows[0][3], day) if rows else None
    return Standing(
        day=day,
        summary=statement.summary(account_id, day),
        late_months=tuple(late),
        coming_months=tuple(sorted({month for month, _due in coming})),
        coming_due_on=min((due_on for _month, due_on in coming), default=None),
        barred_minor=sum(open_minor for _month, due_on, open_minor, _where in rows if bound and due_on <= bound),
    )


def bill_title(month: date, kind: str) -> str:
    """A bill by its month, and by its kind where it is not a month's own: «Доначисление · июнь 2025»."""
    told = words.month_text(month)
    return (told if kind == BillKind.MONTH else f"{BillKind(kind).label} · {told}").capitalize()


def months_text(months: tuple[date, ...]) -> str:
    """Months in order as people say them: «сентябрь — ноябрь 2026», «март и июль 2026», «7 месяцев с мая 2025»."""
    if not months:
        return ""
    if len(months) > 2 and months[-1] == add_months(months[0], len(months) - 1):
        return _("%(first)s — %(last)s") % {"first": _name(months[0], months[-1]), "last": words.month_text(months[-1])}
    if len(months) <= 3:
        *firsts, last = months
        named = [_name(month, last) for month in firsts]
        if not named:
            return words.month_text(last)
        return _("%(first)s и %(last)s") % {"first": ", ".join(named), "last": words.month_text(last)}
    count = ngettext("%(count)s месяц", "%(count)s месяцев", len(months)) % {"count": len(months)}
    return _("%(count)s, первый — %(first)s") % {"count": count, "first": words.month_text(months[0])}


def _day(day: date | None) -> str:
    """«16 октября 2026», without «г.» or «р.» for the year, so that a sentence may end with it."""
    return _YEAR_WORD.sub("", words.day_text(day, "long")) if day else ""


def _name(month: date, beside: date) -> str:
    """The month without its year when the year is told beside it."""
    if month.year != beside.year:
        return words.month_text(month)
    return str(format_date(month, "LLLL", locale=words.language()))
