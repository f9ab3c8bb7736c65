"""The place of whoever talks: free or away, the call that has come, the next number, and the card after the talk."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from okno.common import clock
from okno.debts.models import Case, CaseState
from okno.dialogs import by_hand, dialler, presence
from okno.dialogs.by_hand import Result, ResultRefused
from okno.dialogs.live import operators
from okno.dialogs.live.staffed import NOBODY
from okno.dialogs.models import Agent, AgentState, Call, CallCampaign, CallTurn, Mode
from okno.outreach.models import CampaignState, Contact
from okno.web.desk.accounts import scope
from okno.web.desk.calling import call_backs, words
from okno.web.desk.debts import campaigns as sent
from okno.web.desk.debts.audience import MoneyField
from okno.web.gatekeeper import Request, page

PUT_OFF_MINUTES = 60
"""For so long a person who was put off is not offered again."""

_OFFER = "offered_contact"

OFFERED = (
    "promised",
    "already_paid",
    "call_later",
    "dispute",
    "hardship",
    "refused",
    "wrong_number",
    "third_party",
    "not_home",
    "talked",
    "sold",
    "owner_changed",
    "died",
    "do_not_call",
    "complaint",
)
"""Results in the order of the digits that choose them; the last ones have none."""

TONES = {
    AgentState.AWAY: ("idle", "moon"),
    AgentState.FREE: ("good", "check"),
    AgentState.BUSY: ("plan", "phone-call"),
    AgentState.AFTER_CALL: ("warn", "notebook-pen"),
}


class ResultForm(forms.Form):
    """How the talk ended; what it needs depends on the result."""

    result = forms.ChoiceField(
        label=gettext_lazy("Чем кончилось"),
        choices=[(code, words.RESULTS[code][0]) for code in OFFERED],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Выберите, чем кончился разговор")},
    )
    on = forms.DateField(
        label=gettext_lazy("День"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Заплатит или просит позвонить"),
    )
    minor = MoneyField(label=gettext_lazy("Сумма обещания"), required=False)
    words = forms.CharField(
        label=gettext_lazy("Слова жителя"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        code = told.get("result")
        if code in ("promised", "call_later") and not told.get("on") and "on" not in self.errors:
            self.add_error("on", _("Назовите день"))
        if code == "promised" and not told.get("minor") and "minor" not in self.errors:
            self.add_error("minor", _("Назовите сумму больше нуля"))
        return told

    def told(self) -> Result:
        """What was written. The form must be valid."""
        kept = self.cleaned_data
        return Result(code=kept["result"], on=kept["on"], minor=kept["minor"], words=kept["words"])


@page("calls.take")
def seat(request: Request) -> HttpResponse:
    """The place as it stands now."""
    return _show(request, None)


def _show(request: Request, form: ResultForm | None) -> HttpResponse:
    agent = presence.of(request.actor)
    call = agent.call if agent else None
    offered = _offered(request) if call is None else None
    account_id = call.account_id if call else offered.account_id if offered else None
    written = by_hand.is_written(call) if call else False
    context = {
        "agent": agent,
        "state": _state(agent),
        "call": call,
        "over": call is not None and call.state in presence.OVER,
        "written": words.result(call.result) if call and written else None,
        "said": _said(call) if call else [],
        "form": form or ResultForm(initial=_initial(account_id)),
        "offered": offered,
        "account_id": account_id if account_id and _sees(request, account_id) else None,
        "phone": call.address if call else offered.address if offered else "",
        "talks": [] if call else _talks(request),
        "owed": [] if call else call_backs.short(request.membership),
        "line": "" if call else _line(),
        "seen": _seen(agent),
        "unreached": _unreached(agent),
    }
    return render(request, "desk/calling/seat.html", context, status=422 if form is not None and form.errors else 200)


@page("calls.take")
def live(request: Request) -> HttpResponse:
    """The line that tells the state; a call that came or ended since the page was made loads the page anew."""
    agent = presence.of(request.actor)
    response = render(request, "desk/calling/seat_state.html", {"agent": agent, "state": _state(agent)})
    if request.GET.get("seen", "") != _seen(agent):
        response.headers["HX-Refresh"] = "true"
    return response


_AT_ONCE = timedelta(minutes=1)


def _unreached(agent: Agent | None) -> bool:
    """Whether the agent is away because their own telephone did not answer a call that was made for them."""
    if agent is None or agent.state != AgentState.AWAY:
        return False
    last = Call.objects.filter(agent=agent.user_id).order_by("-pk").first()
    if last is None or last.result != NOBODY or last.ended_at is None:
        return False
    return abs(agent.changed_at - last.ended_at) <= _AT_ONCE


def _seen(agent: Agent | None) -> str:
    """What the page must be made anew for: another call, its card filled in; never while a card is being filled in."""
    if agent is None:
        return ""
    call = agent.call
    if call is None:
        return agent.state
    return f"{call.pk}:{agent.state}:{call.state in presence.OVER}" if by_hand.is_written(call) else str(call.pk)


def _state(agent: Agent | None) -> dict[str, str] | None:
    if agent is None:
        return None
    tone, icon = TONES[AgentState(agent.state)]
    return {"text": str(agent.get_state_display()), "tone": tone, "icon": icon}


def _said(call: Call) -> list[CallTurn]:
    """The end of what the robot and the person said, so that nobody is asked twice."""
    rows = CallTurn.objects.filter(call=call).exclude(text="", heard="").order_by("-number")[:8]
    return list(reversed(rows))


def _initial(account_id: int | None) -> dict[str, Any]:
    """The sum that is owed, as the likeliest promise."""
    case = Case.objects.filter(account=account_id, state=CaseState.OPEN).first() if account_id else None
    return {"minor": words.whole_units(case.debt_minor) if case else ""}


def _sees(request: Request, account_id: int) -> bool:
    """Whether the account is in this person's sight; a call may come from a house that is not."""
    return request.membership.all_houses or scope.accounts(request.membership).filter(pk=account_id).exists()


