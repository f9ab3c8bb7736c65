"""A campaign of calls on paper: about what, whom, who talks, when, how often again."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from okno.access.models import Language, Membership, Organisation
from okno.common import clock
from okno.dialogs import dialler
from okno.dialogs import scenario as scenarios
from okno.dialogs.dialler import causes, retry
from okno.dialogs.facts.common import LEFT_ON_A_MACHINE, NOTHING
from okno.dialogs.models import CallCampaign, Mode
from okno.houses.models import House
from okno.houses.visibility import visible_to
from okno.outreach.models import CampaignState
from okno.outreach.steering import CampaignRefused
from okno.telephony.leg import Kind
from okno.web.desk.calling import campaigns, checking, words
from okno.web.desk.debts import audience
from okno.web.desk.debts.portfolio import Portfolio
from okno.web.gatekeeper import Request, page

ABOUT = {
    "debt_notice": ("hand-coins", gettext_lazy("Напомнить о долге, договориться о дне и сумме")),
    "readings": ("gauge", gettext_lazy("Принять показания счётчиков")),
    "announcement": ("megaphone", gettext_lazy("Сообщить об отключении, работах, собрании")),
    "visit": ("wrench", gettext_lazy("Предупредить о приходе мастера, перенести")),
    "rating": ("star", gettext_lazy("Спросить, сделана ли работа, и оценку")),
}
"""Scenarios that are called with, each with its drawing and what it is for; the others wait for the phone to ring."""

OFFERED_PAUSES: dict[str, int | None] = {**retry.DEFAULT_PAUSES, Kind.REJECTED: None}
"""Causes after which it is tried again, with the minutes that a new campaign offers; None: not again."""

TIME = {"type": "time", "step": "60"}


ABOUT_DEBT = "debt_notice"
"""The scenario whose audience are debtors."""


class CallingForm(forms.Form):
    """How the calls are made; the figures and limits are those of `CallCampaign`."""

    name = forms.CharField(
        label=gettext_lazy("Название"), max_length=200, help_text=gettext_lazy("Видно только вам и коллегам")
    )
    mode = forms.ChoiceField(
        label=gettext_lazy("Кто говорит"), choices=Mode.choices, widget=forms.RadioSelect, initial=Mode.ROBOT
    )
    lines = forms.IntegerField(
        label=gettext_lazy("Линий сразу"),
        min_value=1,
        max_value=100,
        help_text=gettext_lazy("Сколько звонков идёт разом"),
    )
    calls_a_second = forms.DecimalField(
        label=gettext_lazy("Звонков в секунду"), min_value=Decimal("0.05"), max_value=20, decimal_places=2
    )
    tries = forms.IntegerField(label=gettext_lazy("Попыток на человека"), min_value=1, max_value=20)
    ring_seconds = forms.IntegerField(label=gettext_lazy("Ждать ответа, секунд"), min_value=5, max_value=90)
    since = forms.TimeField(
        label=gettext_lazy("Звонить с"), required=False, widget=forms.TimeInput(attrs=TIME, format="%H:%M")
    )
    until = forms.TimeField(
        label=gettext_lazy("Звонить до"), required=False, widget=forms.TimeInput(attrs=TIME, format="%H:%M")
    )
    record = forms.BooleanField(
        label=gettext_lazy("Записывать разговоры"),
        required=False,
        help_text=gettext_lazy("Слушать запись можно только с причиной, каждый раз остаётся в журнале"),
    )

    def __init__(self, *arguments: Any, scenario: str, organisation: Organisation, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.scenario, self.organisation = scenario, organisation
        for kind in OFFERED_PAUSES:
            self.fields[f"pause_{kind}"] = forms.IntegerField(
                label=str(words.AGAIN[kind]).capitalize(), min_value=1, max_value=7 * 24 * 60, required=False
            )
        self.fields["leave_word"] = forms.ChoiceField(
            label=_("Если ответит автоответчик"),
            choices=words.left_words(scenario),
            required=False,
            help_text=_("Суммы и долги автоответчику не говорятся никогда"),
        )
        if scenario == "announcement":
            for code in self.languages:
                self.fields[f"text_{code}"] = forms.CharField(
                    label=_("Что скажет робот: %(language)s") % {"language": Language(code).label},
                    widget=forms.Textarea(attrs={"rows": 3, "lang": code}),
                    max_length=1000,
                    required=code == organisation.default_language,
                )
        if scenario == "visit":
            self._visit_fields()

    @property
    def languages(self) -> list[str]:
        """The organisation's languages that the scenario speaks, its own first."""
        spoken = scenarios.shipped(self.scenario).languages
        own = self.organisation.default_language
        return sorted((code for code in self.organisation.languages if code in spoken), key=lambda code: code != own)

    def _visit_fields(self) -> None:
        for code in self.languages:
            self.fields[f"work_{code}"] = forms.CharField(
                label=_("Какая работа: %(language)s") % {"language": Language(code).label},
                max_length=200,
                required=code == self.organisation.default_language,
                help_text=_("Например: «Замена стояка»"),
            )
        self.fields["day"] = forms.DateField(
            label=_("День прихода"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        )
        for name, label in (("visit_since", _("Мастер придёт с")), ("visit_until", _("Мастер придёт до"))):
            self.fields[name] = forms.TimeField(label=label, widget=forms.TimeInput(attrs=TIME, format="%H:%M"))

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        since, until = told.get("since"), told.get("until")
        if bool(since) != bool(until):
            self.add_error("until" if since else "since", _("Назовите оба часа или ни одного"))
        elif since and until and since >= until:
            self.add_error("until", _("Конец должен быть позже начала"))
        if told.get("visit_since") and told.get("visit_until") and told["visit_since"] >= told["visit_until"]:
            self.add_error("visit_until", _("Конец должен быть позже начала"))
        if told.get("day") and told["day"] < clock.today(self.organisation.time_zone):
            self.add_error("day", _("Этот день уже прошёл"))
        return told

    @property
    def pauses(self) -> list[forms.BoundField]:
        """The pause fields, for the page."""
        return [self[f"pause_{kind}"] for kind in OFFERED_PAUSES]

    @property
    def own(self) -> list[forms.BoundField]:
        """What this scenario alone asks for."""
        return [self[name] for name in self.fields if name.startswith(("text_", "work_", "day", "visit_"))]

    def plan(self, conditions: Mapping[str, Any], cause: str) -> dialler.CampaignPlan:
        """What was told, for the dialler. The form must be valid."""
        told = self.cleaned_data
        return dialler.CampaignPlan(
            name=told["name"],
            scenario=self.scenario,
            audience=conditions,
            cause=cause,
            mode=told["mode"],
            lines=told["lines"],
            calls_a_second=told["calls_a_second"],
            tries=told["tries"],
            pauses={str(kind): told[f"pause_{kind}"] for kind in OFFERED_PAUSES if told[f"pause_{kind}"]},
            ring_seconds=told["ring_seconds"],
            since=told["since"],
            until=told["until"],
            params=self._params(),
            record=told["record"],
        )

    def _params(self) -> dict[str, Any]:
        word = self.cleaned_data["leave_word"]
        return {**self._own_params(), **({"leave_word": word} if word else {})}

    def _own_params(self) -> dict[str, Any]:
        told = self.cleaned_data
        if self.scenario == "announcement":
            return {"text": self._by_language("text_")}
        if self.scenario == "visit":
            return {
                "work": self._by_language("work_"),
                "day": told["day"].isoformat(),
                "since": f"{told['visit_since']:%H:%M}",
                "until": f"{told['visit_until']:%H:%M}",
            }
        return {}

    def _by_language(self, prefix: str) -> dict[str, str]:
        told = {code: self.cleaned_data[f"{prefix}{code}"].strip() for code in self.languages}
        return {code: text for code, text in told.items() if text}


class ResidentsForm(forms.Form):
    """Residents of houses, for everything that is not about a debt; of whom exactly depends on the scenario."""

    houses = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Дома"),
        required=False,
        queryset=House.objects.none(),
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text=gettext_lazy("Ничего не выбрано — все дома, которые вам видны"),
    )

    def __init__(self, *arguments: Any, membership: Membership, scenario: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.membership, self.scenario = membership, scenario
        houses: forms.ModelMultipleChoiceField = self.fields["houses"]  # type: ignore[assignment,type-arg]
        houses.queryset = visible_to(membership).order_by("sort_key")
        if scenario == "visit":
            self.fields["whom"] = forms.ChoiceField(
                label=_("К кому придут"),
                choices=[(causes.VISIT, _("во все квартиры домов")), (causes.REQUEST_VISIT, _("по открытым заявкам"))],
            )
        if scenario in ("visit", "rating"):
            self.fields["since_day"] = forms.DateField(
                label=_("Заявки не раньше") if scenario == "visit" else _("Работы, сделанные не раньше"),
                required=False,
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            )

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if told.get("whom") == causes.VISIT and told.get("since_day"):
            self.add_error("since_day", _("День заявки — только для визитов по заявкам"))
        return told

    @property
    def cause(self) -> str:
        """What the people are called about. The form must be valid."""
        return str(self.cleaned_data.get("whom", ""))

    def filter(self) -> dict[str, Any]:
        """The conditions as the causes understand them. The form must be valid."""
        chosen = sorted(house.pk for house in self.cleaned_data["houses"])
        told: dict[str, Any] = {"houses": chosen} if chosen else {}
        if self.cleaned_data.get("since_day"):
            told["since"] = self.cleaned_data["since_day"].isoformat()
        return audience.within_sight(told, self.membership)


def _whom(request: Request, scenario: str, calling: CallCampaign | None) -> audience.AudienceForm | ResidentsForm:
    """The form that chooses whom to call, filled in as it was kept."""
    posted = request.POST if request.method == "POST" else None
    kept = calling.campaign.audience if calling else {}
    if scenario == ABOUT_DEBT:
        return audience.AudienceForm(posted, membership=request.membership, initial=audience.initial(kept))
    initial = {"houses": kept.get("houses", []), "since_day": kept.get("since")}
    if calling is not None:
        initial["whom"] = calling.campaign.cause
    return ResidentsForm(posted, membership=request.membership, scenario=scenario, initial=initial)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """A scenario on the first page: what it is for, and where to go on."""

    title: str
    text: str
    icon: str
    url: str


@page("outreach.plan")
def new(request: Request) -> HttpResponse:
    """A new campaign: what about comes first, the rest depends on it."""
    scenario = request.GET.get("scenario", "")
    if scenario in ABOUT:
        return _edit(request, None, scenario)
    here = reverse("desk:calling_new")
    offered = [
        About(title=words.scenario_title(name), text=str(text), icon=icon, url=f"{here}?scenario={name}")
        for name, (icon, text) in ABOUT.items()
    ]
    return render(request, "desk/calling/about.html", {"offered": offered, "steps": words.steps()})


@require_POST
@page("outreach.plan")
def marked(request: Request) -> HttpResponse:
    """A draft for exactly the debtors marked in the portfolio; sent twice it is one draft."""
    table = Portfolio(membership=request.membership, query=request.GET)
    cases = sorted(table.marked(request.POST).values_list("pk", flat=True))
    if not cases:
        return HttpResponseRedirect(reverse("desk:portfolio"))
    day = clock.today(request.organisation.time_zone)
    plan = dialler.CampaignPlan(
        name=_("Обзвон отмеченных %(day)s") % {"day": f"{day:%d.%m.%Y}"},
        scenario=ABOUT_DEBT,
        audience={"cases": cases},
    )
    drafted = dialler.draft(request.actor, plan)
    return HttpResponseRedirect(reverse("desk:call_campaign", args=[drafted.pk]))


@page("outreach.plan")
def edit(request: Request, pk: int) -> HttpResponse:
    """Change a draft."""
    calling = campaigns.find(request, pk)
    if not campaigns.may_command(request, calling):
        raise Http404
    if calling.campaign.state != CampaignState.DRAFT:
        messages.error(request, _("Запущенный обзвон не изменить: его можно приостановить или остановить"))
        return HttpResponseRedirect(reverse("desk:call_campaign", args=[pk]))
    return _edit(request, calling, calling.scenario)


def _edit(request: Request, calling: CallCampaign | None, scenario: str) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    form = CallingForm(
        posted, scenario=scenario, organisation=request.organisation, initial=_initial(request, calling, scenario)
    )
    kept = calling.campaign.audience if calling else {}
    exactly = kept if "cases" in kept else None
    who = _whom(request, scenario, calling)
    if posted is not None and form.is_valid() and (exactly is not None or who.is_valid()):
        told = audience.within_sight(exactly, request.membership) if exactly is not None else who.filter()
        plan = form.plan(told, who.cause if isinstance(who, ResidentsForm) else "")
        try:
            kept_one = dialler.rewrite(calling, request.actor, plan) if calling else dialler.draft(request.actor, plan)
        except CampaignRefused as refused:
            form.add_error(None, str(refused))
        else:
            return HttpResponseRedirect(reverse("desk:call_campaign", args=[kept_one.pk]))
    context = {
        "form": form,
        "who": who,
        "calling": calling,
        "scenario": scenario,
        "title": words.scenario_title(scenario),
        "about_debt": scenario == ABOUT_DEBT,
        "exactly": exactly is not None,
        "extent": _extent(request, who, kept, scenario),
        "modes": [(code, Mode(code).label, words.MODES[Mode(code)]) for code in Mode.values],
        "mode": form["mode"].value(),
        "consent": checking.consent_norm(request.organisation, clock.today(request.organisation.time_zone)),
        "labelling": checking.label_norm(request.organisation, clock.today(request.organisation.time_zone)),
        "hours": checking.hours_today(request.organisation, clock.today(request.organisation.time_zone)),
        "steps": words.steps(),
    }
    return render(request, "desk/calling/form.html", context, status=422 if form.errors or who.errors else 200)


def _extent(request: Request, who: Any, kept: Mapping[str, Any], scenario: str) -> audience.Extent | None:
    """How many debtors the conditions find; only a debt's audience is counted while it is chosen."""
    if scenario != ABOUT_DEBT:
        return None
    asked = who.filter() if who.is_bound and who.is_valid() else audience.within_sight(kept, request.membership)
    return audience.extent(request.membership, asked)


def _initial(request: Request, calling: CallCampaign | None, scenario: str) -> dict[str, Any]:
    if calling is None:
        day = clock.today(request.organisation.time_zone)
        return {
            "name": f"{words.scenario_title(scenario)} {day:%d.%m.%Y}",
            "mode": Mode.ROBOT,
            "lines": 2,
            "calls_a_second": "1",
            "tries": 3,
            "ring_seconds": 30,
            "record": True,
            "leave_word": LEFT_ON_A_MACHINE.get(scenario, NOTHING),
            **{f"pause_{kind}": minutes for kind, minutes in OFFERED_PAUSES.items()},
        }
    kept = {
        name: getattr(calling, name) for name in ("mode", "lines", "tries", "ring_seconds", "since", "until", "record")
    }
    params: Mapping[str, Any] = calling.params
    return {
        **kept,
        "name": calling.campaign.name,
        "leave_word": params.get("leave_word", LEFT_ON_A_MACHINE.get(calling.scenario, NOTHING)),
        "calls_a_second": calling.calls_a_second.normalize(),
        **{f"pause_{kind}": calling.pauses.get(kind) for kind in OFFERED_PAUSES},
        **{f"{name}_{code}": text for name in ("text", "work") for code, text in params.get(name, {}).items()},
        **(
            {"day": params["day"], "visit_since": params["since"], "visit_until": params["until"]}
            if "day" in params
            else {}
        ),
    }
