"""Giving up a penalty: all of it or a part, at once or if the debt is paid by a day; and taking that back.

Nothing that was posted is edited: what stands unpaid is taken off by a recalculation of its own, what is not posted yet
is posted smaller. What the resident has paid of a penalty stays paid.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.access import trail
from okno.access.actor import Actor, current, process
from okno.access.models import Organisation
from okno.jobs import signals
from okno.ledger.models import Account
from okno.ledger.penalties.accrual import accrued
from okno.ledger.penalties.gathering import cursor as new_cursor
from okno.ledger.penalties.models import PenaltyWaiver, WaiverState
from okno.ledger.penalties.reposting import Cause, Equalised, equalise
from okno.ledger.penalties.standing import lock
from okno.ledger.penalties.terms import OrganisationTerms
from okno.ledger.penalties.words import day_in_words, given_in_words, judged_in_words


class WaiverRefused(Exception):
    """The waiver cannot be given or taken back; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What is given up: the penalty of a regime that accrued through `until`, all of it or `sum_minor`.

    With `pay_by` only if everything overdue today is paid by that day, inclusive.
    """

    account_id: int
    regime: str
    until: date
    sum_minor: int | None = None
    pay_by: date | None = None


def give(actor: Actor, grant: Grant, *, reason: str, today: date) -> PenaltyWaiver:
    """Give the waiver on the organisation's day `today`. Raises WaiverRefused."""
    organisation = _organisation(actor)
    account = Account.objects.filter(organisation=organisation, pk=grant.account_id).first()
    if account is None:
        raise WaiverRefused(_("Такого лицевого счёта в организации нет"))
    with transaction.atomic():
        cursor = new_cursor()
        lock(cursor, [account.pk])
        _check(account, grant, _reason(reason), today)
        waiver = PenaltyWaiver.objects.create(
            organisation=organisation,
            account=account,
            regime=grant.regime,
            until=grant.until,
            sum_minor=grant.sum_minor,
            pay_by=grant.pay_by,
            given_on=today,
            reason=reason.strip(),
            author=actor.name,
            user=actor.user,
        )
        sentence = given_in_words(waiver, currency=organisation.currency)
        _leave_line(actor, "penalties.waived", sentence, waiver, reason)
        done = _follow(actor, organisation, waiver, sentence, today, "given")
        if waiver.pay_by is None and not done.foreseen[account.pk].takes_off(waiver.pk):
            raise WaiverRefused(_NOTHING % {"day": day_in_words(grant.until)})
    waiver.refresh_from_db()
    return waiver


_NOTHING = gettext_lazy("Прощать нечего: неоплаченной пени по %(day)s нет")


def take_back(actor: Actor, waiver_id: int, *, reason: str, today: date) -> PenaltyWaiver:
    """Take a waiver back: what it took off is asked for again. Raises WaiverRefused (taken back already, no reason)."""
    organisation = _organisation(actor)
    _reason(reason)
    with transaction.atomic():
        found = PenaltyWaiver.objects.filter(organisation=organisation, pk=waiver_id).first()
        if found is None:
            raise WaiverRefused(_("Такого прощения в организации нет"))
        lock(new_cursor(), [found.account_id])
        waiver = PenaltyWaiver.objects.select_for_update().get(pk=waiver_id)
        if waiver.state == WaiverState.TAKEN_BACK:
            raise WaiverRefused(_("Это прощение уже отменено"))
        waiver.state = WaiverState.TAKEN_BACK
        waiver.taken_back_on = today
        waiver.taken_back_reason = reason.strip()
        waiver.taken_back_by = actor.name
        waiver.save()
        sentence = _("Прощение пени отменено")
        _leave_line(actor, "penalties.waiver_taken_back", sentence, waiver, reason)
        _follow(actor, organisation, waiver, sentence, today, "taken-back")
    return waiver


