"""Call campaigns as screens lead them: drafted, looked at, launched, paused, resumed, stopped, and told in numbers."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, Min, QuerySet
from django.utils.translation import gettext as _

from okno.access.actor import Actor
from okno.common import clock
from okno.debts.cases import CAUSE as DEBT
from okno.dialogs import scenario as scenarios
from okno.dialogs.dialler import answers, retry, room, team
from okno.dialogs.dialler import causes as reasons
from okno.dialogs.dialler.taking import channel_of, going_on
from okno.dialogs.models import Call, CallCampaign, Mode
from okno.jobs import queue
from okno.outreach import causes, drafting, planning, steering
from okno.outreach.drafting import Draft
from okno.outreach.facts import open_cursor
from okno.outreach.models import Campaign, CampaignState, Contact, ContactState
from okno.outreach.planning import Planned
from okno.outreach.steering import CampaignRefused
from okno.outreach.withdrawal import withdraw_contacts
from okno.telephony.leg import Kind

CAUSES: Mapping[str, tuple[str, ...]] = {
    "debt_notice": (DEBT,),
    "readings": (reasons.READINGS,),
    "rating": (reasons.RATING,),
    "visit": (reasons.VISIT, reasons.REQUEST_VISIT),
    "announcement": (reasons.ANNOUNCEMENT,),
}
"""What each scenario may be spoken about; the first unless the plan says otherwise."""

BIG = planning.AT_ONCE
"""A larger audience is planned by a job."""

PLAN_JOB = "dialogs.plan_calls"

PAUSES = frozenset({*retry.DEFAULT_PAUSES, Kind.REJECTED})
LONGEST_PAUSE = 14 * 24 * 60


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignPlan:
    """What a person says of a call campaign; see `CallCampaign` for the meaning of each figure.

    `cause` is one of `outreach.causes` (debt, readings, rating, visit, request_visit, announcement), `audience` a
    filter of it. With `cause` left empty the scenario's own is taken, with `pauses` left empty the usual ones.
    """

    name: str
    scenario: str
    audience: Mapping[str, Any] = field(default_factory=dict)
    cause: str = ""
    mode: str = Mode.ROBOT.value
    lines: int = 2
    calls_a_second: Decimal = Decimal(1)
    tries: int = 3
    pauses: Mapping[str, int] = field(default_factory=dict)
    ring_seconds: int = 30
    since: time | None = None
    until: time | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    record: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """A campaign in numbers. `contacts` by `ContactState`, `outcomes` by `leg.Kind` and `results` by the scenario's
    ends are counts; `talks` are calls that a person answered; `abandoned` is the share of people who answered a
    predictive call and found nobody, 0 to 1."""

    state: str
    why: str
    contacts: Mapping[str, int]
    total: int
    going_on: int
    lines: int
    calls: int
    talks: int
    outcomes: Mapping[str, int]
    results: Mapping[str, int]
    reasons: Mapping[str, int]
    """Why nobody is called any more, by the codes of `outreach.words`."""
    again: Mapping[str, int]
    """Why those who wait for their next try were not reached or not called, by the same codes."""
    abandoned: float
    next_due: datetime | None
    preparing: tuple[int, int] | None
    """(done, all) while a big audience is still being planned."""


def draft(actor: Actor, plan: CampaignPlan) -> CallCampaign:
    """Keep a new draft; sent twice in a row it is one. Raises `CampaignRefused` in words, `UnknownCause`."""
    cause = _checked(actor, plan)
    with transaction.atomic():
        campaign = drafting.draft(actor, _draft(plan, cause))
        calling, _made = CallCampaign.objects.update_or_create(campaign=campaign, defaults=_figures(plan))
    return calling


def rewrite(campaign: CallCampaign, actor: Actor, plan: CampaignPlan) -> CallCampaign:
    """Change a draft. Raises `CampaignRefused` once it was launched."""
    cause = _checked(actor, plan)
    with transaction.atomic():
        drafting.rewrite(campaign.campaign, actor, _draft(plan, cause))
        Campaign.objects.filter(pk=campaign.campaign_id).update(cause=cause)
        calling, _made = CallCampaign.objects.update_or_create(campaign=campaign.campaign, defaults=_figures(plan))
    return _fresh(calling)


def _checked(actor: Actor, plan: CampaignPlan) -> str:
    """The cause of the plan. Raises `CampaignRefused` for the first thing that cannot be."""
    if plan.scenario not in scenarios.names() or plan.scenario not in CAUSES:
        raise CampaignRefused(_("Сценария «%(name)s» для обзвона нет") % {"name": plan.scenario})
    cause = plan.cause or CAUSES[plan.scenario][0]
    if cause not in CAUSES[plan.scenario]:
        raise CampaignRefused(_("Этот сценарий — не об этом: выберите другой повод"))
    if plan.mode not in Mode.values:
        raise CampaignRefused(_("Выберите, кто будет говорить"))
    if not plan.name.strip():
        raise CampaignRefused(_("Назовите кампанию"))
    _check_figures(plan)
    _check_params(actor, plan)
    return cause


def _check_figures(plan: CampaignPlan) -> None:
    if not 1 <= plan.lines <= 100 or not 0 < plan.calls_a_second <= 50:
        raise CampaignRefused(_("Линий — от 1 до 100, звонков в секунду — больше нуля и не больше 50"))
    if not 1 <= plan.tries <= 20 or not 5 <= plan.ring_seconds <= 90:
        raise CampaignRefused(_("Попыток — от 1 до 20, ждать ответа — от 5 до 90 секунд"))
    if (plan.since is None) != (plan.until is None):
        raise CampaignRefused(_("Назовите оба часа или ни одного"))
    if plan.since is not None and plan.until is not None and plan.since >= plan.until:
        raise CampaignRefused(_("Конец должен быть позже начала"))
    if set(plan.pauses) - PAUSES or not all(0 < minutes <= LONGEST_PAUSE for minutes in plan.pauses.values()):
        raise CampaignRefused(_("Пауза между попытками — от минуты до двух недель"))


def _check_params(actor: Actor, plan: CampaignPlan) -> None:
    """An announcement needs its words, a visit its day and hours."""
    assert actor.organisation is not None
    if plan.scenario == "announcement" and not dict(plan.params.get("text", {})).get(
        actor.organisation.default_language
    ):
        raise CampaignRefused(_("Напишите, что скажет робот"))
    if plan.scenario == "visit" and not all(plan.params.get(name) for name in ("day", "since", "until")):
        raise CampaignRefused(_("Назовите день и часы визита"))


def _draft(plan: CampaignPlan, cause: str) -> Draft:
    channels = [channel_of(CallCampaign(mode=plan.mode))]
    return Draft(name=plan.name.strip(), cause=cause, channels=channels, audience=plan.audience)


def _figures(plan: CampaignPlan) -> dict[str, Any]:
    return {
        "scenario": plan.scenario,
        "mode": plan.mode,
        "lines": plan.lines,
        "calls_a_second": plan.calls_a_second,
        "tries": plan.tries,
        "pauses": dict(plan.pauses or retry.DEFAULT_PAUSES),
        "ring_seconds": plan.ring_seconds,
        "since": plan.since,
        "until": plan.until,
        "params": dict(plan.params),
        "record": plan.record,
    }


def preview(campaign: CallCampaign, day: date, now: datetime) -> Planned:
    """What launching on `day` would do, nothing written: how many would be called, who cannot be reached and why.

    The reason `no_consent` stands for those the law lets no robot call; `limits.consent_needed` names the norm.
    """
    return planning.survey(campaign.campaign, day, now)


def launch(campaign: CallCampaign, actor: Actor, why: str, now: datetime) -> Planned | None:
    """Plan the audience and let the campaign run; None when the audience is big and a job plans it while calls begin.

    Launched again after a crash it plans the rest and doubles nothing. Raises `CampaignRefused`.
    """
    outreach = campaign.campaign
    organisation = outreach.organisation
    if organisation.default_language not in room.languages(organisation.pk, campaign.scenario):
        raise CampaignRefused(_("Сценарий не говорит на языке организации: исправьте его и запустите снова"))
    day = team.day_of(organisation, now)
    audience = causes.get(outreach.cause).audience(organisation=organisation, filter=outreach.audience, day=day)
    if not audience:
        raise CampaignRefused(_("Звонить некому: в отборе никого нет"))
    if len(audience) <= BIG:
        with transaction.atomic():
            planned = drafting.launch(outreach, actor, why, now=now)
            answers.arrange(_fresh(campaign), now)
        return planned
    with transaction.atomic():
        steering.start(outreach, actor, why, now=now)
        CallCampaign.objects.filter(pk=campaign.pk).update(planned=0, to_plan=len(audience))
        queue.defer(PLAN_JOB, lock=f"{PLAN_JOB}:{campaign.pk}", campaign_id=campaign.pk, day=day.isoformat())
    return None


def plan_rest(campaign: CallCampaign, day: date) -> Planned:
    """Plan a big audience piece by piece while its first calls are made; begun again it goes on where it stopped.

    A campaign that was stopped meanwhile is planned no further.
    """
    outreach = campaign.campaign

    def tell(done: int, everybody: int) -> None:
        CallCampaign.objects.filter(pk=campaign.pk).update(planned=done, to_plan=everybody)
        if Campaign.objects.filter(pk=outreach.pk, state=CampaignState.STOPPED).exists():
            with transaction.atomic():
                waiting = Contact.objects.filter(campaign=outreach, state=ContactState.WAITING)
                ids = list(waiting.values_list("pk", flat=True))
                why = _("кампания остановлена")
                withdraw_contacts(open_cursor(), organisation_id=outreach.organisation_id, contact_ids=ids, why=why)
            raise _Stopped

    planned = Planned()
    with suppress(_Stopped):
        planned = planning.plan(outreach, day, clock.now(), progress=tell)
    CallCampaign.objects.filter(pk=campaign.pk).update(planned=None, to_plan=None)
    answers.arrange(_fresh(campaign), clock.now())
    # The first pieces may have been called to the end before the last ones were planned.
    waiting = Contact.objects.filter(campaign=outreach, state=ContactState.WAITING)
    if waiting.exists():
        Campaign.objects.filter(pk=outreach.pk, state=CampaignState.FINISHED).update(state=CampaignState.RUNNING)
    return planned


def _fresh(campaign: CallCampaign) -> CallCampaign:
    return CallCampaign.objects.select_related("campaign__organisation").get(pk=campaign.pk)


class _Stopped(Exception):
    """The campaign was stopped while it was planned."""


def pause(campaign: CallCampaign, actor: Actor, why: str) -> None:
    """No new call; those going on are finished. Raises `CampaignRefused` unless it runs."""
    steering.pause(campaign.campaign, actor, why)


def resume(campaign: CallCampaign, actor: Actor, why: str) -> None:
    """Go on after a pause. Raises `CampaignRefused` unless it is paused."""
    steering.resume(campaign.campaign, actor, why)


def stop(campaign: CallCampaign, actor: Actor, why: str) -> None:
    """End it for good and withdraw whoever was not called yet. Raises `CampaignRefused` when it has ended."""
    steering.stop(campaign.campaign, actor, why)


def state(campaign: CallCampaign, now: datetime) -> State:
    """The campaign in numbers as of `now`."""
    fresh = _fresh(campaign)
    contacts = Contact.objects.filter(campaign=fresh.campaign_id)
    by_state = _counted(contacts.values_list("state"))
    whys = contacts.exclude(state_why="").values_list("state_why")
    calls = fresh.calls
    with_people = talks(calls.all())
    due = contacts.filter(state=ContactState.WAITING).aggregate(first=Min("not_before"))["first"]
    return State(
        state=fresh.campaign.state,
        why=fresh.campaign.state_why,
        contacts=by_state,
        total=sum(by_state.values()),
        going_on=going_on(fresh).count(),
        lines=fresh.lines,
        calls=calls.count(),
        talks=with_people.count(),
        outcomes=_counted(calls.exclude(outcome="").values_list("outcome")),
        results=_counted(with_people.exclude(result="").values_list("result")),
        reasons=_counted(whys.filter(state__in=[ContactState.REFUSED, ContactState.FAILED, ContactState.UNKNOWN])),
        again=_counted(whys.filter(state=ContactState.WAITING)),
        abandoned=team.found(fresh).share,
        next_due=max(due, fresh.campaign.start_after or due) if due else None,
        preparing=(fresh.planned or 0, fresh.to_plan) if fresh.to_plan is not None else None,
    )


def talks(calls: QuerySet[Call]) -> QuerySet[Call]:
    """Those of the calls that a person answered, not a machine."""
    return calls.filter(outcome=Kind.ANSWERED).exclude(picked_up__in=["machine", "screening"])


def _counted(rows: Any) -> dict[str, int]:
    return dict(rows.annotate(count=Count("pk")).order_by())
