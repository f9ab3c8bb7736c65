"""«Почему пеня»: the resident reads how much, for which bills and days, by which norm, and how to stop it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from okno.law.countries import pack
from okno.law.penalty import PenaltyLaw
from okno.ledger.models import Account, Bill, BillKind, Regime
from okno.ledger.penalties.accrual import Accrued, accrued
from okno.ledger.penalties.models import WaiverState
from okno.ledger.penalties.pauses import told_of
from okno.ledger.penalties.waiver import waivers_of
from okno.ledger.penalties.words import waiver_in_words
from okno.web.cabinet.own import account
from okno.web.cabinet.pages import frame
from okno.web.gatekeeper import Request, page
from okno.web.parts import words
from okno.web.parts.penalties import BillTold, explanation, grows_by
from okno.web.parts.standing import bill_title

KEPT = frozenset({"given", "kept"})


@page("cabinet.view")
def penalties(request: Request, pk: int) -> HttpResponse:
    """The penalty of one's own account in plain words."""
    found, mine = account(request, pk)
    told = accrued(mine, found.day)
    titles = _titles(mine)
    context: dict[str, Any] = {
        **frame(request, found, mine),
        "told": told,
        "sentence": sentence(told, pack(request.organisation.country).penalty),
        "only_counted": bool(told.due_minor) and not told.is_asked_for,
        "regimes": [
            {
                "title": str(Regime(one.regime).label).capitalize(),
                "accrued": one,
                "told": explanation(
                    one.result,
                    one.question.arrears,
                    one.question.as_of,
                    titles=titles,
                    whole=request.GET.get("all", ""),
                ),
            }
            for one in told.regimes
            if one.question.arrears or one.posted_minor
        ],
        "waived": [
            (
                _("Прощено:") if row.pay_by is None or row.state == WaiverState.KEPT else _("Обещано простить:"),
                waiver_in_words(row, currency=request.organisation.currency),
            )
            for row in waivers_of(mine.pk)
            if row.state in KEPT
        ],
        "paused": told_of(mine.pk, found.day),
    }
    return render(request, "cabinet/penalties.html", context)


def sentence(told: Accrued, law: PenaltyLaw) -> str:
    """«Сегодня пеня 146,74 ₽, завтра станет на 6,03 ₽ больше»."""
    due = told.told_minor
    if due is None:
        return _("Пеню пока не посчитать: не хватает ставки, которая ещё не внесена.")
    if due == 0:
        return _("Пени нет.")
    growth = [grows_by(law, one.question, one.rounded_minor) for one in told.told]
    known = [more for more in growth if more is not None]
    if len(known) < len(growth) or not sum(known):
        return _("Сегодня пеня %(sum)s.") % {"sum": words.money_text(due)}
    return _("Сегодня пеня %(sum)s, завтра станет на %(more)s больше.") % {
        "sum": words.money_text(due),
        "more": words.money_text(sum(known)),
    }


def _titles(mine: Account) -> dict[str, BillTold]:
    rows = Bill.objects.filter(account=mine, reversed_by=None).exclude(kind=BillKind.PENALTY)
    return {
        str(pk): BillTold(title=bill_title(month, kind)) for pk, month, kind in rows.values_list("pk", "month", "kind")
    }
