"""Addresses of this subject."""

from django.urls import URLPattern, path

from okno.web.desk.calling import calls, campaigns, planning

urlpatterns: list[URLPattern] = [
    path("calling/", campaigns.calling, name="calling"),
    path("calling/new/", planning.new, name="calling_new"),
    path("calling/calls/", calls.calls, name="campaign_calls"),
    path("calling/<int:pk>/", campaigns.campaign, name="call_campaign"),
    path("calling/<int:pk>/edit/", planning.edit, name="call_campaign_edit"),
    path("calling/<int:pk>/start/", campaigns.start, name="call_campaign_start"),
    path("calling/<int:pk>/command/", campaigns.command, name="call_campaign_command"),
    path("calling/<int:pk>/live/", campaigns.live, name="call_campaign_live"),
]
