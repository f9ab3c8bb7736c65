from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "okno.ledger"
    label = "ledger"
