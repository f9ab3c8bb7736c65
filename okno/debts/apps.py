from typing import Any

from django.apps import AppConfig


class DebtsConfig(AppConfig):
    name = "okno.debts"
    label = "debts"

    def ready(self) -> None:
        from okno.common import clock, journal
        from okno.debts import effect, events, holding, promise_events, promises
        from okno.debts.cause import DebtCause
        from okno.ledger import effects
        from okno.ledger.effects import Coming, Follow
        from okno.outreach import causes, holds

        def debts(cursor: Any, coming: Coming) -> Follow:
            return effect.ask(cursor, coming, now=clock.now())

        def promised(cursor: Any, coming: Coming) -> Follow:
            return promises.ask(cursor, coming, now=clock.now())

        effects.register("debts", debts)
        # After the cases: a promise is judged by what has become of its debt.
        effects.register("promises", promised)
        causes.register(DebtCause())
        holds.register(holding.PROMISES, holding.promised)
        holds.register(holding.TOLD, holding.told)
        journal.register(events.SOURCE, events.tell)
        journal.register(promise_events.SOURCE, promise_events.tell)
