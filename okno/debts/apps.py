from django.apps import AppConfig


class DebtsConfig(AppConfig):
    name = "okno.debts"
    label = "debts"
