from django.apps import AppConfig


class OutreachConfig(AppConfig):
    name = "okno.outreach"
    label = "outreach"
