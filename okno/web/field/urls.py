"""Addresses of this subject."""

from django.urls import URLPattern, path

from okno.web.field import works

app_name = "field"
urlpatterns: list[URLPattern] = [path("", works.works, name="works")]
