"""Addresses of this subject."""

from django.urls import URLPattern, path

from okno.web.desk.penalties import account, calculator, deeds, figures, posting

urlpatterns: list[URLPattern] = [
    path("penalty-calculator/", calculator.calculator, name="penalty_calculator"),
    path("penalties/posting/", posting.posting, name="penalty_posting"),
    path("penalties/posting/progress/", posting.posting_progress, name="penalty_posting_progress"),
    path("accounts/<int:pk>/penalties/", account.penalties, name="account_penalties"),
    path("accounts/<int:pk>/penalties.json", figures.figures, name="penalty_figures"),
    path("accounts/<int:pk>/penalties/tile/", account.tile, name="penalty_tile"),
    path("accounts/<int:pk>/penalties/what-if/", account.account_what_if, name="penalty_what_if"),
    path("accounts/<int:pk>/penalties/waiver/", deeds.waiver, name="penalty_waiver"),
    path("accounts/<int:pk>/penalties/pause/", deeds.pause, name="penalty_pause"),
    path("waivers/<int:pk>/take-back/", deeds.waiver_back, name="penalty_waiver_back"),
    path("pauses/<int:pk>/end/", deeds.pause_end, name="penalty_pause_end"),
]
