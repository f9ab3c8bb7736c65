"""Addresses of this subject."""

from django.urls import URLPattern, path

from okno.web.desk.penalties import calculator

urlpatterns: list[URLPattern] = [
    path("penalty-calculator/", calculator.calculator, name="penalty_calculator"),
]
