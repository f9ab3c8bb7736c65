"""The month's penalties of a whole organisation: bills are posted, late payments sealed.

Only accounts that have something are looked at: overdue bills, late shares, a standing. They are taken in pieces, each
in a transaction of its own that holds the balances, so money that comes meanwhile waits for one piece at most and finds
the month either not yet posted on its account or posted. A run cut short, by kill −9 too, is begun again: an account
that has its month is passed over, and a bill of the same month is known by its source key.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

from django.db import connection, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from okno.access import trail
from okno.access.actor import Actor
from okno.access.models import Organisation
from okno.common import clock
from okno.jobs import collector, signals
from okno.ledger.penalties.costs import PenaltyUnknown
from okno.ledger.penalties.gathering import cursor as new_cursor
from okno.ledger.penalties.gathering import decided_upon
from okno.ledger.penalties.keys import last_day
from okno.ledger.penalties.models import MonthState, PenaltyMonth
from okno.ledger.penalties.piece import Piece
from okno.ledger.penalties.reposting import name_service
from okno.ledger.penalties.terms import OrganisationTerms, hold_months
from okno.ledger.rows import Cursor
from okno.ledger.words import month_in_words

AT_ONCE = 20_000
"""Accounts of one piece."""

Progress = Callable[[int, int], None]
"""(accounts done, accounts in all)."""


class MonthRefused(Exception):
    """The month's penalties cannot be posted; the message says why and what to do."""


def post_month(actor: Actor, month: date, *, today: date, progress: Progress | None = None) -> PenaltyMonth:
    """Post the organisation's penalties for the days through the end of `month`; a month posted before stays as it is.

    Regimes whose terms post nothing, or at payment, only have their late payments sealed. Raises MonthRefused (the
    month still goes on, a later one is posted, somebody is posting, a value of the law is missing): then nothing was
    posted, or what was posted stays and the rest follows when the month is begun again.
    """
    organisation = actor.organisation
    if organisation is None:
        raise MonthRefused(_("Пени принадлежат организации, а она не указана"))
    with _alone(organisation), collector.paused():
        run = _begin(actor, organisation, month.replace(day=1), today)
        if run.state == MonthState.POSTED:
            return run
        try:
            _post_all(organisation, run, progress)
        except Exception as error:
            PenaltyMonth.objects.filter(pk=run.pk).update(failure=str(error) or repr(error))
            if isinstance(error, PenaltyUnknown):
                raise MonthRefused(str(error)) from error
            raise
        return _finish(actor, run)


@contextmanager
def _alone(organisation: Organisation) -> Iterator[None]:
    """One at a time posts an organisation's months; the lock is the connection's and goes with it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended('penalties.month', %s))", [organisation.pk])
        if cursor.fetchone() != (True,):
            raise MonthRefused(_("Пени этой организации сейчас уже проводятся"))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended('penalties.month', %s))", [organisation.pk])


def _begin(actor: Actor, organisation: Organisation, month: date, today: date) -> PenaltyMonth:
    run = PenaltyMonth.objects.filter(organisation=organisation, month=month).first()
    if run is not None and run.state == MonthState.POSTED:
        return run
    if last_day(month) >= today:
        raise MonthRefused(
            _("Месяц ещё идёт: провести пени за %(month)s можно после %(day)s")
            % {"month": month_in_words(month), "day": date_format(last_day(month), "d.m.Y")}
        )
    later = PenaltyMonth.objects.filter(organisation=organisation, month__gt=month).order_by("month").first()
    if later is not None:
        raise MonthRefused(
            _("Пени за %(later)s уже проведены: в них вошло и начисленное за %(month)s")
            % {"later": month_in_words(later.month), "month": month_in_words(month)}
        )
    _refuse_unknown(new_cursor(), OrganisationTerms(organisation), last_day(month))
    with transaction.atomic():
        # Reversals that did not see this month are waited for; those that come later see it (`effect`).
        hold_months(new_cursor(), organisation.pk, alone=True)
        run, _made = PenaltyMonth.objects.get_or_create(
            organisation=organisation, month=month, defaults={"author": actor.name, "began_at": clock.now()}
        )
        run.attempt += 1
        run.failure = ""
        run.save(update_fields=["attempt", "failure"])
    return run


def _refuse_unknown(cursor: Cursor, terms: OrganisationTerms, end: date) -> None:
    """Every cost that the month needs is looked up before anything is posted. Raises MonthRefused."""
    rows = cursor.execute(_WANTED, (end, terms.organisation.pk, end, end, terms.organisation.pk, end)).fetchall()
    missing: dict[str, None] = {}
    for regime, due_on, day in rows:
        if regime in terms.regimes:
            try:
                terms.costs(regime, end).numerator(due_on, day)
            except PenaltyUnknown as unknown:
                missing |= {gap.message: None for gap in unknown.missing}
    if missing:
        raise MonthRefused(" ".join(missing))


_WANTED = """
SELECT DISTINCT regime, due_on, %s::date FROM ledger_openbill
WHERE organisation_id = %s AND kind <> 'penalty' AND due_on < %s
UNION SELECT regime, due_on, least(value_on, %s::date) FROM ledger_lateshare WHERE organisation_id = %s AND due_on < %s
"""


def _post_all(organisation: Organisation, run: PenaltyMonth, progress: Progress | None) -> None:
    terms = OrganisationTerms(organisation)
    end = last_day(run.month)
    cursor = new_cursor()
    decided = decided_upon(cursor, organisation.pk)
    accounts = sorted({*_candidates(cursor, organisation.pk, end), *decided})
    name_service(terms)
    run.progress_done, run.progress_total = 0, len(accounts)
    run.save(update_fields=["progress_done", "progress_total"])
    for start in range(0, len(accounts), AT_ONCE):
        piece = Piece(terms=terms, run=run, accounts=accounts[start : start + AT_ONCE], decided=decided)
        with transaction.atomic():
            piece.post(new_cursor(), number=start // AT_ONCE)
            run.progress_done = start + len(piece.accounts)
            run.bills += piece.bills
            run.posted_minor += piece.posted_minor
            run.save(update_fields=["progress_done", "bills", "posted_minor"])
            signals.send(organisation.pk, ["penalties"])
        if progress is not None:
            progress(run.progress_done, len(accounts))


def _candidates(cursor: Cursor, organisation_id: int, end: date) -> list[int]:
    rows = cursor.execute(_CANDIDATES, (organisation_id, end, organisation_id, end, organisation_id)).fetchall()
    return [row[0] for row in rows]


_CANDIDATES = """
SELECT account_id FROM ledger_openbill WHERE organisation_id = %s AND kind <> 'penalty' AND due_on < %s
UNION SELECT account_id FROM ledger_lateshare WHERE organisation_id = %s AND due_on < %s
UNION SELECT account_id FROM ledger_penaltystanding
WHERE organisation_id = %s AND settled_whole + (2 * settled_rest >= denominator)::int > posted_minor
"""


def _finish(actor: Actor, run: PenaltyMonth) -> PenaltyMonth:
    with transaction.atomic():
        run.state = MonthState.POSTED
        run.ended_at = clock.now()
        run.save(update_fields=["state", "ended_at"])
        trail.record(
            actor,
            "penalties.month_posted",
            _("Проведены пени за %(month)s") % {"month": month_in_words(run.month)},
            subject=("settings", run.pk),
            detail={"bills": run.bills, "posted_minor": run.posted_minor},
        )
        signals.send(run.organisation_id, ["penalties", "debts"])
    return run
