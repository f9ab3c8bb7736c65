from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "okno.access"
    label = "access"
