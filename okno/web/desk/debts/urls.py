"""Addresses of this subject."""

from django.urls import URLPattern, path

from okno.web.desk.debts import audience, campaigns, collected, contacts, outbox, permits, portfolio, settled, today

urlpatterns: list[URLPattern] = [
    path("today/", today.today, name="today"),
    path("portfolio/", portfolio.portfolio, name="portfolio"),
    path("portfolio/settled/", settled.settled, name="settled"),
    path("portfolio/collected/", collected.collected, name="collected"),
    path("portfolio/remind/", portfolio.remind, name="remind"),
    path("sending/", campaigns.sending, name="sending"),
    path("sending/new/", campaigns.new, name="campaign-new"),
    path("sending/audience/", audience.counted, name="audience"),
    path("sending/<int:pk>/", campaigns.campaign, name="campaign"),
    path("sending/<int:pk>/edit/", campaigns.edit, name="campaign-edit"),
    path("sending/<int:pk>/start/", campaigns.start, name="campaign-start"),
    path("sending/<int:pk>/command/", campaigns.command, name="campaign-command"),
    path("sending/<int:pk>/result/", campaigns.result, name="campaign-result"),
    path("contacts/", contacts.contacts, name="contacts"),
    path("contacts/withdraw/", contacts.withdraw, name="withdraw"),
    path("contacts/repeat/", contacts.repeat, name="repeat"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/<int:pk>/", outbox.message, name="message"),
    path("permits/<int:pk>/", permits.permit, name="permit"),
    path("refusals/", permits.refusals, name="refusals"),
    path("replay/", permits.replay, name="replay"),
]
