"""Consents in the journal: a day only, told at a moment that nobody takes for a day to come."""

from datetime import UTC, date, datetime

import pytest

from okno.common.journal import Subject
from okno.people.events import tell
from okno.people.models import Consent, Person

DAY = date(2026, 11, 18)
NOON = datetime(2026, 11, 18, 9, tzinfo=UTC)
"""By the clock of Moscow."""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("recorded", "told"),
    [
        (datetime(2026, 11, 18, 8, 2, tzinfo=UTC), datetime(2026, 11, 18, 8, 2, tzinfo=UTC)),
        (datetime(2026, 11, 18, 15, 0, tzinfo=UTC), NOON),
        (datetime(2026, 11, 30, 7, 0, tzinfo=UTC), NOON),
    ],
)
def test_a_consent_stands_at_noon_of_its_day_and_never_later_than_it_was_written_down(organisation, recorded, told):
    person = Person.objects.create(organisation=organisation, full_name="Иванов", search_text="иванов")
    Consent.objects.create(
        organisation=organisation,
        person=person,
        channel="sms",
        given=True,
        on=DAY,
        source="анкета",
        recorded_at=recorded,
    )
    subject = Subject(kind="person", organisation_id=organisation.pk, id=person.pk)
    (event,) = tell(subject, before=None, limit=10, kinds=None)
    assert event.at == told
