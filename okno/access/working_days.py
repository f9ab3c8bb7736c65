"""The organisation's working calendar: the country's, corrected by the days it has imported."""

from django.db import transaction

from okno.access.models import CalendarDay, Organisation
from okno.law.calendar import Override, WorkingCalendar, parse_overrides


def calendar_of(organisation: Organisation) -> WorkingCalendar:
    """The calendar in force; read once a job or a page, it is immutable."""
    days = CalendarDay.objects.filter(organisation=organisation).values_list("day", "kind", "source")
    return WorkingCalendar(
        organisation.country,
        [
            Override(day, kind, source)  # type: ignore[arg-type]  # the table's check keeps to the three kinds
            for day, kind, source in days
        ],
    )


@transaction.atomic
def load(organisation: Organisation, text: str) -> int:
    """Take over a table of days (CSV, see `law.calendar.parse_overrides`); a day given again is replaced.

    Returns how many days it held. Raises ValueError naming the lines that cannot be read; then nothing is taken.
    """
    overrides = list(parse_overrides(text))
    for override in overrides:
        CalendarDay.objects.update_or_create(
            organisation=organisation,
            day=override.day,
            defaults={"kind": override.kind, "source": override.source},
        )
    return len(overrides)
