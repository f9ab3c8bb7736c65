from typing import Any

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "okno.ledger"
    label = "ledger"

    def ready(self) -> None:
        from okno.common import clock, journal
        from okno.ledger import effects, events
        from okno.ledger.effects import Coming, Follow
        from okno.ledger.months import checklist
        from okno.ledger.penalties import effect

        def penalties(cursor: Any, coming: Coming) -> Follow:
            return effect.ask(cursor, coming, now=clock.now())

        effects.register("penalties", penalties)
        journal.register(events.SOURCE, events.tell)
        checklist.register_own()
