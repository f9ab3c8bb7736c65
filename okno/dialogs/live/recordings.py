"""Where recordings of calls stand, and how the old ones go: deleted after so many days, and said so in the trail."""

from datetime import datetime, timedelta
from pathlib import Path

import structlog
from django.db.models import Count
from django.utils.translation import gettext as _

from config import environment
from okno.access import trail
from okno.access.actor import acting, process
from okno.access.models import Organisation
from okno.dialogs.models import Call

FOLDER = "recordings"
_log = structlog.get_logger("okno.dialogs.live")


def days_kept() -> int:
    """For how many days a recording is kept."""
    told = environment.value("RECORDINGS_DAYS").strip()
    if not told.isdigit() or int(told) < 1:
        raise environment.Misconfigured(f"OKNO_RECORDINGS_DAYS={told}: нужно целое число дней, не меньше 1")
    return int(told)


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
    before = now - timedelta(days=days_kept())
    old = Call.objects.filter(started_at__lt=before, recording_deleted_at=None).exclude(recording="")
    gone = [call.pk for call in old.only("pk", "recording").iterator() if _deleted(call)]
    Call.objects.filter(pk__in=gone).update(recording_deleted_at=now)
    counted = Call.objects.filter(pk__in=gone).values_list("organisation").annotate(Count("pk")).order_by()
    for organisation in Organisation.objects.filter(pk__in=[pk for pk, _number in counted]):
        actor = process(organisation, "okno", "срок хранения")
        number = dict(counted)[organisation.pk]
        with acting(actor, source="okno run worker"):
            trail.record(
                actor,
                "recordings.deleted",
                _("Удалены записи разговоров старше %(days)s дней: %(number)s")
                % {"days": days_kept(), "number": number},
                detail={"number": number, "before": before.isoformat()},
            )
    return len(gone)


def _deleted(call: Call) -> bool:
    try:
        path(call.recording).unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        _log.error("a recording could not be deleted", call=call.pk, error=str(error))
        return False
    return True
