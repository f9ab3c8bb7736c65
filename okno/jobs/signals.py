"""Signals to open pages: "this topic changed". They carry no content; the page fetches its own fragment again.

A signal sent inside a transaction leaves when it is committed and not at all when it is rolled back.
"""

from collections.abc import Iterable

import psycopg
from django.db import connection

CHANNEL = "okno_live"


def topic(organisation_id: int, name: str) -> str:
    """The full name of a topic: topics of two organisations never meet."""
    return f"{organisation_id}:{name}"


def send(organisation_id: int, names: Iterable[str]) -> None:
    """Tell the pages that listen to these topics, such as "account:17", "contacts", "imports", "unmatched"."""
    topics = [topic(organisation_id, name) for name in dict.fromkeys(names)]
    connection.ensure_connection()
    statement = "SELECT pg_notify(%s, topic) FROM unnest(%s::text[]) AS topic"
    psycopg.Cursor(connection.connection).execute(statement, (CHANNEL, topics), prepare=True)
