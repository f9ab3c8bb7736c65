"""The open case on the card of an account: why it is there, what kind of debtor it looks like, on which step it is."""

from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, Subquery

from okno.debts import ladder, segments
from okno.debts.models import Case, Ladder, Segment
from okno.debts.words import opened_in_words
from okno.web.desk.debts import marks
from okno.web.parts.cells import Badge

FIELDS = (
    "opened_why",
    "opened_on",
    "aged_on",
    "overdue_since",
    "months_owed",
    "earlier_debts",
    "segment",
    "step",
    "step_on",
)
"""What of a case the card tells."""

ANNOTATIONS: dict[str, Any] = {
    **{f"case_{name}": F(f"open_case__{name}") for name in FIELDS},
    "ladder": Subquery(
        Ladder.objects.filter(organisation=OuterRef("organisation"), since__lte=OuterRef("open_case__aged_on"))
        .order_by("-since")
        .values("steps")[:1]
    ),
}
"""Read with the account in one query, where `open_case` is its open case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePart:
    """What the card tells of a case; `step` is empty until a night has placed it."""

    case: Case
    why: str
    segment: Badge | None
    segment_why: str
    step: str = ""
    step_why: str = ""


def case_part(account: Any) -> CasePart | None:
    """The open case of an account read with `ANNOTATIONS`, in words; None when it has none."""
    if account.case_opened_on is None:
        return None
    case = Case(**{name: getattr(account, f"case_{name}") for name in FIELDS})
    currency = account.organisation.currency
    steps = ladder.SHIPPED[account.organisation.country] if account.ladder is None else ladder.steps_of(account.ladder)
    step = next((step for step in steps if step.code == case.step), None)
    return CasePart(
        case=case,
        why=opened_in_words(case.opened_why, currency=currency),
        segment=marks.segment(case),
        segment_why=segments.reason(case) if case.segment in Segment.values else "",
        step=ladder.title(case.step),
        step_why=ladder.condition(step, currency=currency) if step else "",
    )
