from typing import Any

from django.apps import AppConfig


class DebtsConfig(AppConfig):
    name = "okno.debts"
    label = "debts"

    def ready(self) -> None:
        from okno.common import clock, journal
        from okno.debts import effect, events
        from okno.debts.cause import DebtCause
        from okno.ledger import effects
        from okno.ledger.effects import Coming, Follow
        from okno.outreach import causes

        def debts(cursor: Any, coming: Coming) -> Follow:
            return effect.ask(cursor, coming, now=clock.now())

        effects.register("debts", debts)
        causes.register(DebtCause())
        journal.register(events.SOURCE, events.tell)
