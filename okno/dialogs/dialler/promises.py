"""The second call: on the day of a promise that is not paid yet."""

from datetime import date, datetime

from okno.access.models import Organisation


def plan_reminders(organisation: Organisation, day: date, now: datetime) -> int:
    """Write a contact for every open promise of `day` into the campaign that got it; say how many are new."""
    raise NotImplementedError
