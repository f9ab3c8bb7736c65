from django.apps import AppConfig


class RequestsConfig(AppConfig):
    name = "okno.requests"
    label = "requests"
