"""Runs of the press: who asked for which bills, where the files are and how long they are kept."""

import shutil
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from okno.access import trail
from okno.access.actor import Actor
from okno.common import clock
from okno.exchange.paper import postman
from okno.exchange.paper.models import PrintRun, RunState
from okno.houses.models import House
from okno.jobs import signals

#: Files of bills are kept so long: they hold names and debts, and can be printed anew at any time.
KEPT_FOR = timedelta(days=30)

LIVE = (RunState.WAITING, RunState.WORKING)


class NothingToPrint(Exception):
    """There is nobody to print a bill for; the message says what to do."""


def begin(
    actor: Actor,
    month: date,
    *,
    title: str,
    house: House | None = None,
    accounts: Sequence[int] | None = None,
    houses: Sequence[int] | None = None,
) -> PrintRun:
    """A run for one house, for some houses, for these accounts, or for the whole organisation, in the postman's order.

    Nothing is printed yet. Raises NothingToPrint.
    """
    organisation = actor.organisation
    if organisation is None:
        raise ValueError("bills belong to an organisation")
    if accounts is not None:
        chosen = postman.put_in_order(organisation.pk, accounts)
    else:
        chosen = postman.in_order(organisation.pk, month, houses=[house.pk] if house else houses)
    if not chosen:
        raise NothingToPrint(_("Лицевых счетов не нашлось: проверьте месяц и для кого печатаете"))
    run = PrintRun.objects.create(
        organisation=organisation,
        month=month,
        issued_on=clock.today(organisation.time_zone),
        title=title,
        house=house,
        accounts=chosen,
        created_at=clock.now(),
        user=actor.user,
    )
    told = ngettext(
        "Печать счетов: %(title)s, %(count)s счёт", "Печать счетов: %(title)s, счетов %(count)s", len(chosen)
    )
    trail.record(actor, "bills.printed", told % {"title": title, "count": len(chosen)}, subject=("print_run", run.pk))
    return run


def cancel(actor: Actor, run: PrintRun) -> bool:
    """Stop a run that is not done and take its pages away; False when it has ended meanwhile."""
    with transaction.atomic():
        moved = PrintRun.objects.filter(pk=run.pk, state__in=LIVE).update(
            state=RunState.CANCELLED, finished_at=clock.now()
        )
        if moved:
            trail.record(
                actor, "bills.cancelled", _("Печать остановлена: %s") % run.title, subject=("print_run", run.pk)
            )
            signals.send(run.organisation_id, [f"print:{run.pk}", "prints"])
    return bool(moved)


def folder_of(run: PrintRun) -> Path:
    """Where the run's files lie."""
    return Path(settings.MEDIA_ROOT) / "bills" / str(run.organisation_id) / str(run.pk)


def file_of(run: PrintRun, number: int) -> Path:
    """The run's file by its number, from 1 on; it may be gone."""
    return folder_of(run) / f"{number}.pdf"


def kept_until(run: PrintRun) -> datetime | None:
    """When the files of a run that is done go away."""
    return run.finished_at + KEPT_FOR if run.finished_at else None


def retire(organisation_id: int, now: datetime) -> int:
    """Take away the files that were kept long enough, and what cancelled runs left behind; how many runs' files."""
    ended = PrintRun.objects.filter(organisation=organisation_id, removed_at=None)
    over = ended.filter(Q(finished_at__lt=now - KEPT_FOR) | Q(state=RunState.CANCELLED))
    gone = 0
    for run in over.defer("accounts"):
        shutil.rmtree(folder_of(run), ignore_errors=True)
        PrintRun.objects.filter(pk=run.pk).update(removed_at=now)
        gone += 1
    return gone
