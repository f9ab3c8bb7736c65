from django.apps import AppConfig


class HousesConfig(AppConfig):
    name = "okno.houses"
    label = "houses"
