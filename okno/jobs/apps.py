from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "okno.jobs"
    label = "jobs"
