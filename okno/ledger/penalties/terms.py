"""An organisation's terms of penalties: which hold on a day, and how they are changed.

Where nobody has set any, the law's defaults are counted and nothing is posted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from okno.access import trail
from okno.access.actor import Actor
from okno.access.models import Organisation
from okno.access.working_days import calendar_of
from okno.law.calendar import WorkingCalendar
from okno.law.countries import pack
from okno.law.penalty import Arrear, BadSetting
from okno.ledger.models import Regime
from okno.ledger.penalties.costs import Costs
from okno.ledger.penalties.keys import last_day
from okno.ledger.penalties.models import PenaltyMonth, PenaltyTerms, Posting
from okno.ledger.rows import Cursor


class TermsRefused(Exception):
    """The terms cannot be taken; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holds for a regime from `since` on; `settings` are only those that differ from the law's defaults."""

    regime: str
    since: date
    posting: Posting = Posting.FIGURES
    least_minor: int = 0
    settings: Mapping[str, str] = field(default_factory=dict)


ALWAYS = date(1900, 1, 1)
"""The first day of terms that nobody has set."""


class OrganisationTerms:
    """All terms of an organisation, read once a piece of work; the answers are those of `months.Rules`."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation = organisation
        law = pack(organisation.country).penalty
        self.regimes: Sequence[str] = law.regimes
        self.denominator = law.denominator
        self._costs: dict[tuple[str, tuple[tuple[str, str], ...]], Costs] = {}
        self._due_days: dict[tuple[str, date], date] = {}
        self._by_regime: dict[str, list[Terms]] = {regime: [] for regime in self.regimes}
        for row in PenaltyTerms.objects.filter(organisation=organisation).order_by("since"):
            self._by_regime.setdefault(row.regime, []).append(terms_of(row))

    @cached_property
    def calendar(self) -> WorkingCalendar:
        """The organisation's working days."""
        return calendar_of(self.organisation)

    def on(self, regime: str, day: date) -> Terms:
        """The terms in force on `day`."""
        held = [terms for terms in self._by_regime.get(regime, ()) if terms.since <= day]
        return held[-1] if held else Terms(regime=regime, since=ALWAYS)

    def costs(self, regime: str, day: date) -> Costs:
        """The law's tables by the settings in force on `day`."""
        settings = self.on(regime, day).settings
        key = (regime, tuple(sorted(settings.items())))
        if key not in self._costs:
            self._costs[key] = Costs(self.organisation.country, regime, settings, calendar=self.calendar)
        return self._costs[key]

    def posting(self, regime: str, day: date) -> Posting:
        """When penalties of the regime are posted by the terms of `day`."""
        return self.on(regime, day).posting

    def least_minor(self, regime: str, day: date) -> int:
        """The smallest sum that is posted by the terms of `day`."""
        return self.on(regime, day).least_minor

    def due_on(self, regime: str, month: date) -> date:
        """The last day to pay the penalty of a month: that of the month's bill, by the law. Raises NotInForce."""
        if (regime, month) not in self._due_days:
            law = pack(self.organisation.country)
            self._due_days[regime, month] = law.due_day(month, regime=regime, calendar=self.calendar).value
        return self._due_days[regime, month]

    def figure(self, regime: str, day: date, arrears: Sequence[Arrear]) -> int:
        """What the arrears cost through `day` by the terms of that day, rounded. Raises PenaltyUnknown."""
        return self.costs(regime, day).figure(arrears, day)

    @property
    def ever_at_payment(self) -> bool:
        """Whether penalties of any regime are, were or will be posted at payment."""
        return any(terms.posting == Posting.AT_PAYMENT for rows in self._by_regime.values() for terms in rows)


def terms_of(row: PenaltyTerms) -> Terms:
    """What a row of the table says."""
    return Terms(
        regime=row.regime,
        since=row.since,
        posting=Posting(row.posting),
        least_minor=row.least_minor,
        settings=row.settings,
    )


def posted_months(organisation_id: int) -> list[date]:
    """The months (first days) whose penalties are posted or begun to be, in order."""
    months = PenaltyMonth.objects.filter(organisation_id=organisation_id).order_by("month")
    return list(months.values_list("month", flat=True))


def hold_months(cursor: Cursor, organisation_id: int, *, alone: bool) -> None:
    """Hold the list of posted months until the transaction ends.

    Alone by one who begins a month; together by postings that must know whether it is begun.
    """
    lock = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    cursor.execute(f"SELECT {lock}(hashtextextended('penalties.months', %s))", (organisation_id,), prepare=True)


def change(actor: Actor, terms: Terms, *, reason: str) -> PenaltyTerms:
    """Take new terms of a regime from `terms.since` on and leave a line about it; earlier days keep theirs.

    Terms that begin on the same day are replaced. Raises TermsRefused (no reason, a regime that bears no penalty, a
    setting the law does not know, a month that is posted already).
    """
    organisation = actor.organisation
    if organisation is None:
        raise TermsRefused(_("Условия пени принадлежат организации, а она не указана"))
    if not reason.strip():
        raise TermsRefused(_("Назовите причину, по которой условия меняются"))
    _check(organisation, terms)
    with transaction.atomic():
        row, _made = PenaltyTerms.objects.update_or_create(
            organisation=organisation,
            regime=terms.regime,
            since=terms.since,
            defaults={
                "posting": terms.posting,
                "least_minor": terms.least_minor,
                "settings": dict(terms.settings),
                "author": actor.name,
            },
        )
        trail.record(
            actor,
            "penalties.terms_changed",
            _("Пеня с %(day)s, %(regime)s: %(posting)s")
            % {
                "day": date_format(terms.since, "d.m.Y"),
                "regime": Regime(terms.regime).label,
                "posting": Posting(terms.posting).label,
            },
            subject=("settings", row.pk),
            reason=reason.strip(),
            detail={"settings": dict(terms.settings), "least_minor": terms.least_minor},
        )
    return row


def _check(organisation: Organisation, terms: Terms) -> None:
    law = pack(organisation.country).penalty
    if terms.regime not in law.regimes:
        raise TermsRefused(_("По закону здесь пени нет: менять нечего"))
    if terms.least_minor < 0:
        raise TermsRefused(_("Наименьшая сумма не бывает отрицательной"))
    try:
        law.resolved(terms.settings)
    except BadSetting as refusal:
        raise TermsRefused(str(refusal)) from refusal
    posted = posted_months(organisation.pk)
    if posted and terms.since <= last_day(posted[-1]):
        raise TermsRefused(
            _("Пени по %(day)s уже проведены: новые условия могут действовать с более позднего дня")
            % {"day": date_format(last_day(posted[-1]), "d.m.Y")}
        )
