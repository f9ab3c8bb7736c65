"""Debt cases in the journal of an account: opened and closed, with the reasons."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.common.journal import Event, Subject
from okno.debts.models import Case
from okno.debts.words import closed_in_words, opened_in_words

SOURCE = "debts"

EVENT_KINDS = {
    "case.opened": gettext_lazy("Долг возник"),
    "case.closed": gettext_lazy("Долг закрыт"),
}


def tell(subject: Subject, *, before: datetime | None, limit: int, kinds: frozenset[str] | None) -> Iterable[Event]:
    """The events of an account, the newest first; other subjects have none of their own here."""
    if subject.kind != "account" or (kinds is not None and kinds.isdisjoint(EVENT_KINDS)):
        return ()
    cases = Case.objects.filter(account_id=subject.id, organisation_id=subject.organisation_id).select_related(
        "organisation"
    )
    if before is not None:
        cases = cases.filter(opened_at__lt=before)
    events = [event for case in cases.order_by("-opened_at", "-id")[:limit] for event in _of(case)]
    told = [event for event in events if before is None or event.at < before]
    return sorted(told, key=lambda event: event.at, reverse=True)[:limit]


def _of(case: Case) -> Iterable[Event]:
    opened = opened_in_words(case.opened_why, currency=case.organisation.currency)
    yield Event(
        at=case.opened_at,
        kind="case.opened",
        title=_("Открыто дело о долге: %(why)s") % {"why": opened},
        source=SOURCE,
        ref=f"case:{case.pk}",
        detail=case.opened_why,
        amount_minor=case.opened_why["debt_minor"],
        tone="bad",
    )
    if case.closed_at is not None and case.closed_why is not None:
        yield Event(
            at=case.closed_at,
            kind="case.closed",
            title=_("Дело о долге закрыто: %(why)s") % {"why": closed_in_words(case.closed_why)},
            source=SOURCE,
            ref=f"case:{case.pk}",
            detail=case.closed_why,
            tone="good",
        )
