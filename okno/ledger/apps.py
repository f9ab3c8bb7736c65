from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "okno.ledger"
    label = "ledger"

    def ready(self) -> None:
        from okno.common import journal
        from okno.ledger import events

        journal.register(events.SOURCE, events.tell)
