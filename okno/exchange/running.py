"""A whole import in one call, for the command line and the demo town: receive, check, confirm, post."""

import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import connection
from django.utils.translation import gettext as _

from okno.access.actor import Actor, process
from okno.access.models import Organisation, User
from okno.common.days import month_of
from okno.exchange.checking import CHECKABLE, check
from okno.exchange.commit import DifferenceChanged, commit, confirm
from okno.exchange.models import Import, ImportState
from okno.exchange.passing import MONEY
from okno.exchange.progress import Watcher
from okno.exchange.receiving import Receipt, receive

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


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the caller of a whole import decides beforehand.

    With `yes` remarks are confirmed in the name of the user; without it an import with remarks stays "checked" and its
    report names them. `month` is for a turnover whose title names none; `kind` refuses files of another kind.
    """

    yes: bool = False
    month: date | None = None
    kind: str | None = None
    create_missing: bool = False
    progress: Watcher | None = None


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
    """Import a file; an archive gives a report for each file in it. See `Wishes`."""
    wishes = Wishes(yes=yes, month=month, kind=kind, create_missing=create_missing, progress=progress)
    actor = _actor(organisation, user)
    return [_finish(actor, prepared, wishes) for prepared in _prepare(actor, path, wishes)]


def run_imports(
    organisation: Organisation, paths: Iterable[Path], *, user: User | None = None, wishes: Wishes
) -> Iterator[ImportReport]:
    """Import many files in their order, each in its own transaction, and report each as it is done.

    While one file of money is posted the next is already read and checked in a thread of its own, for the database and
    Python then work at once. Cards are waited for: what comes after them is found by them. Not for use inside a
    transaction.
    """
    actor = _actor(organisation, user)
    waiting = deque(paths)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="import-ahead") as ahead:
        coming: Future[list[Prepared]] | None = None
        while coming is not None or waiting:
            prepared = coming.result() if coming is not None else _prepare(actor, waiting.popleft(), wishes)
            coming = None
            if waiting and all(one.source.kind in MONEY for one in prepared):
                coming = ahead.submit(_prepare_aside, actor, waiting.popleft(), wishes)
            for one in prepared:
                yield _finish(actor, one, wishes)


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A file received and checked, and how long that took."""

    source: Import
    receipt: Receipt
    refusal: str
    seconds: float


def _actor(organisation: Organisation, user: User | None) -> Actor:
    if user is None:
        return process(organisation, "okno import")
    membership = user.memberships.filter(organisation=organisation).first()
    return Actor(organisation=organisation, user=user, membership=membership, name=user.name)


def _prepare_aside(actor: Actor, path: Path, wishes: Wishes) -> list[Prepared]:
    """In a thread: its connection is its own and ends with the file."""
    try:
        return _prepare(actor, path, wishes)
    finally:
        connection.close()


def _prepare(actor: Actor, path: Path, wishes: Wishes) -> list[Prepared]:
    started = time.monotonic()
    found = []
    for receipt in receive(actor, path.name, path):
        source = receipt.source
        if source.state in CHECKABLE:
            source.month = month_of(wishes.month) if wishes.month else source.month
            if wishes.create_missing:
                source.settings["create_missing"] = True
            source.save(update_fields=["month", "settings"])
            source = check(actor, source.pk, watcher=wishes.progress)
        refusal = ""
        if wishes.kind is not None and source.kind and source.kind != wishes.kind:
            refusal = _("В файле другое: %(kind)s") % {"kind": source.get_kind_display()}
        seconds = time.monotonic() - started
        found.append(Prepared(source=source, receipt=receipt, refusal=refusal, seconds=seconds))
        started = time.monotonic()
    return found


def _finish(actor: Actor, prepared: Prepared, wishes: Wishes) -> ImportReport:
    started = time.monotonic()
    source, receipt = prepared.source, prepared.receipt
    if not prepared.refusal:
        source = _post(actor, source, yes=wishes.yes, watcher=wishes.progress)
    return ImportReport(
        source=source,
        repeated=receipt.repeated,
        message=prepared.refusal or (receipt.message if receipt.repeated else source.failure),
        waiting=_waiting(source) if source.state == ImportState.CHECKED else (),
        seconds=prepared.seconds + time.monotonic() - started,
    )


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
