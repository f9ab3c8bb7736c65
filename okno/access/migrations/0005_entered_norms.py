"""Values of the law that the operator entered. They are never edited or removed, a wrong one is withdrawn once."""

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Coalesce

import okno.access.exact_json
from okno.access import together

FORWARD = """
CREATE FUNCTION access_withdrawn_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.withdrawn_at IS NOT NULL THEN
        RAISE EXCEPTION 'okno: a withdrawn value of the law is final' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER withdrawn_once BEFORE UPDATE ON access_enteredvalue
    FOR EACH ROW EXECUTE FUNCTION access_withdrawn_once();
CREATE TRIGGER never_edited
    BEFORE UPDATE OF id, name, key, since, until, known_since, value, source, verified, note, entered_at,
        entered_by_id, entered_by_name ON access_enteredvalue
    FOR EACH ROW EXECUTE FUNCTION okno_refuse();
CREATE TRIGGER never_removed BEFORE DELETE ON access_enteredvalue
    FOR EACH ROW EXECUTE FUNCTION okno_refuse();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON access_enteredvalue
    FOR EACH STATEMENT EXECUTE FUNCTION okno_refuse();
"""
BACKWARD = """
DROP TRIGGER withdrawn_once ON access_enteredvalue;
DROP TRIGGER never_edited ON access_enteredvalue;
DROP TRIGGER never_removed ON access_enteredvalue;
DROP TRIGGER never_emptied ON access_enteredvalue;
DROP FUNCTION access_withdrawn_once();
"""

PERSON = {"null": True, "on_delete": django.db.models.deletion.PROTECT, "related_name": "+"}


class Migration(together.Migration):
    dependencies: ClassVar = [("access", "0004_quick_history_context")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="EnteredValue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, verbose_name="значение закона")),
                ("key", models.CharField(blank=True, max_length=64, verbose_name="ключ")),
                ("since", models.DateField(verbose_name="с")),
                ("until", models.DateField(blank=True, null=True, verbose_name="по")),
                ("known_since", models.DateField(blank=True, null=True, verbose_name="известно с")),
                (
                    "value",
                    models.JSONField(
                        decoder=okno.access.exact_json.ExactDecoder,
                        encoder=okno.access.exact_json.ExactEncoder,
                        null=True,
                        verbose_name="значение",
                    ),
                ),
                ("source", models.CharField(max_length=500, verbose_name="источник")),
                ("verified", models.BooleanField(default=False, verbose_name="сверено с текстом")),
                ("note", models.TextField(blank=True, verbose_name="примечание")),
                ("entered_at", models.DateTimeField()),
                ("entered_by", models.ForeignKey(to=settings.AUTH_USER_MODEL, **PERSON)),
                ("entered_by_name", models.CharField(max_length=200)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_by", models.ForeignKey(to=settings.AUTH_USER_MODEL, **PERSON)),
                ("withdrawn_by_name", models.CharField(blank=True, max_length=200)),
                ("withdrawn_reason", models.TextField(blank=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        "name",
                        "key",
                        "since",
                        Coalesce("known_since", "since"),
                        condition=models.Q(withdrawn_at__isnull=True),
                        name="one_standing_value_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("since")),
                        name="entered_value_ends_later",
                    ),
                    models.CheckConstraint(condition=~models.Q(source=""), name="entered_value_has_a_source"),
                    models.CheckConstraint(
                        condition=models.Q(withdrawn_at__isnull=True, withdrawn_by_name="", withdrawn_reason="")
                        | (
                            models.Q(withdrawn_at__isnull=False)
                            & ~models.Q(withdrawn_by_name="")
                            & ~models.Q(withdrawn_reason="")
                        ),
                        name="entered_value_is_withdrawn_with_a_reason",
                    ),
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
