from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created


class AccessConfig(AppConfig):
    name = "okno.access"
    label = "access"

    def ready(self) -> None:
        from okno.access import events
        from okno.common import journal

        journal.register(events.SOURCE, events.tell)
        connection_created.connect(_see_entered_values, dispatch_uid="okno.access")


def _see_entered_values(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """A command, a job and a worker begin with the values of the law that the operator has entered."""
    from okno.access import norms

    # A second connection of this thread may be opened while rows flow over the first, which answers nothing then.
    if connection is connections["default"]:
        norms.refresh()
