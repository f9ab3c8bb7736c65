from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "okno.people"
    label = "people"

    def ready(self) -> None:
        from okno.common import journal
        from okno.people import events

        journal.register(events.SOURCE, events.tell)
