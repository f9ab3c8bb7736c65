from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "okno.access"
    label = "access"

    def ready(self) -> None:
        from okno.common import journal
        from okno.access import events

        journal.register(events.SOURCE, events.tell)
