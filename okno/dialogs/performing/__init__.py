"""What a dialog decided, done: each action of a call once, in a transaction of its own, against the rooms below.

The conversation writes an action with the turn in which it was decided; here it is carried out and the row says what
it made, or why it could not be done, so that a person looks at it. A crash between the two leaves the row undone, and
`perform_left` does it later: every deed is such that doing it again changes nothing.
"""

from collections.abc import Mapping
from datetime import datetime

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _

from okno.common import clock
from okno.debts.holding import HoldRefused
from okno.debts.promises import PromiseRefused
from okno.dialogs.live import signals
from okno.dialogs.models import Call, CallAction, CallState
from okno.dialogs.performing import money, people, services, talk
from okno.dialogs.performing.deed import Deed, DeedDone, Unperformable
from okno.people.wishes import WishRefused
from okno.requests.categories import UnknownCategory
from okno.requests.ratings import RatingRefused
from okno.requests.register import RequestRefused

_log = structlog.get_logger("okno.dialogs.performing")

OVER = (CallState.ENDED, CallState.LOST)

DEEDS: Mapping[str, DeedDone] = {**talk.DEEDS, **money.DEEDS, **people.DEEDS, **services.DEEDS}
"""What each kind of action comes to, by the `do` of the scenarios."""

AFTER_THE_TALK = frozenset({"transfer", "language"})
"""Kinds that wait until the call is over: the line itself hands it over, and only the whole talk tells who it was."""

_REFUSALS = (
    Unperformable,
    PromiseRefused,
    HoldRefused,
    WishRefused,
    RequestRefused,
    RatingRefused,
    UnknownCategory,
)
_LONGEST_WHY = 200


def perform(call_id: int) -> None:
    """Do every undone action of the call, in the order they were decided. An action that fails stops none after it.

    Raises the database's errors: what they left undone is done later.
    """
    undone = CallAction.objects.filter(call=call_id, done_at__isnull=True, failed="")
    for pk in undone.order_by("number").values_list("pk", flat=True):
        _perform(pk)


def perform_left(now: datetime) -> int:
    """Do what calls that are over have left undone (a crash between a turn and its deed); say of how many calls."""
    left = CallAction.objects.filter(
        done_at__isnull=True, failed="", created_at__lte=now, call__state__in=OVER
    ).values_list("call_id", flat=True)
    calls = sorted(set(left))
    for call_id in calls:
        perform(call_id)
    return len(calls)


def _perform(action_id: int) -> None:
    try:
        with transaction.atomic():
            # Somebody else may be doing it this very moment; then it is theirs.
            rows = CallAction.objects.select_for_update(of=("self",), skip_locked=True)
            action = rows.filter(pk=action_id, done_at__isnull=True, failed="").first()
            if action is None:
                return
            call = Call.objects.select_related("organisation", "person", "house", "contact").get(pk=action.call_id)
            if action.kind in AFTER_THE_TALK and call.state not in OVER:
                return
            deed = Deed(call=call, action=action, now=clock.now())
            if action.kind not in DEEDS:
                raise Unperformable(_("Программа не знает действия «%(kind)s»") % {"kind": action.kind})
            with deed.acting():
                action.made = DEEDS[action.kind](deed)[:64]
            action.done_at = deed.now
            action.save(update_fields=["made", "done_at"])
            signals.went_on(call)
    except (OperationalError, InterfaceError):
        raise
    except _REFUSALS as error:
        _failed(action_id, str(error))
    except Exception as error:
        # One deed that breaks must not keep the others of the call from being done.
        _log.exception("an action could not be done", action=action_id)
        _failed(action_id, _("Ошибка программы: %(error)s") % {"error": type(error).__name__})


def _failed(action_id: int, why: str) -> None:
    CallAction.objects.filter(pk=action_id, done_at__isnull=True).update(failed=why[:_LONGEST_WHY])
