"""Addresses of this subject."""

from django.urls import URLPattern, path

from okno.web.desk.settings import (
    calendar,
    condition,
    definition,
    ladder,
    law,
    norm,
    payment,
    penalties,
    policy,
    staff,
    templates,
    trail,
)

urlpatterns: list[URLPattern] = [
    path("rules/", definition.rules, name="rules"),
    path("rules/steps/", ladder.steps, name="ladder"),
    path("rules/policy/", policy.policy, name="policy"),
    path("rules/penalties/", penalties.penalty_terms, name="penalty_terms"),
    path("rules/payment/", payment.payment_details, name="payment_details"),
    path("rules/calendar/", calendar.calendar, name="calendar"),
    path("rules/law/", law.law, name="law"),
    path("rules/law/<str:name>/", norm.norm, name="norm"),
    path("templates/", templates.templates, name="templates"),
    path("templates/<int:pk>/", templates.template, name="template"),
    path("templates/<int:pk>/archive/", templates.archive, name="template-archive"),
    path("templates/<int:pk>/<str:language>/", templates.look_at, name="template-look"),
    path("staff/", staff.staff, name="staff"),
    path("staff/<int:pk>/", staff.person, name="person-access"),
    path("staff/<int:pk>/access/", staff.access, name="staff-access"),
    path("profile/", staff.profile, name="profile"),
    path("trail/", trail.trail, name="trail"),
    path("health/", condition.condition, name="health"),
]
