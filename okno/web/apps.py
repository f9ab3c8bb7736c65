from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "okno.web"
    label = "web"

    def ready(self) -> None:
        from okno.web.desk.accounts import finding
        from okno.web.desk.calling import call_backs
        from okno.web.desk.exchange import payments
        from okno.web.desk.requests import finding as requests_found
        from okno.web.desk.requests import outages, register
        from okno.web.parts import menu, omnibox

        omnibox.register(finding.find, order=100)
        omnibox.register(requests_found.find, order=200)
        menu.register_count("desk:payments", payments.waiting_count)
        menu.register_count("desk:missed", call_backs.owed_count)
        menu.register_count("desk:requests", register.waiting_count)
        menu.register_count("desk:incidents", outages.going_on_count)
