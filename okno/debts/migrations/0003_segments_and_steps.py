"""Segment, penalty and step of a case; the ladder of steps of an organisation."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from okno.access import together

# Every night writes every open case anew: with room on the page its indexes are left alone.
ROOM = "ALTER TABLE debts_case SET (fillfactor = 70)"
NO_ROOM = "ALTER TABLE debts_case RESET (fillfactor)"


class Migration(together.Migration):
    dependencies = [
        ("access", "0001_initial"),
        ("debts", "0002_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        migrations.CreateModel(
            name="Ladder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateField(verbose_name="действует с")),
                ("steps", models.JSONField(help_text="in order, the mildest first")),
                ("author", models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name="LadderEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("since", models.DateField(verbose_name="действует с")),
                ("steps", models.JSONField(help_text="in order, the mildest first")),
                ("author", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="case",
            name="contact_on",
            field=models.DateField(help_text="the latest day on which the step asks for a contact", null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="earlier_debts",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="cases of the account that had closed in the year before this one opened"
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="penalty_minor",
            field=models.BigIntegerField(
                help_text="accrued through penalty_on and not paid, posted or not; empty: a value of the law is missing",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="penalty_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="segment",
            field=models.CharField(
                blank=True,
                choices=[
                    ("new", "новый"),
                    ("forgetful", "забывчивый"),
                    ("temporary", "временные трудности"),
                    ("chronic", "хронический"),
                ],
                help_text="empty: no night has seen it yet",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="step",
            field=models.CharField(
                blank=True, help_text="code of the ladder's step; empty: none is reached", max_length=32
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="step_on",
            field=models.DateField(help_text="the day the case came to the step", null=True),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("contact_on__isnull", False), ("state", "open")),
                fields=["organisation", "contact_on"],
                name="case_plan",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("segment", ""), ("segment__in", ["new", "forgetful", "temporary", "chronic"]), _connector="OR"
                ),
                name="case_segment_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("penalty_minor__isnull", True), ("penalty_on__isnull", True)),
                    models.Q(("penalty_minor__gte", 0), ("penalty_on__isnull", False)),
                    _connector="OR",
                ),
                name="case_penalty_has_its_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("contact_on__isnull", True), ("step", ""), ("step_on__isnull", True)),
                    models.Q(models.Q(("step", ""), _negated=True), ("step_on__isnull", False)),
                    _connector="OR",
                ),
                name="case_step_has_its_day",
            ),
        ),
        migrations.AddField(
            model_name="ladder",
            name="organisation",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="access.organisation"),
        ),
        migrations.AddField(
            model_name="ladderevent",
            name="organisation",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="access.organisation",
            ),
        ),
        migrations.AddField(
            model_name="ladderevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="ladderevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="debts.ladder",
            ),
        ),
        migrations.AddConstraint(
            model_name="ladder",
            constraint=models.UniqueConstraint(fields=("organisation", "since"), name="one_ladder_a_day"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ladder",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "debts_ladderevent" ("author", "id", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "since", "steps") VALUES (NEW."author", NEW."id", NEW."organisation_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."since", NEW."steps"); RETURN NULL;',
                    hash="1009117b37dc73fbaa90571e9c2bf6a5a8dda863",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_8aaae",
                    table="debts_ladder",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ladder",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "debts_ladderevent" ("author", "id", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "since", "steps") VALUES (NEW."author", NEW."id", NEW."organisation_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."since", NEW."steps"); RETURN NULL;',
                    hash="69d0141388b8a12cf01754375cbf91c7de636441",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_f385d",
                    table="debts_ladder",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL(ROOM, NO_ROOM),
    ]
