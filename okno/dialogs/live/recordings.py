"""Where recordings of calls stand, and how the old ones go: deleted after so many days, and said so in the trail."""

from datetime import datetime
from pathlib import Path

import structlog
from django.utils.translation import gettext as _

from config import environment
from okno.dialogs.live import retention
from okno.dialogs.models import Call

FOLDER = "recordings"
SETTING = "RECORDINGS_DAYS"
_log = structlog.get_logger("okno.dialogs.live")


def days_kept() -> int:
    """For how many days a recording is kept."""
    return retention.days(SETTING)


def place(call: Call) -> str:
    """The recording's name under the data folder; its folder is made. Raises `OSError`."""
    name = f"{FOLDER}/{call.started_at:%Y/%m/%d}/{call.uid}.wav"
    path(name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return name


def path(name: str) -> Path:
    """The file of a recording's name. A name that leaves the folder is refused (`ValueError`)."""
    folder = environment.data_dir()
    found = (folder / name).resolve()
    if not found.is_relative_to(folder / FOLDER):
        raise ValueError("not a recording")
    return found


def delete_old(now: datetime) -> int:
    """Delete the files of calls that are older than `days_kept` and say so; how many went.

    A file that cannot be deleted stays on the call's row and is tried again the next time.
    """
    kept = Call.objects.filter(recording_deleted_at=None).exclude(recording="")
    old = kept.filter(started_at__lt=retention.before(SETTING, now)).only("pk", "recording", "organisation")
    gone = [call for call in old.iterator() if _deleted(call)]
    Call.objects.filter(pk__in=[call.pk for call in gone]).update(recording_deleted_at=now)
    title = _("Удалены записи разговоров старше %(days)s дней: %(number)s")
    retention.tell("recordings.deleted", title, SETTING, now, [call.organisation_id for call in gone])
    return len(gone)


def _deleted(call: Call) -> bool:
    try:
        path(call.recording).unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        _log.error("a recording could not be deleted", call=call.pk, error=str(error))
        return False
    return True
