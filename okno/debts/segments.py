"""What kind of debtor stands behind a case: a rule that everybody can read, and its reason in words.

The worst that fits is taken: who owes half a year is chronic, whoever they were before; who owes two months or more
is in difficulties for a time; of those who owe less, whoever has been late within a year is forgetful, the rest new.
"""

from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from okno.debts.models import Case, Segment

SEGMENTS = tuple(Segment)
"""From the mildest on; `placed` answers with a place in it."""

CHRONIC_MONTHS, CHRONIC_DAYS = 6, 180
TEMPORARY_MONTHS, TEMPORARY_DAYS = 2, 60


def placed(months_owed: Any, days_past: Any, earlier_debts: Any) -> Any:
    """The place in `SEGMENTS`, of one debtor (numbers) or of many at once (columns of numbers).

    `days_past` counts from the due day of the oldest open bill; `earlier_debts` are those of the year before.
    """
    chronic = (months_owed >= CHRONIC_MONTHS) | (days_past > CHRONIC_DAYS)
    temporary = (months_owed >= TEMPORARY_MONTHS) | (days_past > TEMPORARY_DAYS)
    return np.where(chronic, 3, np.where(temporary, 2, np.where(earlier_debts > 0, 1, 0)))


def segment(months_owed: int, days_past: int, earlier_debts: int) -> Segment:
    """The segment of one debtor."""
    return SEGMENTS[int(placed(months_owed, days_past, earlier_debts))]


def reason(case: Case) -> str:
    """Why the case is in its segment, by the figures it shows: «не оплачено месяцев: 8»."""
    if case.segment == Segment.NEW:
        return _("за год это первый долг")
    if case.segment == Segment.FORGETFUL:
        return _("за год уже были долги: %(count)s, все погашены") % {"count": case.earlier_debts}
    if case.months_owed >= (CHRONIC_MONTHS if case.segment == Segment.CHRONIC else TEMPORARY_MONTHS):
        return _("не оплачено месяцев: %(count)s") % {"count": case.months_owed}
    return _("самому старому долгу дней: %(count)s") % {"count": (case.aged_on - case.overdue_since).days}
