"""Addresses of this subject."""

from django.urls import URLPattern, path

from okno.web.desk.calls import card, corrections, listening, listing, live, opening, results, search, sound

urlpatterns: list[URLPattern] = [
    path("calls/", listing.calls, name="calls"),
    path("calls/live/", live.live, name="calls_live"),
    path("calls/live/words/", live.open_words, name="calls_live_words"),
    path("calls/live/board/", live.board, name="calls_board"),
    path("calls/words/", search.search, name="calls_words"),
    path("calls/corrections/", corrections.corrections, name="corrections"),
    path("calls/listening/", listening.listening, name="listening"),
    path("calls/listening/draw/", listening.draw, name="listening_draw"),
    path("calls/results/", results.results, name="call_results"),
    path("calls/results/price/", results.price, name="call_price"),
    path("calls/<int:pk>/", card.call, name="call"),
    path("calls/<int:pk>/going/", card.going, name="call_going"),
    path("calls/<int:pk>/open/", opening.opened, name="call_open"),
    path("calls/<int:pk>/sound/", sound.sound, name="call_sound"),
    path("calls/<int:pk>/turns/<int:turn>/", card.correct, name="call_correct"),
    path("calls/<int:pk>/marks/", card.marks, name="call_marks"),
]
