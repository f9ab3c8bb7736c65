"""Segment and step of a case."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("debts", "0002_initial")]
    operations: ClassVar = []
