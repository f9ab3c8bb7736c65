"""Values of the law that the operator entered."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("access", "0004_quick_history_context")]
    operations: ClassVar = []