def _line() -> str:
    """Why calls cannot be made from here; "" when they can."""
    living = operators.living(datetime.now(UTC))
    if not living:
        return _("Программа звонков не запущена: позвонить отсюда и принять звонок нельзя. Её запускает «okno up».")
    if not any(one.trunk for one in living):
        return _("Нет связи с телефонной линией: позвонить отсюда и принять звонок пока нельзя.")
    return ""


def _talks(request: Request) -> list[CallCampaign]:
    """Running campaigns in sight in which people talk themselves."""
    rows = CallCampaign.objects.filter(
        campaign__in=sent.in_sight(request.membership), campaign__state=CampaignState.RUNNING
    ).exclude(mode=Mode.ROBOT)
    return list(rows.select_related("campaign").order_by("-pk")[:10])


def _offered(request: Request) -> Contact | None:
    """The contact that is kept for this person, until its time is out."""
    kept = request.session.get(_OFFER)
    if not kept or datetime.fromisoformat(kept["until"]) <= clock.now():
        return None
    return (
        Contact.objects.select_related("person", "account__flat__house", "campaign")
        .filter(pk=kept["contact"], organisation=request.organisation, state="waiting")
        .first()
    )


def _back() -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("desk:seat"))


@require_POST
@page("calls.take")
def place(request: Request) -> HttpResponse:
    """POST do=free|away, and address to keep where calls go."""
    now, do = clock.now(), request.POST.get("do", "")
    try:
        if request.POST.get("address", "").strip():
            presence.sit(request.actor, request.POST["address"], now)
        if do == "free":
            presence.come(request.actor, now)
        elif do == "away":
            presence.leave(request.actor, now)
    except presence.PresenceRefused as refused:
        messages.error(request, str(refused))
    return _back()


@require_POST
@page("calls.take")
def following(request: Request) -> HttpResponse:
    """POST campaign: the next person to look at before calling; progressive campaigns call by themselves."""
    agent = presence.of(request.actor)
    told = request.POST.get("campaign", "")
    campaign = next((one for one in _talks(request) if str(one.pk) == told and one.mode == Mode.PREVIEW), None)
    if agent is None or campaign is None:
        messages.error(request, _("Укажите телефон и выберите обзвон, который ещё идёт"))
        return _back()
    found = dialler.offer(agent, campaign, clock.now())
    if found is None:
        messages.info(request, _("Сейчас звонить некому: остальных можно набирать позже"))
    else:
        request.session[_OFFER] = {"contact": found.contact.pk, "until": found.until.isoformat()}
    return _back()


@require_POST
@page("calls.take")
def ring(request: Request, pk: int) -> HttpResponse:
    """POST: call the person who is kept for us; the gate has the last word."""
    agent, contact = presence.of(request.actor), _offered(request)
    if agent is None or contact is None or contact.pk != pk:
        messages.error(request, _("Этот человек больше не за вами: возьмите следующего"))
        return _back()
    if _line():
        messages.error(request, _line())
        return _back()
    try:
        dialler.dial(agent, contact.pk, "", clock.now())
    except dialler.NotNow as refused:
        messages.warning(request, str(refused))
        return _back()
    request.session.pop(_OFFER, None)
    return _back()


@require_POST
@page("calls.take")
def later(request: Request, pk: int) -> HttpResponse:
    """POST why: leave the offered person for later."""
    agent, contact = presence.of(request.actor), _offered(request)
    if agent is not None and contact is not None and contact.pk == pk:
        why = request.POST.get("why", "").strip()[:200] or _("отложил сотрудник")
        dialler.put_off(agent, contact.pk, PUT_OFF_MINUTES, why, clock.now())
    request.session.pop(_OFFER, None)
    return _back()


@require_POST
@page("calls.take")
def result(request: Request, pk: int) -> HttpResponse:
    """POST the result of the talk: kept once, however often it is sent."""
    form = ResultForm(request.POST)
    if not form.is_valid():
        return _show(request, form)
    try:
        fresh = by_hand.write(request.actor, pk, form.told(), clock.now())
    except ResultRefused as refused:
        messages.error(request, str(refused))
        return _back()
    if fresh:
        messages.success(request, _("Результат записан"))
    else:
        messages.info(request, _("Результат этого разговора уже записан"))
    return _back()
