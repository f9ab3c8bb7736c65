"""The place of whoever talks: free or away, the call that has come, the next number, and the card after the talk."""

from datetime import UTC, datetime
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
from okno.dialogs.models import Agent, AgentState, Call, CallCampaign, CallTurn, Mode
from okno.outreach.models import CampaignState, Contact, ContactState
from okno.web.desk.accounts import scope
from okno.web.desk.calling import call_backs, own_calls, words
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


class PlaceForm(forms.Form):
    """Where this person's calls go."""

    address = forms.CharField(
        label=gettext_lazy("Телефон или SIP-адрес"),
        max_length=64,
        widget=forms.TextInput(attrs={"placeholder": "+7 912 345-67-89", "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Укажите телефон, на который приходят звонки")},
    )


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


def _show(request: Request, form: ResultForm | None, place_form: PlaceForm | None = None) -> HttpResponse:
    """The place with what was typed into `form` or `place_form`; 422 when that has an error."""
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
        "place_form": place_form or PlaceForm(initial={"address": agent.address if agent else ""}),
        "offered": offered,
        "account_id": account_id if account_id and _sees(request, account_id) else None,
        "phone": call.address if call else offered.address if offered else "",
        "talks": [] if call else _talks(request),
        "owed": [] if call else call_backs.short(request.membership),
        "line": "" if call else _line(),
        "seen": _seen(agent),
        "last": own_calls.last(agent) if agent is not None and call is None else None,
        "stage": own_calls.stage(call),
    }
    wrong = any(one is not None and one.errors for one in (form, place_form))
    return render(request, "desk/calling/seat.html", context, status=422 if wrong else 200)


@page("calls.take")
def live(request: Request) -> HttpResponse:
    """The line that tells the state; a call that came or ended since the page was made loads the page anew."""
    agent = presence.of(request.actor)
    return _unless_anew(request, agent, "desk/calling/seat_state.html", {"agent": agent, "state": _state(agent)})


@page("calls.take")
def going(request: Request) -> HttpResponse:
    """How far the call before this person is; one that was answered or is over loads the page anew."""
    agent = presence.of(request.actor)
    call = agent.call if agent else None
    told = {"call": call, "over": call is not None and call.state in presence.OVER}
    return _unless_anew(request, agent, "desk/calling/seat_call.html", told)


def _unless_anew(request: Request, agent: Agent | None, template: str, told: dict[str, Any]) -> HttpResponse:
    response = render(request, template, told)
    if request.GET.get("seen", "") != _seen(agent):
        response.headers["HX-Refresh"] = "true"
    return response


def _seen(agent: Agent | None) -> str:
    """What the page must be made anew for: another call, its card filled in; never while a card is being filled in."""
    if agent is None:
        return ""
    call = agent.call
    if call is None:
        return agent.state
    if own_calls.stage(call):
        return f"{call.pk}:{call.state}"
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
    mine = Contact.objects.filter(pk=kept["contact"], organisation=request.organisation)
    return (
        mine.filter(state=ContactState.WAITING, state_why=dialler.OFFERED)
        .select_related("person", "account__flat__house", "campaign")
        .first()
    )


def _back() -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("desk:seat"))


@require_POST
@page("calls.take")
def place(request: Request) -> HttpResponse:
    """POST do=free|away, and address to keep where calls go; an address that is none stands in its field again."""
    now, do = clock.now(), request.POST.get("do", "")
    if "address" in request.POST:
        form = PlaceForm(request.POST)
        if not _sits(request, form, now):
            return _show(request, None, form)
    try:
        if do == "free":
            presence.come(request.actor, now)
        elif do == "away":
            presence.leave(request.actor, now)
    except presence.PresenceRefused as refused:
        messages.error(request, str(refused))
    return _back()


def _sits(request: Request, form: PlaceForm, now: datetime) -> bool:
    """Keep the address of the form; False with the reason at its field."""
    if not form.is_valid():
        return False
    try:
        presence.sit(request.actor, form.cleaned_data["address"], now)
    except presence.PresenceRefused as refused:
        form.add_error("address", str(refused))
        return False
    messages.success(request, _("Звонки будут приходить сюда: %(address)s") % {"address": form.cleaned_data["address"]})
    return True


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
    """POST: our own phone rings, then that of the person who is kept for us; the gate has the last word."""
    agent, contact = presence.of(request.actor), _offered(request)
    if agent is None or contact is None or contact.pk != pk:
        messages.error(request, _("Этот человек больше не за вами: возьмите следующего"))
        return _back()
    if _line():
        messages.error(request, _line())
        return _back()
    now = clock.now()
    try:
        dialler.dial(agent, contact.pk, "", now)
    except dialler.NotNow as refused:
        messages.warning(request, str(refused))
        return _back()
    # The card stays with the agent when their own phone does not answer.
    request.session[_OFFER] = {"contact": contact.pk, "until": (now + dialler.KEPT).isoformat()}
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
