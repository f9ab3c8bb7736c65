"""Months that are closed."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("ledger", "0007_penalties")]
    operations: ClassVar = []