def judge(organisation: Organisation, done: Equalised, *, today: date) -> None:
    """Write down which conditions are met, broken or wait again, as the accounts' facts tell on `today`.

    The caller holds the balances of these accounts.
    """
    told = {pk: day for foreseen in done.foreseen.values() for pk, day in foreseen.kept.items()}
    waivers = PenaltyWaiver.objects.filter(pk__in=told, pay_by__isnull=False).exclude(state=WaiverState.TAKEN_BACK)
    for waiver in waivers.select_for_update().order_by("pk"):
        assert waiver.pay_by is not None
        kept_on = told[waiver.pk]
        if kept_on is not None:
            state = WaiverState.KEPT
        else:
            state = WaiverState.BROKEN if today > waiver.pay_by else WaiverState.GIVEN
        if (state, kept_on) == (waiver.state, waiver.kept_on):
            continue
        changed = state != waiver.state
        waiver.state, waiver.kept_on = state, kept_on
        # The posting's statements leave together: how many rows one has touched is not known here.
        PenaltyWaiver.objects.filter(pk=waiver.pk).update(state=state, kept_on=kept_on)
        if changed:
            actor = current()
            if actor is None or actor.organisation is None:
                actor = process(organisation, _("проводка"))
            _leave_line(actor, f"penalties.waiver_{state.value}", judged_in_words(waiver), waiver, waiver.reason)


def judge_due(organisation: Organisation, today: date) -> int:
    """Look at the conditions whose day has passed before `today`; how many are broken. For every night."""
    waiting = PenaltyWaiver.objects.filter(organisation=organisation, state=WaiverState.GIVEN, pay_by__lt=today)
    accounts = sorted(set(waiting.values_list("account_id", flat=True)))
    for account in accounts:
        with transaction.atomic():
            cursor = new_cursor()
            lock(cursor, [account])
            cause = Cause(key=f"penalties:night:{today}:{account}", reason=_("Срок условия о пене прошёл"))
            judge(organisation, equalise(cursor, OrganisationTerms(organisation), [account], cause), today=today)
    return PenaltyWaiver.objects.filter(
        organisation=organisation, account_id__in=accounts, state=WaiverState.BROKEN
    ).count()


def _follow(
    actor: Actor, organisation: Organisation, waiver: PenaltyWaiver, sentence: str, today: date, key: str
) -> Equalised:
    cause = Cause(key=f"penalties:waiver:{waiver.pk}:{key}", reason=sentence, user=actor.user)
    done = equalise(new_cursor(), OrganisationTerms(organisation), [waiver.account_id], cause)
    for unknown in done.unknown.values():
        raise WaiverRefused(str(unknown))
    judge(organisation, done, today=today)
    signals.send(organisation.pk, [f"account:{waiver.account_id}", "penalties"])
    return done


def _check(account: Account, grant: Grant, reason: str, today: date) -> None:
    if grant.until > today:
        raise WaiverRefused(_("Простить можно только то, что уже начислено: по %(day)s") % {"day": day_in_words(today)})
    if grant.sum_minor is not None and grant.sum_minor <= 0:
        raise WaiverRefused(_("Сумма прощения должна быть больше нуля"))
    if grant.pay_by is not None and grant.pay_by < today:
        raise WaiverRefused(_("День, до которого надо оплатить долг, уже прошёл"))
    found = {regime.regime: regime for regime in accrued(account, grant.until).regimes}
    if grant.regime not in found:
        raise WaiverRefused(_("По этому виду платежей пени нет"))
    due = found[grant.regime].due_minor
    if due is None:
        raise WaiverRefused(" ".join(gap.message for gap in found[grant.regime].missing))
    if due == 0:
        raise WaiverRefused(_NOTHING % {"day": day_in_words(grant.until)})


def _organisation(actor: Actor) -> Organisation:
    if actor.organisation is None:
        raise WaiverRefused(_("Пени принадлежат организации, а она не указана"))
    return actor.organisation


def _reason(reason: str) -> str:
    if not reason.strip():
        raise WaiverRefused(_("Назовите причину: без неё пеня не прощается"))
    return reason.strip()


def _leave_line(actor: Actor, verb: str, sentence: str, waiver: PenaltyWaiver, reason: str) -> None:
    trail.record(
        actor,
        verb,
        sentence,
        subject=("account", waiver.account_id),
        reason=reason.strip(),
        detail={"waiver": waiver.pk, "sum_minor": waiver.sum_minor},
    )


def waivers_of(account_id: int) -> Sequence[PenaltyWaiver]:
    """All waivers of an account, the newest first, those taken back too."""
    return list(PenaltyWaiver.objects.filter(account_id=account_id).order_by("-given_on", "-pk"))
