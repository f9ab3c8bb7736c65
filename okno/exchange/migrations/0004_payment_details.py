"""Whose account a printed bill is paid to."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("exchange", "0003_staging_and_payer_rules")]
    operations: ClassVar = []
