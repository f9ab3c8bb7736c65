"""Addresses of this subject."""

from django.urls import URLPattern, path

from okno.web.cabinet import pages, paper, penalties

app_name = "cabinet"
urlpatterns: list[URLPattern] = [
    path("", pages.home, name="home"),
    path("accounts/<int:pk>/bills/", pages.bills, name="bills"),
    path("accounts/<int:pk>/bill/", paper.bill, name="bill"),
    path("accounts/<int:pk>/statement/", paper.statement, name="statement"),
    path("accounts/<int:pk>/payments/", pages.payments, name="payments"),
    path("accounts/<int:pk>/debt/", pages.debt, name="debt"),
    path("accounts/<int:pk>/penalties/", penalties.penalties, name="penalties"),
]
