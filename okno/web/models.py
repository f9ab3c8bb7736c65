"""What the desk keeps for a person: drafts, saved views, pins."""

from typing import ClassVar

from django.db import models

from okno.access.models import Membership, Organisation, User


class Draft(models.Model):
    """Unfinished words of a form; kept seven days, gone when the form is sent."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    form = models.CharField(max_length=64)
    object = models.CharField(max_length=64)
    title = models.CharField(max_length=200, blank=True)
    url = models.CharField(max_length=300, blank=True)
    fields = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "user", "form", "object"], name="one_draft_a_form")
        ]


class SavedView(models.Model):
    """A list as somebody likes it: its address line by a name; may be shared and pinned to the menu."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    owner = models.ForeignKey(Membership, on_delete=models.CASCADE)
    page = models.CharField(max_length=64)
    name = models.CharField(max_length=100)
    query = models.CharField(max_length=2000, blank=True)
    shared = models.BooleanField(default=False)
    pinned = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["owner", "page", "name"], name="a_view_name_once")]
