"""Addresses: sign-in, then everything of the desk."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("", include("okno.web.urls")),
]

handler400 = "okno.web.parts.failures.bad_request"
handler403 = "okno.web.parts.failures.forbidden"
handler404 = "okno.web.parts.failures.not_found"
handler500 = "okno.web.parts.failures.failed"
