"""A run from its accounts to one file: chunk by chunk in bounded memory, from where it stopped when it was killed.

Each chunk of accounts is read in a snapshot of its own, set in type by the press and laid beside as a part: the pages
and who was refused. A part that is there is not made again. At the end the parts become files and go.
"""

import json
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Protocol

import structlog
from django.db import connection, transaction
from django.utils.translation import gettext as _

from okno.common import clock
from okno.exchange.paper.contents import PrintedBill
from okno.exchange.paper.gathering import Gatherer
from okno.exchange.paper.layout import Page, TooFull, bill_page
from okno.exchange.paper.models import PrintRun, RunState, UnprintedBill
from okno.exchange.paper.press import PAGES_AT_ONCE, Press, PressFailed
from okno.exchange.paper.runs import file_of, folder_of, retire
from okno.exchange.paper.wording import wording
from okno.jobs import signals

log = structlog.get_logger(__name__)

TEMPLATE = "bill.typ"

#: Pages in one file: a printer takes no more in one go, and such a file has about two hundred megabytes.
PAGES_IN_A_FILE = 20_000

#: Processes that set type; the one that reads the ledger mostly waits for them.
HANDS = 2


class Watcher(Protocol):
    """Is told how many accounts of the run are done, and how many there are."""

    def __call__(self, done: int, total: int) -> None: ...


class Stopped(Exception):
    """A person stopped the run."""


@dataclass(frozen=True, slots=True)
class Part:
    """A chunk that is done: its pages and the accounts without one, with why."""

    number: int
    pages: int
    refused: list[tuple[int, str]]


@dataclass(slots=True)
class _Chunk:
    """A chunk on its way: the pages that were ordered, whose they are, and who was refused before."""

    number: int
    accounts: list[int]
    pages: list[Page] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    ordered: Future[int] | None = None


def print_run(
    run_id: int, *, watcher: Watcher | None = None, hands: int = HANDS, at_once: int = PAGES_AT_ONCE
) -> PrintRun:
    """Print a run to its end, or go on with one that was killed; one that has ended is left as it is.

    Raises PressFailed; the run then says so and can be printed again from where it stood.
    """
    run = PrintRun.objects.select_related("organisation").get(pk=run_id)
    if run.state in (RunState.DONE, RunState.CANCELLED):
        return run
    retire(run.organisation_id, clock.now())
    PrintRun.objects.filter(pk=run.pk).update(state=RunState.WORKING, failure="", progress_text=_("Печатаем счета"))
    folder_of(run).mkdir(parents=True, exist_ok=True)
    try:
        with Press(hands=hands) as press:
            parts, remarks = _set(run, press, hands, at_once, watcher)
            files = _join(run, press, parts)
    except Stopped:
        retire(run.organisation_id, clock.now())
    except PressFailed as error:
        PrintRun.objects.filter(pk=run.pk).update(
            state=RunState.FAILED,
            failure=_("Напечатать не получилось: %(why)s") % {"why": error},
            finished_at=clock.now(),
        )
        raise
    else:
        _finish(run, parts, files, remarks)
    signals.send(run.organisation_id, [f"print:{run.pk}", "prints"])
    run.refresh_from_db()
    return run


def _set(
    run: PrintRun, press: Press, hands: int, at_once: int, watcher: Watcher | None
) -> tuple[list[Part], list[str]]:
    """All chunks in their order; while the press works on some, the next is read."""
    gatherer = Gatherer(run.organisation, run.month, run.issued_on)
    parts: list[Part] = []
    waiting: deque[_Chunk] = deque()
    for number, accounts in enumerate(_chunks(run.accounts, at_once), start=1):
        made = _made(run, number)
        if made is not None:
            while waiting:
                parts.append(_laid(run, press, waiting.popleft()))
            parts.append(made)
            continue
        waiting.append(_ordered(run, press, gatherer, number, accounts))
        # One more than there are hands, so that none of them waits for the ledger.
        if len(waiting) > hands:
            parts.append(_laid(run, press, waiting.popleft()))
            _tell(run, sum(part.pages + len(part.refused) for part in parts), watcher)
    while waiting:
        parts.append(_laid(run, press, waiting.popleft()))
    _tell(run, len(run.accounts), watcher)
    return parts, gatherer.missing


def _chunks(accounts: list[int], size: int) -> Iterator[list[int]]:
    rest = iter(accounts)
    while chunk := list(islice(rest, size)):
        yield chunk


def _ordered(run: PrintRun, press: Press, gatherer: Gatherer, number: int, accounts: list[int]) -> _Chunk:
    """Read a chunk and have its pages set."""
    chunk = _Chunk(number, accounts)
    with _snapshot():
        found = gatherer.bills(accounts)
    for account, told in zip(accounts, found, strict=True):
        if not isinstance(told, PrintedBill):
            chunk.refused.append((account, told.why))
            continue
        try:
            chunk.pages.append(bill_page(told))
            chunk.owners.append(account)
        except TooFull:
            chunk.refused.append((account, _("Счёт не помещается на страницу: сократите названия услуг")))
    if chunk.pages:
        chunk.ordered = _order(run, press, chunk.pages, _pages_of(run, number))
    return chunk


