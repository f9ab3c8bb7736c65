"""Every connection says which triggers are ignored, so that asking never fails row by row."""

import pytest
from django.db import connection

from okno.access.models import Organisation


@pytest.mark.django_db
def test_a_new_connection_ignores_no_trigger_and_says_so(organisation) -> None:
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SHOW pgtrigger.ignore")
        assert cursor.fetchone() == ("{}",)
    other.close()
    Organisation.objects.filter(pk=organisation.pk).update(name="УК «Другой дом»")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pgh_label FROM access_organisationevent ORDER BY pgh_id")
        assert [label for (label,) in cursor.fetchall()] == ["insert", "update"]
