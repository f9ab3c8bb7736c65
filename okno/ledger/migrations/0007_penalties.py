"""Terms of penalties, what stands of them on accounts, waivers, pauses, and the months that are posted."""

from typing import ClassVar

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from okno.access import together


class Migration(together.Migration):
    dependencies: ClassVar = [
        ("access", "0005_entered_norms"),
        ("ledger", "0006_open_bills"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.AlterField(
            model_name="entry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("bills", "начисления"),
                    ("payments", "оплата"),
                    ("recalculation", "перерасчёт"),
                    ("reversal", "сторно"),
                    ("opening", "входящее сальдо"),
                    ("penalties", "пени"),
                ],
                max_length=16,
            ),
        ),
        migrations.CreateModel(
            name="PenaltyPause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateField(verbose_name="с")),
                ("until", models.DateField(null=True, verbose_name="по")),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("dispute", "спор о начислениях"),
                            ("our_fault", "ошибка организации"),
                            ("hardship", "трудная жизненная ситуация"),
                            ("other", "другое"),
                        ],
                        max_length=16,
                        verbose_name="повод",
                    ),
                ),
                ("reason", models.TextField(verbose_name="причина")),
                ("author", models.CharField(max_length=200)),
                ("ended_reason", models.TextField(blank=True)),
                ("ended_by", models.CharField(blank=True, max_length=200)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.account"
                    ),
                ),
                (
                    "bill",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.bill"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="access.organisation"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PenaltyPauseEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("since", models.DateField(verbose_name="с")),
                ("until", models.DateField(null=True, verbose_name="по")),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("dispute", "спор о начислениях"),
                            ("our_fault", "ошибка организации"),
                            ("hardship", "трудная жизненная ситуация"),
                            ("other", "другое"),
                        ],
                        max_length=16,
                        verbose_name="повод",
                    ),
                ),
                ("reason", models.TextField(verbose_name="причина")),
                ("author", models.CharField(max_length=200)),
                ("ended_reason", models.TextField(blank=True)),
                ("ended_by", models.CharField(blank=True, max_length=200)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="ledger.account",
                    ),
                ),
                (
                    "bill",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="ledger.bill",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="access.organisation",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="ledger.penaltypause",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PenaltyStanding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "regime",
                    models.CharField(
                        choices=[
                            ("housing", "жильё и коммунальные услуги"),
                            ("capital_repair", "капитальный ремонт"),
                            ("target", "целевые взносы"),
                            ("other", "прочее"),
                        ],
                        max_length=16,
                    ),
                ),
                ("sealed_on", models.DateField(null=True)),
                ("settled_whole", models.BigIntegerField(default=0)),
                ("settled_rest", models.BigIntegerField(default=0)),
                ("denominator", models.BigIntegerField(default=1)),
                ("readings", models.CharField(default="", max_length=32)),
                ("posted_minor", models.BigIntegerField(default=0)),
                ("posted_through", models.DateField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="ledger.account",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to="access.organisation"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PenaltyTerms",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "regime",
                    models.CharField(
                        choices=[
                            ("housing", "жильё и коммунальные услуги"),
                            ("capital_repair", "капитальный ремонт"),
                            ("target", "целевые взносы"),
                            ("other", "прочее"),
                        ],
                        max_length=16,
                    ),
                ),
                ("since", models.DateField(verbose_name="действует с")),
                ("settings", models.JSONField(default=dict)),
                (
                    "posting",
                    models.CharField(
                        choices=[
                            ("monthly", "раз в месяц"),
                            ("at_payment", "при оплате"),
                            ("figures", "не проводится, только считается"),
                        ],
                        default="figures",
                        max_length=16,
                        verbose_name="когда проводится",
                    ),
                ),
                ("least_minor", models.BigIntegerField(default=0, verbose_name="наименьшая сумма")),
                ("author", models.CharField(blank=True, max_length=200)),
                (
                    "organisation",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="access.organisation"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PenaltyTermsEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "regime",
                    models.CharField(
                        choices=[
                            ("housing", "жильё и коммунальные услуги"),
                            ("capital_repair", "капитальный ремонт"),
                            ("target", "целевые взносы"),
                            ("other", "прочее"),
                        ],
                        max_length=16,
                    ),
                ),
                ("since", models.DateField(verbose_name="действует с")),
                ("settings", models.JSONField(default=dict)),
                (
                    "posting",
                    models.CharField(
                        choices=[
                            ("monthly", "раз в месяц"),
                            ("at_payment", "при оплате"),
                            ("figures", "не проводится, только считается"),
                        ],
                        default="figures",
                        max_length=16,
                        verbose_name="когда проводится",
                    ),
                ),
                ("least_minor", models.BigIntegerField(default=0, verbose_name="наименьшая сумма")),
                ("author", models.CharField(blank=True, max_length=200)),
                (
                    "organisation",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="access.organisation",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="ledger.penaltyterms",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PenaltyWaiver",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "regime",
                    models.CharField(
                        choices=[
                            ("housing", "жильё и коммунальные услуги"),
                            ("capital_repair", "капитальный ремонт"),
                            ("target", "целевые взносы"),
                            ("other", "прочее"),
                        ],
                        max_length=16,
                    ),
                ),
                ("until", models.DateField(verbose_name="начислено по")),
                ("sum_minor", models.BigIntegerField(help_text="empty: all of it", null=True, verbose_name="сумма")),
                ("pay_by", models.DateField(null=True, verbose_name="оплатить до")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("given", "дано"),
                            ("kept", "условие выполнено"),
                            ("broken", "условие не выполнено"),
                            ("taken_back", "отменено"),
                        ],
                        default="given",
                        max_length=16,
                    ),
                ),
                ("given_on", models.DateField()),
                ("kept_on", models.DateField(help_text="value day of the payment that met the condition", null=True)),
                ("reason", models.TextField(verbose_name="причина")),
                ("author", models.CharField(max_length=200)),
                ("taken_back_on", models.DateField(null=True)),
                ("taken_back_reason", models.TextField(blank=True)),
                ("taken_back_by", models.CharField(blank=True, max_length=200)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.account"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="access.organisation"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PenaltyWaiverEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "regime",
                    models.CharField(
                        choices=[
                            ("housing", "жильё и коммунальные услуги"),
                            ("capital_repair", "капитальный ремонт"),
                            ("target", "целевые взносы"),
                            ("other", "прочее"),
                        ],
                        max_length=16,
                    ),
                ),
                ("until", models.DateField(verbose_name="начислено по")),
                ("sum_minor", models.BigIntegerField(help_text="empty: all of it", null=True, verbose_name="сумма")),
                ("pay_by", models.DateField(null=True, verbose_name="оплатить до")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("given", "дано"),
                            ("kept", "условие выполнено"),
                            ("broken", "условие не выполнено"),
                            ("taken_back", "отменено"),
                        ],
                        default="given",
                        max_length=16,
                    ),
                ),
                ("given_on", models.DateField()),
                ("kept_on", models.DateField(help_text="value day of the payment that met the condition", null=True)),
                ("reason", models.TextField(verbose_name="причина")),
                ("author", models.CharField(max_length=200)),
                ("taken_back_on", models.DateField(null=True)),
                ("taken_back_reason", models.TextField(blank=True)),
                ("taken_back_by", models.CharField(blank=True, max_length=200)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="ledger.account",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="access.organisation",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="ledger.penaltywaiver",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PenaltyMonth",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField(help_text="first day of the month whose days are counted")),
                (
                    "state",
                    models.CharField(
                        choices=[("posting", "проводится"), ("posted", "проведён")],
                        default="posting",
                        max_length=8,
                    ),
                ),
                ("attempt", models.PositiveIntegerField(default=0)),
                ("progress_done", models.PositiveIntegerField(default=0)),
                ("progress_total", models.PositiveIntegerField(default=0)),
                ("bills", models.PositiveIntegerField(default=0)),
                ("posted_minor", models.BigIntegerField(default=0)),
                ("failure", models.TextField(blank=True)),
                ("author", models.CharField(max_length=200)),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "organisation",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="access.organisation"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "month"), name="one_penalty_month"),
                    models.CheckConstraint(condition=models.Q(("month__day", 1)), name="penalty_month_is_first_day"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["posting", "posted"])),
                        name="penalty_month_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "posted"), _negated=True),
                            models.Q(("ended_at__isnull", False), ("failure", "")),
                            _connector="OR",
                        ),
                        name="posted_penalty_month_has_ended",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="penaltypause",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="pause_has_a_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="penaltypause",
            constraint=models.CheckConstraint(
                condition=models.Q(("cause__in", ["dispute", "our_fault", "hardship", "other"])),
                name="pause_cause_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="penaltypause",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__isnull", True), ("until__gte", models.F("since")), _connector="OR"),
                name="pause_days_in_order",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="penaltypause",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "ledger_penaltypauseevent" ("account_id", "author", "bill_id", "cause", "ended_by", "ended_reason", "id", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "since", "until") VALUES (NEW."account_id", NEW."author", NEW."bill_id", NEW."cause", NEW."ended_by", NEW."ended_reason", NEW."id", NEW."organisation_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."since", NEW."until"); RETURN NULL;',
                    hash="a548ce71c40ed85c3f96acfd3cd566afd030a7ab",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_d2ae1",
                    table="ledger_penaltypause",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="penaltypause",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "ledger_penaltypauseevent" ("account_id", "author", "bill_id", "cause", "ended_by", "ended_reason", "id", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "since", "until") VALUES (NEW."account_id", NEW."author", NEW."bill_id", NEW."cause", NEW."ended_by", NEW."ended_reason", NEW."id", NEW."organisation_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."since", NEW."until"); RETURN NULL;',
                    hash="4990704d60f2cbca42847f0cc0a41471a5703dac",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_95e53",
                    table="ledger_penaltypause",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="penaltystanding",
            constraint=models.UniqueConstraint(fields=("account", "regime"), name="one_penalty_standing_a_regime"),
        ),
        migrations.AddConstraint(
            model_name="penaltystanding",
            constraint=models.CheckConstraint(
                condition=models.Q(("settled_rest__gte", 0), ("settled_rest__lt", models.F("denominator"))),
                name="penalty_standing_rest_is_a_rest",
            ),
        ),
        migrations.AddConstraint(
            model_name="penaltystanding",
            constraint=models.CheckConstraint(
                condition=models.Q(("posted_minor__gte", 0)), name="penalty_standing_posted"
            ),
        ),
        migrations.AddConstraint(
            model_name="penaltystanding",
            constraint=models.CheckConstraint(
                condition=models.Q(("regime__in", ["housing", "capital_repair", "target", "other"])),
                name="penalty_standing_regime_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="penaltyterms",
            constraint=models.UniqueConstraint(
                fields=("organisation", "regime", "since"), name="one_penalty_terms_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="penaltyterms",
            constraint=models.CheckConstraint(
                condition=models.Q(("regime__in", ["housing", "capital_repair", "target", "other"])),
                name="penalty_terms_regime_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="penaltyterms",
            constraint=models.CheckConstraint(
                condition=models.Q(("posting__in", ["monthly", "at_payment", "figures"])),
                name="penalty_terms_posting_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="penaltyterms",
            constraint=models.CheckConstraint(
                condition=models.Q(("least_minor__gte", 0)), name="penalty_terms_least_sum"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="penaltyterms",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "ledger_penaltytermsevent" ("author", "id", "least_minor", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "posting", "regime", "settings", "since") VALUES (NEW."author", NEW."id", NEW."least_minor", NEW."organisation_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."posting", NEW."regime", NEW."settings", NEW."since"); RETURN NULL;',
                    hash="964cafb7b90e7aa2a64d8c29d28d91008461ae9b",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_4231c",
                    table="ledger_penaltyterms",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="penaltyterms",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "ledger_penaltytermsevent" ("author", "id", "least_minor", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "posting", "regime", "settings", "since") VALUES (NEW."author", NEW."id", NEW."least_minor", NEW."organisation_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."posting", NEW."regime", NEW."settings", NEW."since"); RETURN NULL;',
                    hash="2bdad7f9cdc5359eb54e4c35bd181d8ad0745d0e",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_82e5c",
                    table="ledger_penaltyterms",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="penaltywaiver",
            index=models.Index(condition=models.Q(("state", "given")), fields=["pay_by"], name="waiver_waiting"),
        ),
        migrations.AddConstraint(
            model_name="penaltywaiver",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="waiver_has_a_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="penaltywaiver",
            constraint=models.CheckConstraint(
                condition=models.Q(("regime__in", ["housing", "capital_repair", "target", "other"])),
                name="waiver_regime_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="penaltywaiver",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["given", "kept", "broken", "taken_back"])), name="waiver_state_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="penaltywaiver",
            constraint=models.CheckConstraint(
                condition=models.Q(("sum_minor__isnull", True), ("sum_minor__gt", 0), _connector="OR"),
                name="waiver_takes_off_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="penaltywaiver",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__lte", models.F("given_on"))), name="waiver_of_what_has_accrued"
            ),
        ),
        migrations.AddConstraint(
            model_name="penaltywaiver",
            constraint=models.CheckConstraint(
                condition=models.Q(("pay_by__isnull", True), ("pay_by__gte", models.F("given_on")), _connector="OR"),
                name="waiver_condition_lies_ahead",
            ),
        ),
        migrations.AddConstraint(
            model_name="penaltywaiver",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kept_on__isnull", False), ("pay_by__isnull", False), ("state", "kept")),
                    models.Q(("kept_on__isnull", True), ("pay_by__isnull", False), ("state", "broken")),
                    models.Q(("kept_on__isnull", True), ("state", "given")),
                    ("state", "taken_back"),
                    _connector="OR",
                ),
                name="kept_waiver_has_its_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="penaltywaiver",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("state", "taken_back"),
                        ("taken_back_on__isnull", False),
                        models.Q(("taken_back_reason", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("state", "taken_back"), _negated=True),
                        ("taken_back_on__isnull", True),
                        ("taken_back_reason", ""),
                    ),
                    _connector="OR",
                ),
                name="taken_back_waiver_has_a_reason",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="penaltywaiver",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "ledger_penaltywaiverevent" ("account_id", "author", "given_on", "id", "kept_on", "organisation_id", "pay_by", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "regime", "state", "sum_minor", "taken_back_by", "taken_back_on", "taken_back_reason", "until", "user_id") VALUES (NEW."account_id", NEW."author", NEW."given_on", NEW."id", NEW."kept_on", NEW."organisation_id", NEW."pay_by", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."regime", NEW."state", NEW."sum_minor", NEW."taken_back_by", NEW."taken_back_on", NEW."taken_back_reason", NEW."until", NEW."user_id"); RETURN NULL;',
                    hash="36b0465357fb8e2d14118f79717150b62d89804f",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_b73fc",
                    table="ledger_penaltywaiver",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="penaltywaiver",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "ledger_penaltywaiverevent" ("account_id", "author", "given_on", "id", "kept_on", "organisation_id", "pay_by", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "regime", "state", "sum_minor", "taken_back_by", "taken_back_on", "taken_back_reason", "until", "user_id") VALUES (NEW."account_id", NEW."author", NEW."given_on", NEW."id", NEW."kept_on", NEW."organisation_id", NEW."pay_by", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."regime", NEW."state", NEW."sum_minor", NEW."taken_back_by", NEW."taken_back_on", NEW."taken_back_reason", NEW."until", NEW."user_id"); RETURN NULL;',
                    hash="0f74abcde47311ac8f898de6eb55255bb16cbaba",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_cb10d",
                    table="ledger_penaltywaiver",
                    when="AFTER",
                ),
            ),
        ),
    ]
