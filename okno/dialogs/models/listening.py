"""Listening to calls: marks by a checklist, and misheard words put right."""

from typing import ClassVar

from django.db import models

from okno.access.models import User
from okno.dialogs.models.calls import Call, CallTurn


class Listening(models.Model):
    """A call drawn for listening and the marks it got. `marks` maps an item of the checklist to 0, 1 or null."""

    call = models.OneToOneField(Call, on_delete=models.PROTECT, related_name="listening")
    drawn_at = models.DateTimeField()
    drawn_why = models.CharField(max_length=32, help_text="random, complaint, low_confidence, long, person")
    listener = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    listened_at = models.DateTimeField(null=True)
    marks = models.JSONField(default=dict)
    comment = models.TextField(blank=True)


class Correction(models.Model):
    """What was really said in a turn; feeds the recogniser's test set."""

    turn = models.ForeignKey(CallTurn, on_delete=models.PROTECT, related_name="corrections")
    text = models.TextField()
    author = models.ForeignKey(User, on_delete=models.PROTECT)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(name="correction_has_words", condition=~models.Q(text=""))]
