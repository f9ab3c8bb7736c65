"""Addresses: sign-in, then everything of the desk."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("", include("okno.web.urls")),
]
