"""The facts of calls that serve a resident: a rating of work that was done, a visit, an announcement.

What the campaign tells of itself (`params`) stands before what is read: the visit's day and hours, the words.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from okno.common import clock
from okno.dialogs.facts.common import NothingToAsk, in_language, language, of_organisation
from okno.ledger.models import Account
from okno.requests import categories, outages
from okno.requests.models import Request, RequestState

TOLD_WITHIN = 60
"""A request's own words are told when they are no longer than this, else its category."""


def of_rating(account: Account, day: date, params: Mapping[str, Any], request: Request | None = None) -> dict[str, Any]:
    """The facts of a rating: of `request`, else of the account's latest that was done. Raises `NothingToAsk`."""
    one = request or latest(account, [RequestState.DONE, RequestState.CLOSED], unrated=True)
    if one is None and "request" not in params:
        raise NothingToAsk(_("По счёту %(number)s нет выполненных заявок.") % {"number": account.number})
    return {
        **of_organisation(account.organisation, day),
        **_of_request(one),
        "day": one.done_at.date().isoformat() if one and one.done_at else day.isoformat(),
        **_told(params),
    }


def of_visit(account: Account, day: date, params: Mapping[str, Any], request: Request | None = None) -> dict[str, Any]:
    """The facts of a visit's warning: day, hours and work of the campaign, or a request's. Raises `NothingToAsk`."""
    missing = [name for name in ("day", "since", "until") if not params.get(name)]
    if missing:
        raise NothingToAsk(_("Не указаны день и часы визита."))
    one = request
    if one is None and "work" not in params:
        one = latest(account, [RequestState.NEW, RequestState.TAKEN, RequestState.REOPENED])
    if one is None and "work" not in params:
        raise NothingToAsk(_("По счёту %(number)s нет открытых заявок.") % {"number": account.number})
    return {
        **of_organisation(account.organisation, day),
        "address": account.flat.short_address,
        **_of_request(one),
        **_told(params),
    }


def of_announcement(account: Account, day: date, params: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of an announcement: the campaign's words, else what is off in the house. Raises `NothingToAsk`."""
    text = in_language(params.get("text"), account.organisation.default_language)
    if not text:
        known = outages.known(account.flat.house_id, clock.now(), language())
        text = known[0].said if known else ""
    if not text:
        raise NothingToAsk(_("Нет текста объявления."))
    return {**of_organisation(account.organisation, day), "text": text}


def latest(account: Account, states: Sequence[str], *, unrated: bool = False) -> Request | None:
    """The newest request of the account or its flat in one of the states."""
    rows = Request.objects.filter(Q(account=account) | Q(flat=account.flat), state__in=states)
    if unrated:
        rows = rows.filter(rating=None)
    return rows.order_by("-created_at", "-pk").first()


def _of_request(request: Request | None) -> dict[str, Any]:
    if request is None:
        return {"request": "", "request_id": None}
    category = categories.known().get(request.category)
    short = request.text if len(request.text) <= TOLD_WITHIN and "\n" not in request.text else ""
    work = short or (category.name(language()) if category else request.text[:TOLD_WITHIN])
    return {"request": str(request.number), "request_id": request.pk, "work": work}


def _told(params: Mapping[str, Any]) -> dict[str, Any]:
    """The campaign's own facts, words in the language of the call."""
    return {name: in_language(value) if isinstance(value, Mapping) else value for name, value in params.items()}
