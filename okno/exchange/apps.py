from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "okno.exchange"
    label = "exchange"
