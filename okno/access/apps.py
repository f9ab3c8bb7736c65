from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "okno.access"
    label = "access"

    def ready(self) -> None:
        from okno.access import events
        from okno.common import journal

        journal.register(events.SOURCE, events.tell)
