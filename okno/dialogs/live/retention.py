"""For how many days what was said in calls is kept, and how the trail tells that it has gone."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from config import environment
from okno.access import trail
from okno.access.actor import acting, process
from okno.access.models import Organisation


def days(setting: str) -> int:
    """The days named by a setting of the installation, at least 1. Raises `Misconfigured`."""
    told = environment.value(setting).strip()
    if not told.isdigit() or int(told) < 1:
        raise environment.Misconfigured(f"OKNO_{setting}={told}: нужно целое число дней, не меньше 1")
    return int(told)


def before(setting: str, now: datetime) -> datetime:
    """Calls that began before this moment are past their term."""
    return now - timedelta(days=days(setting))


def tell(verb: str, title: str, setting: str, now: datetime, organisations: Iterable[int]) -> None:
    """Write in the trail of each organisation how many of its calls lost what; `organisations` has one id a call.

    `title` holds `%(days)s` and `%(number)s`.
    """
    counted = Counter(organisations)
    for organisation in Organisation.objects.filter(pk__in=counted):
        actor = process(organisation, "okno", "срок хранения")
        number = counted[organisation.pk]
        with acting(actor, source="okno run worker"):
            trail.record(
                actor,
                verb,
                title % {"days": days(setting), "number": number},
                detail={"number": number, "before": before(setting, now).isoformat()},
            )
