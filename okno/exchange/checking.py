"""A file is read and checked: what is wrong with it, what would change, what must be confirmed. Nothing is posted."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from okno.access.actor import Actor
from okno.common import clock
from okno.exchange import passing, staging
from okno.exchange.formats.cells import shown
from okno.exchange.formats.headers import Columns
from okno.exchange.formats.limits import Unreadable
from okno.exchange.formats.records import Remark
from okno.exchange.formats.tables import read_table
from okno.exchange.models import Import, ImportState, QuarantinedRow, QuarantineState
from okno.exchange.progress import Progress, Watcher
from okno.exchange.reading import Bad, NotUnderstood, read
from okno.exchange.receiving import is_table, path_of, sniffed_of
from okno.exchange.run import Run, lock, lock_organisation
from okno.jobs import collector, signals
from okno.law.dated import NotInForce

CHECKABLE = (ImportState.RECEIVED, ImportState.MAPPING, ImportState.CHECKING, ImportState.CHECKED)


class CannotCheck(Exception):
    """The import is past checking; the message says where it is."""


def check(actor: Actor, import_id: int, *, watcher: Watcher | None = None) -> Import:
    """Read the file, set bad rows aside, and show what posting would change.

    The import comes out "checked", "mapping" (its columns or month must be told first) or "failed" (it cannot be read;
    `failure` says why). A check killed in the middle is simply done again. Raises CannotCheck for one already posted.
    """
    source = Import.objects.select_related("organisation").get(pk=import_id)
    _set_checking(source)
    with collector.paused(), Progress(source.pk, source.organisation_id, watcher) as progress:
        try:
            with transaction.atomic():
                lock(source.pk)
                _refuse_past(source)
                run = Run(
                    source=source,
                    actor=actor,
                    cursor=staging.cursor(),
                    today=clock.today(source.organisation.time_zone),
                    progress=progress,
                    writes=False,
                )
                _check(run)
        except NotUnderstood:
            source.state = ImportState.MAPPING
            source.save()
        except (Unreadable, NotInForce) as error:
            source.state, source.failure = ImportState.FAILED, str(error)
            source.save()
    signals.send(source.organisation_id, ["imports", f"import:{source.pk}"])
    return source


def _set_checking(source: Import) -> None:
    changed = Import.objects.filter(pk=source.pk, state__in=CHECKABLE).update(state=ImportState.CHECKING)
    if not changed:
        source.refresh_from_db(fields=["state"])
        text = _("Импорт № %(number)s %(state)s: проверять его больше не нужно")
        raise CannotCheck(text % {"number": source.pk, "state": source.get_state_display()})
    source.state = ImportState.CHECKING


def _refuse_past(source: Import) -> None:
    """Another process may have posted it while this one waited for the lock."""
    state = Import.objects.values_list("state", flat=True).get(pk=source.pk)
    if state not in CHECKABLE:
        raise CannotCheck(_("Импорт № %(number)s уже проведён") % {"number": source.pk})


def _check(run: Run) -> None:
    source = run.source
    reading = read(source, today=run.today)
    reading_step, comparing_step, _posting = passing.step_names()
    run.progress.step(reading_step, reading.expected)
    bad: list[Bad] = []
    rows = passing.good_rows(run, reading, bad)
    staged = passing.stage(run, rows) if source.kind in passing.MONEY else 0
    with transaction.atomic():
        # What would change is found by doing it: for cards the whole of it is then rolled back.
        if source.kind in passing.MONEY:
            run.progress.step(comparing_step, staged)
            if run.setting("create_missing"):
                lock_organisation(source.organisation_id)
            passing.go_through_money(run)
        else:
            lock_organisation(source.organisation_id)
            passing.go_through_cards(run, rows)
        transaction.set_rollback(True)
    bad += list(_set_aside(run))
    _quarantine(source, bad)
    _note(run, reading.remarks + run.tally.remarks, reading.facts, staged, bad)
    if reading.feed is not None:
        source.totals["feed"] = [reading.feed[0], reading.feed[1].isoformat()]
    source.state, source.failure = ImportState.CHECKED, ""
    source.progress_text = ""
    source.save()


def _set_aside(run: Run) -> Iterable[Bad]:
    """The rows that could be read but not taken, with their cells out of the file as it came."""
    wanted = run.tally.set_aside
    if not wanted:
        return
    columns = Columns.from_json(run.source.mapping["columns"])
    for row in read_table(path_of(run.source), sniffed=sniffed_of(run.source)):
        if row.number in wanted:
            fields = {name: shown(cell) for name, cell in columns.raw(row.cells).items()}
            yield Bad(row.number, fields, [shown(cell) for cell in row.cells], wanted[row.number])


def _quarantine(source: Import, bad: Iterable[Bad]) -> None:
    source.quarantined.filter(state=QuarantineState.WAITING).delete()
    QuarantinedRow.objects.bulk_create(
        [
            QuarantinedRow(
                organisation=source.organisation,
                source=source,
                row_number=row.number,
                cells={"fields": dict(row.fields), "row": row.row},
                problems=[
                    {
                        "field": problem.field,
                        "code": problem.code,
                        "message": problem.message_ru,
                        "value": problem.value,
                    }
                    for problem in row.problems
                ],
            )
            for row in bad
        ],
        batch_size=2_000,
    )


def _note(run: Run, remarks: list[Remark], facts: dict[str, Any], staged: int, bad: list[Bad]) -> None:
    """Write into the import what was found, keeping confirmations of remarks that still say the same."""
    source, tally = run.source, run.tally
    repeats = sum(any(problem.code == "repeat" for problem in row.problems) for row in bad)
    verdicts = ("new", "changed", "same", "unmatched")
    counts: dict[str, int] = {verdict: tally.counts[verdict] for verdict in verdicts}
    counts["duplicates"] = tally.counts["duplicates"] + repeats
    counts["quarantined"] = len(bad)
    counts["rows"] = sum(counts[verdict] for verdict in verdicts) + len(bad)
    counts["staged"] = staged
    counts["accounts_opened"] = tally.counts["accounts_opened"]
    source.counts = counts
    source.samples = tally.samples
    source.totals = {"file": dict(tally.file), "system": dict(tally.system), "facts": facts, "digest": tally.digest()}
    confirmed = {remark["text"] for remark in source.remarks if remark["confirmed"]}
    source.remarks = [
        {
            "code": remark.code,
            "text": remark.message_ru,
            "needs_person": remark.needs_person,
            "confirmed": remark.message_ru in confirmed,
        }
        for remark in remarks
    ]
    if not is_table(source):
        source.profile_name = facts.get("bank") or facts.get("account") or ""
