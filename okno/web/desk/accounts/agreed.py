"""What else is known of an account, read with its card: the promise, the holds, what was asked for, what is off."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q
from django.db.models.functions import JSONObject

from okno.common import clock
from okno.debts.models import CaseHold, HoldReason, Promise, PromiseState
from okno.requests.models import Outage, Request, RequestState
from okno.requests.register import OPEN
from okno.web.parts import words

MOST = 5


def annotations(day: date) -> dict[str, Any]:
    """What `of` reads, asked in the same query as the account."""
    promises = Promise.objects.filter(account=OuterRef("pk"), state=PromiseState.OPEN).order_by("on")
    holds = CaseHold.objects.filter(account=OuterRef("pk"), ended_on=None, until__gte=day).order_by("until")
    ours = Q(account=OuterRef("pk")) | Q(flat=OuterRef("flat_id"))
    asked = Request.objects.filter(ours, state__in=OPEN).order_by("-created_at")
    here = Q(everywhere=True) | Q(houses=OuterRef("flat__house_id"))
    off = Outage.objects.filter(
        here, organisation=OuterRef("organisation_id"), since__lte=clock.now(), ended_at=None
    ).order_by("-since")
    return {
        "off": ArraySubquery(off.values(told=JSONObject(pk="pk", words="words", until="until"))),
        "promised": ArraySubquery(promises.values(told=JSONObject(on="on", minor="minor"))),
        "held": ArraySubquery(holds.values(told=JSONObject(reason="reason", until="until"))),
        "asked": ArraySubquery(
            asked.values(told=JSONObject(pk="pk", number="number", text="text", state="state"))[:MOST]
        ),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """The promise that is waited for, why reminders wait, and open requests; as the card tells them."""

    promises: list[tuple[int, date]]
    holds: list[tuple[str, date]]
    requests: list[dict[str, Any]]


def of(account: Any) -> Agreed | None:
    """What was agreed, of an account read with `annotations`; None when there is nothing to tell."""
    if not (account.promised or account.held or account.asked):
        return None
    return Agreed(
        promises=[(row["minor"], date.fromisoformat(row["on"])) for row in account.promised],
        holds=[(str(HoldReason(row["reason"]).label), date.fromisoformat(row["until"])) for row in account.held],
        requests=[{**row, "state": RequestState(row["state"]).label} for row in account.asked],
    )


def off(account: Any) -> list[dict[str, Any]]:
    """What is off in the house now, in the language of the page, of an account read with `annotations`."""
    default = account.organisation.default_language
    return [
        {
            "pk": row["pk"],
            "words": row["words"].get(words.language())
            or row["words"].get(default)
            or next(iter(row["words"].values())),
            "until": datetime.fromisoformat(row["until"]) if row["until"] else None,
        }
        for row in account.off
    ]
