"""Addresses of this subject."""

from django.urls import URLPattern, path

from okno.web.desk.promises import account, listing

urlpatterns: list[URLPattern] = [
    path("promises/", listing.promises, name="promises"),
    path("promises/<int:pk>/drop/", account.drop, name="promise_drop"),
    path("holds/", listing.holds, name="holds"),
    path("holds/<int:pk>/end/", account.end, name="hold_end"),
    path("accounts/<int:pk>/promises/", account.account_promises, name="account_promises"),
    path("accounts/<int:pk>/promises/new/", account.record, name="promise_record"),
    path("accounts/<int:pk>/holds/new/", account.hold, name="hold_record"),
]
