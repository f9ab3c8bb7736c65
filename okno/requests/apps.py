from django.apps import AppConfig


class RequestsConfig(AppConfig):
    name = "okno.requests"
    label = "requests"

    def ready(self) -> None:
        from okno.common import journal
        from okno.outreach import holds
        from okno.requests import events, holding

        holds.register(holding.NAME, holding.hold)
        journal.register(events.SOURCE, events.tell)