def _order(run: PrintRun, press: Press, pages: list[Page], out: Path) -> Future[int]:
    language = wording(run.organisation.country).languages[0]
    return press.pages(TEMPLATE, pages, out, title=run.title, author=run.organisation.name, language=language)


def _laid(run: PrintRun, press: Press, chunk: _Chunk) -> Part:
    """Wait for a chunk and lay it beside; a page that cannot be set is left out, not the chunk with it."""
    if chunk.ordered is not None:
        try:
            chunk.ordered.result()
        except PressFailed as error:
            log.warning("a chunk of bills was not set", run=run.pk, chunk=chunk.number, error=str(error))
            _one_by_one(run, press, chunk)
    part = Part(chunk.number, len(chunk.pages), chunk.refused)
    told = _told_of(run, chunk.number)
    beside = told.with_suffix(".part")
    beside.write_text(json.dumps({"pages": part.pages, "refused": part.refused}), "utf-8")
    os.replace(beside, told)
    return part


def _one_by_one(run: PrintRun, press: Press, chunk: _Chunk) -> None:
    """Set the pages of a chunk singly. Raises PressFailed when none of them can be: then it is not the pages."""
    whole = _pages_of(run, chunk.number)
    pages: list[Page] = []
    owners: list[int] = []
    files: list[Path] = []
    for place, (page, owner) in enumerate(zip(chunk.pages, chunk.owners, strict=True)):
        out = whole.with_name(f"{whole.stem}-{place}.pdf")
        try:
            _order(run, press, [page], out).result()
        except PressFailed as error:
            if not files and place == len(chunk.pages) - 1:
                raise
            why = _("Страницу не набрать: %(why)s") % {"why": error}
            chunk.refused.append((owner, why[:300]))
            continue
        pages.append(page)
        owners.append(owner)
        files.append(out)
    press.join(files, whole).result()
    for file in files:
        file.unlink()
    chunk.pages, chunk.owners = pages, owners


def _join(run: PrintRun, press: Press, parts: list[Part]) -> list[dict[str, int]]:
    """Make files of the parts, each of as many pages as one may have; what was joined goes."""
    files: list[dict[str, int]] = []
    volume: list[Part] = []
    printed = [part for part in parts if part.pages]
    for place, part in enumerate(printed):
        volume.append(part)
        pages = sum(one.pages for one in volume)
        last = place == len(printed) - 1
        if last or pages + printed[place + 1].pages > PAGES_IN_A_FILE:
            out = file_of(run, len(files) + 1)
            made = press.join([_pages_of(run, one.number) for one in volume], out).result()
            if made != pages:
                raise PressFailed(f"страниц {made}, а счетов {pages}")
            files.append({"pages": made, "bytes": out.stat().st_size})
            volume = []
    return files


def _finish(run: PrintRun, parts: list[Part], files: list[dict[str, int]], remarks: list[str]) -> None:
    refused = [(account, why) for part in parts for account, why in part.refused]
    with transaction.atomic():
        UnprintedBill.objects.filter(run=run).delete()
        UnprintedBill.objects.bulk_create(
            (UnprintedBill(run=run, account_id=account, why=why) for account, why in refused), batch_size=5_000
        )
        PrintRun.objects.filter(pk=run.pk, state=RunState.WORKING).update(
            state=RunState.DONE,
            finished_at=clock.now(),
            printed=sum(part.pages for part in parts),
            files=files,
            remarks=remarks,
            progress_done=len(run.accounts),
        )
    for part in parts:
        _pages_of(run, part.number).unlink(missing_ok=True)
        _told_of(run, part.number).unlink(missing_ok=True)


def _tell(run: PrintRun, done: int, watcher: Watcher | None) -> None:
    """Say how far the run has come. Raises Stopped when somebody has stopped it meanwhile."""
    if not PrintRun.objects.filter(pk=run.pk, state=RunState.WORKING).update(progress_done=done):
        raise Stopped
    signals.send(run.organisation_id, [f"print:{run.pk}"])
    if watcher is not None:
        watcher(done, len(run.accounts))


def _pages_of(run: PrintRun, number: int) -> Path:
    return folder_of(run) / f"part-{number}.pdf"


def _told_of(run: PrintRun, number: int) -> Path:
    return folder_of(run) / f"part-{number}.json"


def _made(run: PrintRun, number: int) -> Part | None:
    """A part that was laid before the run was killed."""
    told = _told_of(run, number)
    if not told.is_file():
        return None
    kept = json.loads(told.read_text("utf-8"))
    return Part(number, kept["pages"], [(account, why) for account, why in kept["refused"]])


@contextmanager
def _snapshot() -> Iterator[None]:
    """Everything read inside is as of one moment; inside somebody else's transaction it is theirs."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield
