"""An account's penalty: how much and why, what of it is posted or given up, and what other readings would make it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.access.roles import may
from okno.law.countries import pack
from okno.ledger.models import Bill, BillKind, Regime
from okno.ledger.penalties.accrual import Accrued, RegimeAccrued, accrued
from okno.ledger.penalties.models import Posting
from okno.web.desk.accounts import card, scope
from okno.web.desk.penalties import what_if
from okno.web.desk.penalties.calculator import day_field
from okno.web.desk.penalties.decisions import decisions, read_along
from okno.web.gatekeeper import Request, page
from okno.web.parts import words
from okno.web.parts.penalties import BillTold, Explanation, explanation, grows_by
from okno.web.parts.standing import bill_title


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeShown:
    """One regime: its figures and the explanation of the law's one. `tomorrow_minor` is what one more day adds."""

    title: str
    accrued: RegimeAccrued
    posting: str
    told: Explanation
    tomorrow_minor: int | None
    what_if: str

    @property
    def growth(self) -> str:
        """«завтра +6,03 ₽»."""
        if not self.tomorrow_minor:
            return ""
        return _("завтра +%(sum)s") % {"sum": words.money_text(self.tomorrow_minor)}


def found(request: Request, pk: int) -> Any:
    """An account in sight with its bills and the decisions about its penalty, read in the same query; else 404."""
    bills = Bill.objects.filter(account=OuterRef("pk"), reversed_by=None).exclude(kind=BillKind.PENALTY)
    rows = (
        scope.accounts(request.membership)
        .select_related("flat__house", "organisation")
        .annotate(
            told_bills=ArraySubquery(bills.values(told=JSONObject(id="pk", month="month", kind="kind"))),
            **read_along(),
        )
    )
    return get_object_or_404(rows, pk=pk)


def frame(request: Request, account: Any) -> dict[str, Any]:
    """What stands on every page about the account's penalty."""
    return {
        "account": account,
        "flat": account.flat,
        "house": account.flat.house,
        "tabs": card.tabs(request, account, "account_penalties"),
        "today": scope.today(request.membership),
        "may_enter": may(request.membership, "settings.norms"),
    }


@page("ledger.view")
def penalties(request: Request, pk: int) -> HttpResponse:
    """The tab «Пени» of the card: figures, why they are so, and what was decided."""
    account = found(request, pk)
    told = accrued(account, scope.today(request.membership))
    decided = decisions(request.membership, account, told.day)
    context = {
        **frame(request, account),
        "told": told,
        "regimes": [_regime(account, one, request.GET.get("all", "")) for one in told.regimes if _has_anything(one)],
        "decisions": decided,
        "may_waive": may(request.membership, "penalties.waive") and bool(told.due_minor),
        "may_pause": may(request.membership, "penalties.pause"),
    }
    return render(request, "desk/penalties/account.html", context)


@page("ledger.view")
def tile(request: Request, pk: int) -> HttpResponse:
    """The figure of today for the head of the card, with the mark that a norm behind it was not verified.

    A fragment of its own: the head shows the last night's figure at once and does not wait for the history.
    """
    account = get_object_or_404(scope.accounts(request.membership).select_related("organisation"), pk=pk)
    told = accrued(account, scope.today(request.membership))
    context = {
        "account": account,
        "told": told,
        "tone": "late" if told.told_minor and told.is_asked_for else "",
        "note": _tile_note(told),
    }
    return render(request, "desk/penalties/tile.html", context)


def _tile_note(told: Accrued) -> str:
    if told.told_minor is None:
        return _("не введено значение закона · почему")
    if told.told_minor and not told.is_asked_for:
        return _("к оплате не предъявлена · почему")
    in_debt = sum(regime.open_minor for regime in told.told)
    if in_debt:
        return _("в долге уже %(sum)s · почему") % {"sum": words.money_text(in_debt)}
    return _("на %(day)s · почему") % {"day": words.day_text(told.day)}


def _has_anything(one: RegimeAccrued) -> bool:
    return bool(one.question.arrears or one.posted_minor or one.waived_minor)


def _regime(account: Any, one: RegimeAccrued, whole: str) -> RegimeShown:
    asked = one.question
    return RegimeShown(
        title=str(Regime(one.regime).label).capitalize(),
        accrued=one,
        posting=str(Posting(one.terms.posting).label),
        told=explanation(one.result, asked.arrears, asked.as_of, titles=bill_titles(account), whole=whole),
        tomorrow_minor=grows_by(pack(account.organisation.country).penalty, asked, one.rounded_minor),
        what_if=reverse("desk:penalty_what_if", args=[account.pk]) + f"?regime={one.regime}",
    )


def bill_titles(account: Any) -> Mapping[str, BillTold]:
    """The account's bills by their numbers."""
    url = reverse("desk:account_bills", args=[account.pk])
    return {
        str(row["id"]): BillTold(title=bill_title(date.fromisoformat(row["month"]), row["kind"]), url=url)
        for row in account.told_bills
    }


class WhatIfForm(forms.Form):
    """Until which day to count."""

    as_of = day_field(label=gettext_lazy("Посчитать по день"))


@page("ledger.view")
def account_what_if(request: Request, pk: int) -> HttpResponse:
    """Other readings of the law on the account's real bills; another day may be chosen, the future too."""
    account = found(request, pk)
    today = scope.today(request.membership)
    form = WhatIfForm(request.GET if "as_of" in request.GET else None, initial={"as_of": today})
    day = form.cleaned_data["as_of"] if form.is_bound and form.is_valid() else today
    told = accrued(account, day)
    shown = [one for one in told.regimes if _has_anything(one)]
    one = next((one for one in shown if one.regime == request.GET.get("regime")), shown[0] if shown else None)
    context: dict[str, Any] = {**frame(request, account), "form": form}
    context["regimes"] = [(row.regime, Regime(row.regime).label, row is one) for row in shown]
    if one is not None:
        law = pack(account.organisation.country).penalty
        context |= what_if.answer(request, law, one.question, one.question.settings, bill_titles(account))
    wrong = form.is_bound and bool(form.errors)
    return render(request, "desk/penalties/what_if.html", context, status=422 if wrong else 200)
