"""Addresses of this subject."""

from django.urls import URLPattern, path

from okno.web.desk.scenarios import editing, listing, picture, trial

urlpatterns: list[URLPattern] = [
    path("scenarios/", listing.scenarios, name="scenarios"),
    path("scenarios/voice/", trial.voice, name="scenario_voice"),
    path("scenarios/<slug:name>/", picture.scenario, name="scenario"),
    path("scenarios/<slug:name>/nodes/<slug:node>/", picture.node, name="scenario_node"),
    path("scenarios/<slug:name>/edit/", editing.edit, name="scenario_edit"),
    path("scenarios/<slug:name>/check/", editing.checked, name="scenario_check"),
    path("scenarios/<slug:name>/publish/", editing.publish, name="scenario_publish"),
    path("scenarios/<slug:name>/archive/", editing.archive, name="scenario_archive"),
    path("scenarios/<slug:name>/try/", trial.trial, name="scenario_try"),
    path("scenarios/<slug:name>/try/answer/", trial.answer, name="scenario_answer"),
]
