"""What the importer tells the journal: imports that touched an account, and its money found among the unmatched."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from okno.common.journal import Event, Subject
from okno.exchange.models import Import, ImportChange, ImportState, UnmatchedPayment
from okno.ledger.models import Bill, Payment

KINDS = frozenset({"import.posted", "import.rolled_back", "payment.matched"})


def told(subject: Subject, *, before: datetime | None, limit: int, kinds: frozenset[str] | None) -> Iterable[Event]:
    """The importer's events of an account, newest first; other subjects have none."""
    if subject.kind != "account" or (kinds is not None and not kinds & KINDS):
        return []
    events = [*_imports(subject), *_matched(subject)]
    events = [event for event in events if before is None or event.at < before]
    events.sort(key=lambda event: event.at, reverse=True)
    return events[:limit]


def _imports(subject: Subject) -> Iterable[Event]:
    entries = (
        Bill.objects.filter(account=subject.id)
        .values("entry")
        .union(Payment.objects.filter(account=subject.id).values("entry"))
    )
    cards = ImportChange.objects.filter(table="ledger_account", object_id=subject.id).values("source")
    touching = Import.objects.filter(
        Q(entries__in=[row["entry"] for row in entries]) | Q(pk__in=cards), organisation=subject.organisation_id
    ).select_related("user")
    for source in touching.distinct():
        yield from _of_import(source)


def _of_import(source: Import) -> Iterable[Event]:
    values = {"number": source.pk, "kind": source.get_kind_display(), "file": source.file_name}
    actor = source.user.name if source.user else None
    ref = f"import:{source.pk}"
    if source.posted_at is not None:
        title = _("Импорт № %(number)s: %(kind)s, файл «%(file)s»") % values
        yield Event(at=source.posted_at, kind="import.posted", title=title, source="exchange", ref=ref, actor=actor)
    if source.state == ImportState.ROLLED_BACK and source.rolled_back_at is not None:
        title = _("Импорт № %(number)s откачен") % values
        yield Event(
            at=source.rolled_back_at,
            kind="import.rolled_back",
            title=title,
            source="exchange",
            ref=ref,
            actor=actor,
            tone="warning",
        )


def _matched(subject: Subject) -> Iterable[Event]:
    matched = UnmatchedPayment.objects.filter(
        organisation=subject.organisation_id, account=subject.id, decided_at__isnull=False
    ).select_related("decided_by")
    for payment in matched:
        assert payment.decided_at is not None
        yield Event(
            at=payment.decided_at,
            kind="payment.matched",
            title=_("Платёж от %(day)s разнесён вручную") % {"day": f"{payment.value_on:%d.%m.%Y}"},
            source="exchange",
            ref=f"unmatched:{payment.pk}",
            actor=payment.decided_by.name if payment.decided_by else None,
            amount_minor=payment.amount_minor,
        )
