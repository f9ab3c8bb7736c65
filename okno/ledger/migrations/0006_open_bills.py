"""Open remainders in a narrow table of their own."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("ledger", "0005_fewer_foreign_keys")]
    operations: ClassVar = []
