"""What stands beside a talk: the account, its people, what was promised, what is broken, what is off."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from okno.access.models import Membership
from okno.common import clock
from okno.debts.models import CaseHold, Promise
from okno.houses.models import House
from okno.ledger.models import Account
from okno.requests import outages
from okno.requests.models import Request as Asked
from okno.requests.register import OPEN
from okno.web.desk.accounts import card, scope
from okno.web.desk.requests import marks
from okno.web.gatekeeper import Request, page
from okno.web.parts import words
from okno.web.parts.standing import Standing, standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """An account as whoever talks needs it at one glance."""

    account: Account
    standing: Standing
    people: list[card.Neighbour]
    promises: list[Promise]
    holds: list[CaseHold]
    requests: list[tuple[Asked, Any]]
    known: tuple[outages.Told, ...]
    day: date


@page("calls.take")
def beside(request: Request, pk: int) -> HttpResponse:
    """The fragment: it comes by itself, so that the call never waits for it. `?phone=` is the one on the line."""
    near = of(request.membership, pk)
    return render(request, "desk/calling/beside.html", {"near": near, "on_phone": request.GET.get("phone", "")})


def of(membership: Membership, pk: int) -> Beside:
    """The account in sight; 404 for any other."""
    rows = scope.accounts(membership).select_related("flat__house__organisation", "organisation")
    account = get_object_or_404(rows, pk=pk)
    day = scope.today(membership)
    asked = Asked.objects.filter(account=account, state__in=OPEN) | Asked.objects.filter(
        flat=account.flat_id, state__in=OPEN
    )
    return Beside(
        account=account,
        standing=standing(account.pk, day),
        people=card.neighbours(account, day),
        promises=list(Promise.objects.filter(account=account).order_by("-made_at")[:3]),
        holds=list(CaseHold.objects.filter(account=account, ended_on=None, until__gte=day).order_by("until")),
        requests=[(one, marks.state(one.state)) for one in asked.order_by("-created_at").distinct()[:5]],
        known=off(account.flat.house),
        day=day,
    )


def off(house: House) -> tuple[outages.Told, ...]:
    """What is off in the house now, in the language of the page."""
    return outages.known(house.pk, clock.now(), words.language())
