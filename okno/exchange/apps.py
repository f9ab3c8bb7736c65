from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "okno.exchange"
    label = "exchange"

    def ready(self) -> None:
        from okno.common import journal
        from okno.exchange import events, month_checks

        journal.register("exchange", events.told)
        month_checks.register()
