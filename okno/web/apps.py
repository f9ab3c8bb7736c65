from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "okno.web"
    label = "web"

    def ready(self) -> None:
        from okno.web.desk.accounts import finding
        from okno.web.parts import omnibox

        omnibox.register(finding.find, order=100)
