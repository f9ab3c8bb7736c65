"""A draft of a campaign of calls, looked at before the launch: who would be called, who not and by which norm."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from okno.access.models import Organisation
from okno.access.working_days import calendar_of
from okno.common import clock
from okno.dialogs import dialler
from okno.dialogs.dialler import causes
from okno.dialogs.models import CallCampaign, Mode
from okno.law.countries import pack
from okno.law.dated import NotInForce
from okno.ledger.models import Account
from okno.outreach import words as outreach
from okno.people.models import Channel
from okno.web.desk.calling import words
from okno.web.desk.debts import audience, results
from okno.web.gatekeeper import Request
from okno.web.parts import words as shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm:
    """A norm that binds the campaign, as the country's sheet gives it."""

    ref: str
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Why some of the audience will not be called, with the first of them."""

    code: str
    reason: str
    count: int
    examples: list[Account]
    norm: Norm | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What launching today would do."""

    reached: int
    missed: list[Missed]
    missed_total: int
    no_consent: int
    consent: Norm | None
    label: Norm | None
    stale: list[results.Stale]
    minutes: int | None
    """How long one round would take at the set pace, in minutes; None when nobody would be called."""


def check(request: Request, calling: CallCampaign) -> Check:
    """Ask the dialler what the launch would do, and put the norms beside the refusals."""
    organisation = request.organisation
    now = clock.now()
    day = clock.today(organisation.time_zone)
    planned = dialler.preview(calling, day, now)
    reached = sum(planned.by_channel.values())
    consent = consent_norm(organisation, day) if calling.mode == Mode.ROBOT else None
    ids = [pk for examples in planned.examples.values() for pk in examples[:3]]
    accounts = Account.objects.select_related("flat__house").in_bulk(ids)
    missed = [
        Missed(
            code=code,
            reason=outreach.reason(code),
            count=count,
            examples=[accounts[pk] for pk in planned.examples.get(code, ())[:3] if pk in accounts],
            norm=consent if code == "no_consent" else None,
        )
        for code, count in planned.unreachable.most_common()
    ]
    return Check(
        reached=reached,
        missed=missed,
        missed_total=sum(planned.unreachable.values()),
        no_consent=planned.unreachable.get("no_consent", 0),
        consent=consent,
        label=label_norm(organisation, day) if calling.mode == Mode.ROBOT else None,
        stale=results.stale_feeds(organisation, now),
        minutes=round_minutes(calling, reached),
    )


TALK_SECONDS = 75
"""About how long a call holds a line from the dialling to the end: ringing, the talk, a breath."""


def round_minutes(calling: CallCampaign, people: int) -> int | None:
    """Minutes that one round takes: bound by the pace of dialling and by the lines; whichever is slower."""
    if not people:
        return None
    by_pace = people / float(calling.calls_a_second)
    by_lines = people * TALK_SECONDS / calling.lines
    return max(1, round(max(by_pace, by_lines) / 60))


def consent_norm(organisation: Organisation, day: date) -> Norm | None:
    """The norm that demands a consent for a robot's call; None where the law of the country asks for none."""
    try:
        told = pack(organisation.country).robot_call_needs_consent(day)
    except NotInForce:
        return None
    if not told.value or not told.rows:
        return None
    return Norm(ref=told.rows[0].norm, verified=told.verified)


def label_norm(organisation: Organisation, day: date) -> Norm | None:
    """The norm that wants a mass call labelled on the phone's screen; None where the law of the country wants none."""
    try:
        told = pack(organisation.country).robot_call_needs_label(day)
    except NotInForce:
        return None
    if not told.value or not told.rows:
        return None
    return Norm(ref=told.rows[0].norm, verified=told.verified)


def hours_today(organisation: Organisation, day: date) -> tuple[str, str] | None:
    """From and until when the law or the policy lets people be called on `day`."""
    try:
        told = pack(organisation.country).contact_hours(day, calendar=calendar_of(organisation)).value
    except NotInForce:
        return None
    if told.opens is None or told.closes is None:
        return None
    return f"{told.opens:%H:%M}", f"{told.closes:%H:%M}"


def sentence(calling: CallCampaign) -> str:
    """Whom it calls and about what: «Напоминание о долге: все должники, в 2 домах»."""
    return f"{words.scenario_title(calling.scenario)}: {whom(calling)}"


def whom(calling: CallCampaign) -> str:
    """The audience in words."""
    conditions: Mapping[str, Any] = calling.campaign.audience
    if calling.campaign.cause == "debt":
        return audience.sentence(conditions)
    houses = conditions.get("houses")
    by_request = calling.campaign.cause in (causes.RATING, causes.REQUEST_VISIT)
    if houses is None:
        return _("по заявкам всех домов") if by_request else _("жители всех домов")
    if by_request:
        told = ngettext("по заявкам %(count)s дома", "по заявкам %(count)s домов", len(houses))
    else:
        told = ngettext("жители %(count)s дома", "жители %(count)s домов", len(houses))
    return told % {"count": shown.number_text(len(houses))}


def terms(calling: CallCampaign) -> list[tuple[str, str]]:
    """How the calls are made, for the aside of its page."""
    pauses = "\n".join(
        f"{words.AGAIN[code]} — {duration(minutes)}" for code, minutes in calling.pauses.items() if code in words.AGAIN
    )
    hours = [f"{one:%H:%M}" for one in (calling.since, calling.until) if one]
    told = [
        (_("Кто говорит"), str(calling.get_mode_display())),
        (_("Сценарий"), words.scenario_title(calling.scenario)),
        (_("Линий"), shown.number_text(calling.lines)),
        (_("Темп"), _("%(count)s в секунду") % {"count": shown.number_text(float(calling.calls_a_second))}),
        (_("Попыток"), _("до %(count)s на человека") % {"count": calling.tries}),
        (_("Снова, если"), pauses or _("не повторять")),
        (_("Ждать ответа"), _("%(count)s с") % {"count": calling.ring_seconds}),
        (_("Часы"), "–".join(hours) if len(hours) == 2 else _("как в порядке обращений")),
        (_("Запись"), _("записывается") if calling.record else _("не записывается")),
    ]
    return told


def duration(minutes: int) -> str:
    """«через 2 ч», «через 30 мин»; figures and units never part at the end of a line."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        told = _("через %(count)s мин") % {"count": rest}
    elif not rest:
        told = _("через %(count)s ч") % {"count": hours}
    else:
        told = _("через %(hours)s ч %(minutes)s мин") % {"hours": hours, "minutes": rest}
    return told.replace(" ", "\N{NO-BREAK SPACE}")


def channel(mode: str) -> Channel:
    """By which channel a campaign of this mode reaches people."""
    return Channel.ROBOT_CALL if mode == Mode.ROBOT else Channel.CALL
