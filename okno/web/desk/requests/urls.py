"""Addresses of this subject."""

from django.urls import URLPattern, path

from okno.web.desk.requests import card, opening, outages, register

urlpatterns: list[URLPattern] = [
    path("requests/", register.requests, name="requests"),
    path("requests/new/", opening.new, name="request_new"),
    path("requests/beside/", opening.beside, name="request_beside"),
    path("requests/<int:pk>/", card.card, name="request"),
    path("requests/<int:pk>/step/", card.step, name="request_step"),
    path("outages/", outages.incidents, name="incidents"),
    path("outages/new/", outages.new, name="incident_new"),
    path("outages/<int:pk>/", outages.incident, name="incident"),
    path("outages/<int:pk>/change/", outages.change, name="incident_change"),
]
