from typing import Any

from django.apps import AppConfig
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created


class JobsConfig(AppConfig):
    """The lowest of Okno's own applications: what every connection to the database needs is done here."""

    name = "okno.jobs"
    label = "jobs"

    def ready(self) -> None:
        from okno.database import arrays

        arrays.install()
        connection_created.connect(_name_no_ignored_triggers, dispatch_uid="okno.jobs")


def _name_no_ignored_triggers(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Say that no trigger is ignored.

    The triggers of the history ask each time; where nobody has said so, the library's asking fails inside a
    subtransaction, and every failure goes through all checks the transaction has put off: 50,000 flats took a minute.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET pgtrigger.ignore = '{}'")
