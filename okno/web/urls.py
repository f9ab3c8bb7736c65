"""Every page of the desk."""

from django.urls import URLPattern, URLResolver, include, path

from okno.web import health, live
from okno.web.home import home

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("healthz", health.healthz, name="healthz"),
    path("live/", live.live, name="live"),
    path("desk/", include("okno.web.desk.urls")),
    path("me/", include("okno.web.cabinet.urls")),
    path("field/", include("okno.web.field.urls")),
    path("", include("okno.web.parts.urls")),
]
