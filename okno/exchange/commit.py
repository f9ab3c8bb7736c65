"""Everything of one import goes in: in one transaction, as it was shown, and once."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from okno.access import trail
from okno.access.actor import Actor, acting
from okno.common import clock
from okno.exchange import passing, staging
from okno.exchange.models import FileKind, Import, ImportChange, ImportState
from okno.exchange.progress import Progress, Watcher
from okno.exchange.run import Run, lock, lock_organisation
from okno.jobs import collector, signals
from okno.ledger import feeds
from okno.ledger.models import Entry, PaymentFeed

COMMITTABLE = (ImportState.CHECKED, ImportState.POSTING)


class CannotCommit(Exception):
    """The import cannot be posted; the message says why and what to do."""


class NotConfirmed(CannotCommit):
    """There are remarks a person must confirm first."""


class DifferenceChanged(CannotCommit):
    """The books changed since the difference was shown: it must be shown again. Nothing was posted."""


def confirm(actor: Actor, source: Import, codes: Collection[str] | None = None) -> None:
    """A person confirms remarks by their codes (None: all of them); the trail keeps what was confirmed."""
    with transaction.atomic():
        texts = []
        for remark in source.remarks:
            if remark["needs_person"] and not remark["confirmed"] and (codes is None or remark["code"] in codes):
                remark["confirmed"] = True
                texts.append(remark["text"])
        if not texts:
            return
        source.save(update_fields=["remarks"])
        sentence = _("Подтверждены замечания к импорту № %(number)s") % {"number": source.pk}
        trail.record(actor, "import.confirmed", sentence, subject=("import", source.pk), reason="\n".join(texts))


def commit(actor: Actor, import_id: int, *, watcher: Watcher | None = None) -> Import:
    """Post a checked import; posting one that is posted already changes nothing.

    A process killed in the middle leaves it "posting" with nothing posted: call again. Raises NotConfirmed,
    DifferenceChanged, CannotCommit, and PostingRefused of the ledger; then nothing was posted.
    """
    source = Import.objects.select_related("organisation").get(pk=import_id)
    if source.state == ImportState.POSTED:
        return source
    _refuse_unready(source)
    Import.objects.filter(pk=source.pk, state__in=COMMITTABLE).update(state=ImportState.POSTING)
    try:
        with (
            collector.paused(),
            Progress(source.pk, source.organisation_id, watcher) as progress,
            acting(actor, source="import"),
            transaction.atomic(),
        ):
            lock(source.pk)
            lock_organisation(source.organisation_id)
            source = Import.objects.select_related("organisation").get(pk=import_id)
            if source.state == ImportState.POSTED:
                return source
            _commit(actor, source, progress)
    except Exception:
        Import.objects.filter(pk=source.pk, state=ImportState.POSTING).update(state=ImportState.CHECKED)
        raise
    return source


def _refuse_unready(source: Import) -> None:
    if source.state not in COMMITTABLE:
        text = _("Импорт № %(number)s %(state)s: проводить можно только проверенный")
        raise CannotCommit(text % {"number": source.pk, "state": source.get_state_display()})
    waiting = [remark["text"] for remark in source.remarks if remark["needs_person"] and not remark["confirmed"]]
    if waiting:
        raise NotConfirmed(_("Подтвердите замечания: %(remarks)s") % {"remarks": " ".join(waiting)})


def _commit(actor: Actor, source: Import, progress: Progress) -> None:
    run = Run(
        source=source,
        actor=actor,
        cursor=staging.cursor(),
        today=clock.today(source.organisation.time_zone),
        progress=progress,
        writes=True,
    )
    _reading, _comparing, posting_step = passing.step_names()
    progress.step(posting_step, source.counts["rows"])
    if source.kind in passing.MONEY:
        _stage_again_if_lost(run)
        passing.go_through_money(run)
        staging.drop(run.cursor, source.pk)
    else:
        passing.go_through_cards(run, passing.reread(run))
    if run.tally.digest() != source.totals["digest"]:
        raise DifferenceChanged(
            _("Пока файл ждал, учёт изменился. Проверьте импорт № %(number)s ещё раз.") % {"number": source.pk}
        )
    _freshen_feed(run)
    source.entries.add(*Entry.objects.filter(pk__in=run.entry_ids))
    source.state, source.posted_at, source.progress_text = ImportState.POSTED, clock.now(), ""
    source.progress_done = source.progress_total = source.counts["rows"]
    source.save()
    _tell(actor, source)


def _stage_again_if_lost(run: Run) -> None:
    """A crash of the server empties staging tables; the rows are still in the file."""
    if staging.count(run.cursor, run.source.pk) != run.source.counts["staged"]:
        passing.stage(run, passing.reread(run))


def _freshen_feed(run: Run) -> None:
    """The gate may go on: payments of this source are posted up to that moment."""
    feed = run.source.totals.get("feed")
    if feed is None:
        return
    name, covers_until = feed[0], datetime.fromisoformat(feed[1])
    found = PaymentFeed.objects.filter(organisation=run.organisation, name=name).first()
    before = _moments(found) if found else None
    feeds.received(run.organisation, name, covers_until, clock.now())
    after = PaymentFeed.objects.get(organisation=run.organisation, name=name)
    run.keep(
        [
            ImportChange(
                source=run.source, table=after._meta.db_table, object_id=after.pk, before=before, after=_moments(after)
            )
        ]
    )


def _moments(feed: PaymentFeed) -> dict[str, str | None]:
    return {
        name: moment.isoformat() if (moment := getattr(feed, name)) else None
        for name in ("covers_until", "received_at")
    }


def _tell(actor: Actor, source: Import) -> None:
    sentence = _("Проведён импорт № %(number)s: %(kind)s, файл «%(file)s»") % {
        "number": source.pk,
        "kind": source.get_kind_display(),
        "file": source.file_name,
    }
    trail.record(actor, "import.posted", sentence, subject=("import", source.pk), detail=source.counts)
    topics = ["imports", f"import:{source.pk}", "ledger"]
    if source.kind in (FileKind.REGISTER, FileKind.STATEMENT):
        topics.append("unmatched")
    signals.send(source.organisation_id, topics)
