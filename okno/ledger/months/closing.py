"""A month is closed with its proof, and re-opened with a reason; months go one after another.

Closing is one transaction: killed in the middle it leaves nothing, repeated it closes once. A posting into the month
that began before is in it; one that begins after finds it closed and is dated on the first open day.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from okno.access import trail
from okno.access.actor import Actor
from okno.access.models import Organisation
from okno.access.roles import may
from okno.common import clock
from okno.common.days import add_months
from okno.jobs import signals
from okno.ledger.models import Entry
from okno.ledger.months.closed import last_closed, standing
from okno.ledger.months.models import SUMS, ClosedMonth
from okno.ledger.months.proof import Progress, prove
from okno.ledger.months.turnover import NAMES
from okno.ledger.words import month_in_words


class CannotClose(Exception):
    """The month cannot be closed; the message says why and what to do. Nothing was changed."""


class MonthMoved(CannotClose):
    """Something was posted since the proof was shown: it must be shown again."""


class CannotReopen(Exception):
    """The month cannot be re-opened; the message says why. Nothing was changed."""


def close(
    actor: Actor,
    month: date,
    *,
    today: date,
    shown: str | None = None,
    left_undone: Sequence[dict[str, Any]] = (),
    progress: Progress = lambda step: None,
) -> ClosedMonth:
    """Close a month (its first day) that is over by `today`; one that is closed already stays as it is.

    The first month to be closed closes everything before it too. `shown` is the digest of the proof a person agreed to,
    `left_undone` are the checks that were not clean: [{key, text}]. Raises CannotClose, MonthMoved.
    """
    organisation = _organisation(actor)
    if actor.user is not None and not may(actor.membership, "months.close"):
        raise CannotClose(_("Закрывать месяцы могут бухгалтер и руководитель"))
    with transaction.atomic():
        _wait_for_postings(organisation, month)
        closed = standing(organisation, month)
        if closed is not None:
            return closed
        _refuse_out_of_turn(organisation, month, today)
        proof = prove(organisation, month, progress=progress)
        if not proof.is_true:
            told = [difference.sentence for difference in proof.differences[:3]]
            raise CannotClose(
                _("Месяц не сходится: %(differences)s. Проверьте книгу: okno ledger verify")
                % {"differences": "; ".join(told)}
            )
        if shown is not None and shown != proof.digest:
            raise MonthMoved(_("Пока вы смотрели, в месяц что-то провели. Посмотрите сверку ещё раз."))
        progress(_("Складываем закрытый месяц"))
        closed = ClosedMonth.objects.create(
            organisation=organisation,
            month=month,
            closed_at=clock.now(),
            closed_by=actor.user,
            accounts=proof.accounts,
            left_undone=list(left_undone),
            **asdict(proof.sums),
        )
        _pack(closed)
        trail.record(
            actor,
            "month.closed",
            _("Закрыт месяц: %(month)s") % {"month": month_in_words(month)},
            subject=("month", closed.pk),
            detail={"closing_minor": closed.closing_minor, "left_undone": closed.left_undone},
        )
        signals.send(organisation.pk, ["months"])
    return closed


def reopen(actor: Actor, month: date, *, reason: str) -> ClosedMonth:
    """Open the last closed month (its first day) again: the head's deed, with a reason; what it was stays as history.

    Raises CannotReopen.
    """
    organisation = _organisation(actor)
    if not may(actor.membership, "months.reopen"):
        raise CannotReopen(_("Открыть закрытый месяц может только руководитель"))
    if not reason.strip():
        raise CannotReopen(_("Назовите причину: она останется в истории месяца"))
    with transaction.atomic():
        closed = ClosedMonth.objects.select_for_update().filter(
            organisation=organisation, month=month, reopened_at=None
        ).first()  # fmt: skip
        if closed is None:
            raise CannotReopen(_("Этот месяц не закрыт"))
        last = last_closed(organisation)
        if last != month:
            assert last is not None
            text = _("Сначала откройте последний закрытый месяц: %(month)s")
            raise CannotReopen(text % {"month": month_in_words(last)})
        closed.reopened_at, closed.reopened_by, closed.reopen_reason = clock.now(), actor.user, reason.strip()
        closed.save(update_fields=["reopened_at", "reopened_by", "reopen_reason"])
        trail.record(
            actor,
            "month.reopened",
            _("Снова открыт месяц: %(month)s") % {"month": month_in_words(month)},
            subject=("month", closed.pk),
            reason=reason,
        )
        signals.send(organisation.pk, ["months"])
    return closed


def _organisation(actor: Actor) -> Organisation:
    if actor.organisation is None:
        raise ValueError("a month belongs to an organisation")
    return actor.organisation


def _wait_for_postings(organisation: Organisation, month: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_lock_months(%s, %s)", [organisation.pk, month])


def _refuse_out_of_turn(organisation: Organisation, month: date, today: date) -> None:
    if add_months(month, 1) > today:
        text = _("Месяц ещё не кончился: закрыть %(month)s можно с %(day)s")
        raise CannotClose(text % {"month": month_in_words(month), "day": f"{add_months(month, 1):%d.%m.%Y}"})
    last = last_closed(organisation)
    if last is not None and month != add_months(last, 1):
        text = _("Месяцы закрываются по порядку: сейчас очередь за месяцем %(month)s")
        raise CannotClose(text % {"month": month_in_words(add_months(last, 1))})
    if not Entry.objects.filter(organisation=organisation, accounted_on__lt=add_months(month, 1)).exists():
        raise CannotClose(_("Закрывать нечего: до конца этого месяца нет ни одной проводки"))


def _pack(closed: ClosedMonth) -> None:
    """Keep what the proof has counted: lines as rows, accounts packed house by house."""
    asked = {"closed": closed.pk, "organisation": closed.organisation_id}
    with connection.cursor() as cursor:
        cursor.execute(_PACK_HOUSES, asked)
        cursor.execute(_PACK_LINES, asked)


_PACK_HOUSES = f"""
INSERT INTO ledger_closedhouse (organisation_id, closed_id, house_id, accounts, {", ".join(SUMS)})
SELECT %(organisation)s, %(closed)s, house_id, array_agg(account_id ORDER BY account_id),
       {", ".join(f"array_agg({name} ORDER BY account_id)" for name in SUMS)}
FROM month_account GROUP BY house_id ORDER BY house_id"""

_PACK_LINES = f"""
INSERT INTO ledger_closedline (organisation_id, closed_id, house_id, line, {", ".join(NAMES)})
SELECT %(organisation)s, %(closed)s, house_id, line, {", ".join(SUMS)} FROM month_line ORDER BY house_id, line"""
