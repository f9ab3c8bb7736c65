from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "okno.jobs"
    label = "jobs"

    def ready(self) -> None:
        from okno.database import arrays

        # The lowest of Okno's own applications: every room above writes long lists to the database.
        arrays.install()
