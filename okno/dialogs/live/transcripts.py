"""How the words of old calls go: what was said and heard is wiped, what was done and decided stays.

The turns keep their times, their confidence and the names of their questions, so that the figures of a scenario do
not change; a promise, a reading or a request stands in its own table.
"""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from okno.dialogs.live import retention
from okno.dialogs.models import Call, CallState, CallTurn, Correction, Speaker

SETTING = "TRANSCRIPTS_DAYS"
_AT_ONCE = 1_000

# Whether the right person was reached is counted in the funnel; the rest of the state is what they told.
_WIPE_STATE = """
UPDATE dialogs_call SET transcript_deleted_at = %s, slots = '{}',
       dialog = CASE WHEN dialog IS NOT NULL THEN jsonb_build_object('confirmed', dialog -> 'confirmed') END
WHERE id = ANY(%s)
"""


def days_kept() -> int:
    """For how many days the words of a call are kept."""
    return retention.days(SETTING)


def delete_old(now: datetime) -> int:
    """Wipe the words of calls older than `days_kept` and say so in the trail; how many calls lost theirs."""
    ended = Call.objects.filter(state__in=(CallState.ENDED, CallState.LOST), transcript_deleted_at=None)
    old = ended.filter(started_at__lt=retention.before(SETTING, now)).order_by("pk")
    gone: list[int] = []
    while calls := list(old.values_list("pk", "organisation")[:_AT_ONCE]):
        _wipe([pk for pk, _organisation in calls], now)
        gone += [organisation for _pk, organisation in calls]
    title = _("Удалены слова разговоров старше %(days)s дней: %(number)s")
    retention.tell("transcripts.deleted", title, SETTING, now, gone)
    return len(gone)


@transaction.atomic
def _wipe(calls: list[int], now: datetime) -> None:
    turns = CallTurn.objects.filter(call__in=calls)
    Correction.objects.filter(turn__in=turns).delete()
    turns.filter(who=Speaker.PERSON).update(heard="", value=None)
    turns.filter(who__in=(Speaker.ROBOT, Speaker.AGENT)).update(text="")
    with connection.cursor() as cursor:
        cursor.execute(_WIPE_STATE, [now, calls])
