"""A whole import in one call, for the command line and the demo town: receive, check, confirm, post."""

import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.utils.translation import gettext as _

from okno.access.actor import Actor, process
from okno.access.models import Organisation, User
from okno.common.days import month_of
from okno.exchange.checking import check
from okno.exchange.commit import DifferenceChanged, commit, confirm
from okno.exchange.models import Import, ImportState
from okno.exchange.progress import Watcher
from okno.exchange.receiving import receive

#: How often the difference is shown anew when the books change between showing and posting.
_TRIES = 3


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What became of one file. `message` is for a person: why it stopped, or what came of it before."""

    source: Import
    repeated: bool
    message: str
    waiting: tuple[str, ...]
    seconds: float

    @property
    def posted(self) -> bool:
        return self.source.state == ImportState.POSTED


def run_import(
    organisation: Organisation,
    path: Path,
    *,
    user: User | None = None,
    yes: bool = False,
    month: date | None = None,
    kind: str | None = None,
    create_missing: bool = False,
    progress: Watcher | None = None,
) -> list[ImportReport]:
    """Import a file; an archive gives a report for each file in it.

    With `yes` remarks are confirmed in the name of `user`; without it an import with remarks stays "checked" and
    `waiting` names them. `month` is for a turnover whose title names none; `kind` refuses a file of another kind.
    """
    actor = Actor(organisation=organisation, user=user, membership=None, name=user.name) if user else None
    actor = actor or process(organisation, "okno import")
    started = time.monotonic()
    reports = []
    for receipt in receive(actor, path.name, path):
        source = receipt.source
        if not (receipt.repeated and source.state == ImportState.POSTED):
            source = _prepare(actor, source, month=month, create_missing=create_missing, watcher=progress)
            if kind is not None and source.kind and source.kind != kind:
                reports.append(_report(source, False, _other_kind(source), started))
                continue
            source = _post(actor, source, yes=yes, watcher=progress)
        message = receipt.message if receipt.repeated else source.failure
        reports.append(_report(source, receipt.repeated, message, started))
        started = time.monotonic()
    return reports


def _prepare(
    actor: Actor, source: Import, *, month: date | None, create_missing: bool, watcher: Watcher | None
) -> Import:
    if source.state == ImportState.FAILED or source.state == ImportState.POSTING:
        return source
    source.month = month_of(month) if month else source.month
    if create_missing:
        source.settings["create_missing"] = True
    source.save(update_fields=["month", "settings"])
    return check(actor, source.pk, watcher=watcher)


def _post(actor: Actor, source: Import, *, yes: bool, watcher: Watcher | None) -> Import:
    for _attempt in range(_TRIES):
        if source.state not in (ImportState.CHECKED, ImportState.POSTING):
            return source
        if yes:
            confirm(actor, source)
        if _waiting(source):
            return source
        try:
            return commit(actor, source.pk, watcher=watcher)
        except DifferenceChanged:
            source = check(actor, source.pk, watcher=watcher)
    return source


def _waiting(source: Import) -> tuple[str, ...]:
    return tuple(remark["text"] for remark in source.remarks if remark["needs_person"] and not remark["confirmed"])


def _other_kind(source: Import) -> str:
    return _("В файле другое: %(kind)s") % {"kind": source.get_kind_display()}


def _report(source: Import, repeated: bool, message: str, started: float) -> ImportReport:
    waiting = _waiting(source) if source.state == ImportState.CHECKED else ()
    return ImportReport(
        source=source, repeated=repeated, message=message, waiting=waiting, seconds=time.monotonic() - started
    )
