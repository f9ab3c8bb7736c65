"""Addresses of this subject."""

from django.urls import URLPattern, path

from okno.web.desk.calling import beside, call_backs, calls, campaigns, planning, seat

urlpatterns: list[URLPattern] = [
    path("calling/", campaigns.calling, name="calling"),
    path("calling/new/", planning.new, name="calling_new"),
    path("calling/marked/", planning.marked, name="calling_marked"),
    path("calling/calls/", calls.calls, name="campaign_calls"),
    path("calling/<int:pk>/", campaigns.campaign, name="call_campaign"),
    path("calling/<int:pk>/edit/", planning.edit, name="call_campaign_edit"),
    path("calling/<int:pk>/start/", campaigns.start, name="call_campaign_start"),
    path("calling/<int:pk>/command/", campaigns.command, name="call_campaign_command"),
    path("calling/<int:pk>/live/", campaigns.live, name="call_campaign_live"),
    path("seat/", seat.seat, name="seat"),
    path("seat/live/", seat.live, name="seat_live"),
    path("seat/call/", seat.going, name="seat_going"),
    path("seat/accounts/<int:pk>/", beside.beside, name="seat_account"),
    path("seat/place/", seat.place, name="seat_place"),
    path("seat/next/", seat.following, name="seat_next"),
    path("seat/contacts/<int:pk>/call/", seat.ring, name="seat_call"),
    path("seat/contacts/<int:pk>/later/", seat.later, name="seat_later"),
    path("seat/calls/<int:pk>/result/", seat.result, name="seat_result"),
    path("call-backs/", call_backs.missed, name="missed"),
    path("call-backs/<int:pk>/", call_backs.call_back, name="call_back"),
    path("call-backs/<int:pk>/done/", call_backs.done, name="call_back_done"),
]
