from django.apps import AppConfig


class OutreachConfig(AppConfig):
    name = "okno.outreach"
    label = "outreach"

    def ready(self) -> None:
        from okno.common import journal
        from okno.outreach import events

        journal.register(events.SOURCE, events.read)
