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
        from okno.ledger.effects import Moved
        from okno.outreach import causes

        def follow(cursor: Any, moved: Moved) -> None:
            effect.follow(cursor, moved, now=clock.now())

        effects.register("debts", follow)
        causes.register(DebtCause())
        journal.register(events.SOURCE, events.tell)
