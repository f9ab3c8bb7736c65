"""What a scenario must know before the first word: read once, at the moment the call begins.

`of` tells it of an account, `of_call` of a call as it was planned, `look` of what a turn of the dialog seeks, and
`made_of_call` of what has come of the call's own decisions.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils import translation

from okno.access.models import Organisation
from okno.common import clock
from okno.dialogs.facts import caller, debt, made, readings, services
from okno.dialogs.facts.common import LEFT_ON_A_MACHINE, NOTHING, NobodyToCall, NothingOwed, NothingToAsk
from okno.ledger.models import Account
from okno.requests.models import Request

if TYPE_CHECKING:
    from okno.dialogs.models import Call

__all__ = [
    "NobodyToCall",
    "NothingOwed",
    "NothingToAsk",
    "is_of_deeds",
    "look",
    "made_of_call",
    "of",
    "of_call",
    "owing",
]

LANGUAGE = "language"
"""What a turn seeks by when another language is spoken."""
CALLERS = ("incoming", "intake")
"""Scenarios spoken with whoever calls us."""

ABOUT_REQUESTS = ("rating", "request_visit")
"""Causes of contacts whose case is a request."""


def of(
    scenario: str, account: Account, day: date, language: str, params: Mapping[str, Any] | None = None
) -> Mapping[str, Any]:
    """What `scenario` needs for `account` on `day`, worded in `language`; `params` are the campaign's own facts.

    Raises `NobodyToCall` (`NothingToAsk` among them), `NothingOwed`, and LookupError for a scenario nobody knows.
    """
    with translation.override(language):
        return _BY_SCENARIO[scenario](account, day, params or {})


def of_call(call: "Call", day: date, language: str = "") -> Mapping[str, Any]:
    """What a call speaks of on `day` (the organisation's): its person, its campaign's words, and what an answering
    machine is told of it; worded in `language`, by default the call's. Raises what `of` does."""
    params: Mapping[str, Any] = call.campaign.params if call.campaign else {}
    with translation.override(language or call.language):
        told = _of_call(call, day)
    return {
        **told,
        "leave_word": params.get("leave_word", LEFT_ON_A_MACHINE.get(call.scenario, NOTHING)),
    }


def _of_call(call: "Call", day: date) -> Mapping[str, Any]:
    params: Mapping[str, Any] = call.campaign.params if call.campaign else {}
    if call.scenario in CALLERS:
        return caller.of_caller(call.organisation, call.address, day, clock.now())
    if call.account is None:
        raise NobodyToCall("звонок без лицевого счёта")
    if call.scenario == "debt_notice":
        return debt.of_debt(call.account, day, call.person_id)
    if call.scenario == "readings":
        return readings.of_readings(call.account, day, call.person_id)
    request = _request_of(call)
    if call.scenario == "rating":
        return services.of_rating(call.account, day, params, request)
    if call.scenario == "visit":
        return services.of_visit(call.account, day, params, request)
    return _BY_SCENARIO[call.scenario](call.account, day, params)


def look(
    organisation: Organisation, seeks: Mapping[str, Any], day: date, again: Callable[[str], Mapping[str, Any]]
) -> Mapping[str, Any]:
    """What a turn seeks (`okno.dialogs.turn.Turn.seeks`), for `turn.found`.

    `again` tells the facts with which the dialog began in another language; of a caller they are what was found since.
    Of deeds nothing is found: they are asked of a call (`made_of_call`), and a talk without one does nothing.
    """
    if is_of_deeds(seeks):
        return {"found": False}
    language = seeks["language"]
    with translation.override(language):
        if seeks["by"] != LANGUAGE:
            return caller.look(organisation, seeks, language, day, clock.now())
        if seeks["accounts"]:
            return caller.retold(organisation, seeks["accounts"], day, clock.now(), hidden=seeks["hidden"])
    try:
        return again(language)
    except (NobodyToCall, NothingOwed):
        # There is nothing to speak of any more: the talk goes on with the words it has.
        return {}


def owing(organisation: Organisation, account_ids: Collection[int], day: date) -> frozenset[int]:
    """Those of the accounts that owe anything by the organisation's definition of a debt on `day`."""
    return frozenset(debt.sums(organisation, sorted(account_ids), day))


def is_of_deeds(seeks: Mapping[str, Any]) -> bool:
    """Whether a turn seeks what its own decisions come to: they must be done before `made_of_call` is asked."""
    return seeks.get("by") == made.REQUEST


def made_of_call(call: "Call") -> Mapping[str, Any]:
    """What has come of the call's last request, for `turn.found`."""
    return made.request_of(call)


def _request_of(call: "Call") -> Request | None:
    """The request the contact is about, when it is one."""
    contact = call.contact
    if contact is None or contact.cause not in ABOUT_REQUESTS:
        return None
    return Request.objects.filter(organisation_id=call.organisation_id, pk=contact.cause_id).first()


_BY_SCENARIO: Mapping[str, Callable[[Account, date, Mapping[str, Any]], Mapping[str, Any]]] = {
    "debt_notice": lambda account, day, params: debt.of_debt(account, day),
    "readings": lambda account, day, params: readings.of_readings(account, day),
    "rating": services.of_rating,
    "visit": services.of_visit,
    "announcement": services.of_announcement,
    "incoming": lambda account, day, params: caller.of_account(account, day, clock.now()),
    "intake": lambda account, day, params: caller.of_account(account, day, clock.now()),
}
