from django.apps import AppConfig


class DialogsConfig(AppConfig):
    name = "okno.dialogs"
    label = "dialogs"
