"""A touch on the sender's shoulder: something became due. It carries nothing; the sender looks for itself."""

from django.db import connection

CHANNEL = "okno_outreach"


def waken() -> None:
    """Wake every sender when the caller's transaction is committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
