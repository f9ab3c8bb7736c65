from django.apps import AppConfig


class DialogsConfig(AppConfig):
    name = "okno.dialogs"
    label = "dialogs"

    def ready(self) -> None:
        from okno.common import journal
        from okno.dialogs import events
        from okno.dialogs.dialler import causes as reasons
        from okno.dialogs.dialler import room
        from okno.dialogs.performing.payment_link import PaymentLink
        from okno.outreach import calling, causes, holds

        calling.register(room.Calls())
        for cause in reasons.ALL:
            causes.register(cause)
        causes.register(PaymentLink())
        holds.register(room.LOST_CALL, room.lost_today)
        journal.register(events.SOURCE, events.tell)
