"""Addresses of this subject."""

from django.urls import URLPattern, path

from okno.web.desk.months import balance, closing, course, files

urlpatterns: list[URLPattern] = [
    path("months/", course.months, name="months"),
    path("months/<slug:month>/", balance.month, name="month"),
    path("months/<slug:month>/services/", balance.services, name="month_services"),
    path("months/<slug:month>/houses/<int:pk>/", balance.house, name="month_house"),
    path("months/<slug:month>/close/", closing.close, name="month_close"),
    path("months/<slug:month>/verify/", closing.verify, name="month_verify"),
    path("months/<slug:month>/reopen/", closing.reopen, name="month_reopen"),
    path("months/<slug:month>/file/<slug:what>/", files.download, name="month_file"),
]
