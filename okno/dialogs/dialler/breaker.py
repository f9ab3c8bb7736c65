"""The circuit breaker: a campaign stops by itself when its calls harm more than they bring. Pure.

Old payment data stop it too; that is the gate's own check (`feed_stale`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

FAULTS_IN_A_ROW = 5
"""Calls in a row that our own line did not put through."""
TALKS_TO_JUDGE = 20
"""A share of complaints says nothing about fewer talks than these."""
MOST_COMPLAINTS = 0.10
"""More talks than this share that ended in a complaint or in "do not call"."""
SHORT_OF = frozenset({"complaint", "do_not_call"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """One finished call of the campaign, since it was last set going."""

    ours: bool
    talked: bool
    result: str = ""
    words: str = ""
    """What the line said."""


def trip(calls: Sequence[Seen]) -> str | None:
    """Why the campaign must stop, in words; None when it may go on. `calls` are the latest first."""
    row = 0
    for call in calls:
        if not call.ours:
            break
        row += 1
    if row >= FAULTS_IN_A_ROW:
        told = {"count": row, "words": calls[0].words or _("без ответа")}
        return _("Линия не соединяет: неудач подряд — %(count)s (%(words)s). Проверьте линию и продолжите") % told
    talks = [call for call in calls if call.talked]
    short = sum(call.result in SHORT_OF for call in talks)
    if len(talks) >= TALKS_TO_JUDGE and short > MOST_COMPLAINTS * len(talks):
        told = {"share": round(100 * short / len(talks)), "talks": len(talks)}
        words = _("Жалуются или просят не звонить: %(share)s%% из %(talks)s. Послушайте разговоры и поправьте сценарий")
        return words % told
    return None
