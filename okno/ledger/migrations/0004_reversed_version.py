"""A reversal carries the account's version too, so that the account can be read as it stood before it.

The row itself is the only trace of reversing what was never allocated.
"""

from django.db import migrations, models

from okno.access import together

GUARD = "CREATE TRIGGER reversed_once BEFORE UPDATE OF {columns} ON ledger_{side} FOR EACH ROW EXECUTE FUNCTION ledger_reversed_once();"

FORWARD = "".join(
    f"DROP TRIGGER reversed_once ON ledger_{side};"
    + GUARD.format(side=side, columns="reversed_by_id, reversed_version")
    for side in ("bill", "payment")
)
BACKWARD = "".join(
    f"DROP TRIGGER reversed_once ON ledger_{side};" + GUARD.format(side=side, columns="reversed_by_id")
    for side in ("bill", "payment")
)


def field() -> models.Field:
    return models.IntegerField(help_text="the account's version from which it is reversed", null=True)


def both_or_none(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=name,
        condition=models.Q(reversed_by__isnull=True, reversed_version__isnull=True)
        | models.Q(reversed_by__isnull=False, reversed_version__isnull=False, reversed_version__gt=models.F("version")),
    )


class Migration(together.Migration):
    dependencies = [("ledger", "0003_search")]

    operations = [
        migrations.AddField(model_name="bill", name="reversed_version", field=field()),
        migrations.AddField(model_name="payment", name="reversed_version", field=field()),
        migrations.AddConstraint(model_name="bill", constraint=both_or_none("reversed_bill_has_its_version")),
        migrations.AddConstraint(model_name="payment", constraint=both_or_none("reversed_payment_has_its_version")),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
