"""Days that are not counted: while a dispute is looked into, or by a mistake of the organisation itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from okno.access import trail
from okno.access.actor import Actor
from okno.access.models import Organisation
from okno.jobs import signals
from okno.ledger.models import Account, Bill, BillKind
from okno.ledger.penalties.gathering import cursor as new_cursor
from okno.ledger.penalties.models import PauseCause, PenaltyPause
from okno.ledger.penalties.reposting import Cause, equalise
from okno.ledger.penalties.standing import lock
from okno.ledger.penalties.terms import OrganisationTerms
from okno.ledger.penalties.waiver import judge
from okno.ledger.penalties.words import day_in_words, pause_in_words


class PauseRefused(Exception):
    """The pause cannot be begun or ended; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Which days rest (both inclusive, no `until`: till somebody ends it): of one bill, or of the whole account."""

    account_id: int
    since: date
    cause: PauseCause
    until: date | None = None
    bill_id: int | None = None


def begin(actor: Actor, rest: Rest, *, reason: str, today: date) -> PenaltyPause:
    """Begin a pause; what was posted for days before today that rest too is put right. Raises PauseRefused."""
    organisation = _organisation(actor)
    _check(organisation, rest, reason)
    with transaction.atomic():
        lock(new_cursor(), [rest.account_id])
        pause = PenaltyPause.objects.create(
            organisation=organisation,
            account_id=rest.account_id,
            bill_id=rest.bill_id,
            since=rest.since,
            until=rest.until,
            cause=rest.cause,
            reason=reason.strip(),
            author=actor.name,
        )
        sentence = _("Пеня приостановлена с %(day)s: %(cause)s") % {
            "day": day_in_words(rest.since),
            "cause": PauseCause(rest.cause).label,
        }
        _leave_line(actor, "penalties.paused", sentence, pause, reason)
        _follow(actor, organisation, pause, sentence, today, "begun")
    return pause


def end(actor: Actor, pause_id: int, *, until: date, reason: str, today: date) -> PenaltyPause:
    """Let the pause rest days through `until` (inclusive) and no later; the days after it count.

    Raises PauseRefused (no reason, a day before it began, ended earlier already).
    """
    organisation = _organisation(actor)
    _reason(reason)
    with transaction.atomic():
        found = PenaltyPause.objects.filter(organisation=organisation, pk=pause_id).first()
        if found is None:
            raise PauseRefused(_("Такой приостановки в организации нет"))
        lock(new_cursor(), [found.account_id])
        pause = PenaltyPause.objects.select_for_update().get(pk=pause_id)
        if until < pause.since:
            raise PauseRefused(
                _("Приостановка началась %(day)s: раньше она не кончается") % {"day": day_in_words(pause.since)}
            )
        if pause.until is not None and pause.until <= until:
            raise PauseRefused(_("Приостановка и так кончилась %(day)s") % {"day": day_in_words(pause.until)})
        pause.until = until
        pause.ended_reason = reason.strip()
        pause.ended_by = actor.name
        pause.save()
        sentence = _("Приостановка пени кончилась %(day)s") % {"day": day_in_words(until)}
        _leave_line(actor, "penalties.pause_ended", sentence, pause, reason)
        _follow(actor, organisation, pause, sentence, today, f"ended:{until}")
    return pause


def pauses_of(account_id: int) -> Sequence[PenaltyPause]:
    """All pauses of an account, the newest first."""
    return list(PenaltyPause.objects.filter(account_id=account_id).order_by("-since", "-pk"))


def told_of(account_id: int, day: date) -> list[str]:
    """The pauses that the figure through `day` leaves out, in words."""
    return [pause_in_words(pause) for pause in pauses_of(account_id) if pause.since <= day]


def _follow(
    actor: Actor, organisation: Organisation, pause: PenaltyPause, sentence: str, today: date, key: str
) -> None:
    cause = Cause(key=f"penalties:pause:{pause.pk}:{key}", reason=sentence, user=actor.user)
    done = equalise(new_cursor(), OrganisationTerms(organisation), [pause.account_id], cause)
    judge(organisation, done, today=today)
    signals.send(organisation.pk, [f"account:{pause.account_id}", "penalties"])


def _check(organisation: Organisation, rest: Rest, reason: str) -> None:
    _reason(reason)
    if not Account.objects.filter(organisation=organisation, pk=rest.account_id).exists():
        raise PauseRefused(_("Такого лицевого счёта в организации нет"))
    if rest.until is not None and rest.until < rest.since:
        raise PauseRefused(_("Приостановка кончается раньше, чем начинается"))
    if rest.bill_id is not None:
        bills = Bill.objects.filter(account_id=rest.account_id, pk=rest.bill_id, reversed_by=None)
        if not bills.exclude(kind=BillKind.PENALTY).exists():
            raise PauseRefused(_("Такого начисления на этом лицевом счёте нет"))


def _reason(reason: str) -> None:
    if not reason.strip():
        raise PauseRefused(_("Назовите причину: без неё пеня не приостанавливается"))


def _organisation(actor: Actor) -> Organisation:
    if actor.organisation is None:
        raise PauseRefused(_("Пени принадлежат организации, а она не указана"))
    return actor.organisation


def _leave_line(actor: Actor, verb: str, sentence: str, pause: PenaltyPause, reason: str) -> None:
    trail.record(
        actor,
        verb,
        sentence,
        subject=("account", pause.account_id),
        reason=reason.strip(),
        detail={"pause": pause.pk, "bill": pause.bill_id},
    )
