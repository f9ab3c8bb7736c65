"""Terms, standing, waivers and pauses of penalties."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("ledger", "0006_open_bills")]
    operations: ClassVar = []
