"""Whose account a printed bill is paid to, and the runs of the press."""

import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from okno.access import together


class Migration(together.Migration):
    dependencies = [
        ("access", "0005_entered_norms"),
        ("exchange", "0003_staging_and_payer_rules"),
        ("houses", "0002_search"),
        ("ledger", "0008_closed_months"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PaymentDetails",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "regime",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("housing", "жильё и коммунальные услуги"),
                            ("capital_repair", "капитальный ремонт"),
                            ("target", "целевые взносы"),
                            ("other", "прочее"),
                        ],
                        help_text="empty: everything",
                        max_length=16,
                        verbose_name="за что",
                    ),
                ),
                ("since", models.DateField(verbose_name="действуют с")),
                ("payee", models.CharField(max_length=160, verbose_name="получатель")),
                ("bank_name", models.CharField(max_length=100, verbose_name="банк")),
                ("bank_code", models.CharField(blank=True, max_length=11, verbose_name="БИК банка")),
                ("account", models.CharField(max_length=34, verbose_name="расчётный счёт")),
                (
                    "correspondent_account",
                    models.CharField(blank=True, max_length=20, verbose_name="корреспондентский счёт"),
                ),
                ("tax_number", models.CharField(max_length=12, verbose_name="ИНН получателя")),
                (
                    "reason_code",
                    models.CharField(
                        blank=True, help_text="Russia: КПП; Kazakhstan: Кбе", max_length=9, verbose_name="КПП"
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "без кода"),
                            ("ST00011", "ГОСТ Р 56042, Windows-1251 (ST00011)"),
                            ("ST00012", "ГОСТ Р 56042, UTF-8 (ST00012)"),
                            ("nbu001", "Национальный банк Украины, формат 001"),
                            ("nbu002", "Национальный банк Украины, формат 002"),
                            ("nbu003", "Национальный банк Украины, формат 003"),
                            ("link", "ссылка на страницу оплаты"),
                        ],
                        max_length=8,
                        verbose_name="QR-код",
                    ),
                ),
                (
                    "period",
                    models.CharField(
                        choices=[("MMYYYY", "102026"), ("MM.YYYY", "10.2026")],
                        default="MMYYYY",
                        max_length=8,
                        verbose_name="месяц в коде",
                    ),
                ),
                ("penalty_apart", models.BooleanField(default=False, verbose_name="пеню отдельной суммой")),
                ("link", models.CharField(blank=True, max_length=300, verbose_name="ссылка на оплату")),
                ("recorded_at", models.DateTimeField()),
                (
                    "house",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="houses.house",
                        verbose_name="дом",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="access.organisation"),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PaymentDetailsEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "regime",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("housing", "жильё и коммунальные услуги"),
                            ("capital_repair", "капитальный ремонт"),
                            ("target", "целевые взносы"),
                            ("other", "прочее"),
                        ],
                        help_text="empty: everything",
                        max_length=16,
                        verbose_name="за что",
                    ),
                ),
                ("since", models.DateField(verbose_name="действуют с")),
                ("payee", models.CharField(max_length=160, verbose_name="получатель")),
                ("bank_name", models.CharField(max_length=100, verbose_name="банк")),
                ("bank_code", models.CharField(blank=True, max_length=11, verbose_name="БИК банка")),
                ("account", models.CharField(max_length=34, verbose_name="расчётный счёт")),
                (
                    "correspondent_account",
                    models.CharField(blank=True, max_length=20, verbose_name="корреспондентский счёт"),
                ),
                ("tax_number", models.CharField(max_length=12, verbose_name="ИНН получателя")),
                (
                    "reason_code",
                    models.CharField(
                        blank=True, help_text="Russia: КПП; Kazakhstan: Кбе", max_length=9, verbose_name="КПП"
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "без кода"),
                            ("ST00011", "ГОСТ Р 56042, Windows-1251 (ST00011)"),
                            ("ST00012", "ГОСТ Р 56042, UTF-8 (ST00012)"),
                            ("nbu001", "Национальный банк Украины, формат 001"),
                            ("nbu002", "Национальный банк Украины, формат 002"),
                            ("nbu003", "Национальный банк Украины, формат 003"),
                            ("link", "ссылка на страницу оплаты"),
                        ],
                        max_length=8,
                        verbose_name="QR-код",
                    ),
                ),
                (
                    "period",
                    models.CharField(
                        choices=[("MMYYYY", "102026"), ("MM.YYYY", "10.2026")],
                        default="MMYYYY",
                        max_length=8,
                        verbose_name="месяц в коде",
                    ),
                ),
                ("penalty_apart", models.BooleanField(default=False, verbose_name="пеню отдельной суммой")),
                ("link", models.CharField(blank=True, max_length=300, verbose_name="ссылка на оплату")),
                ("recorded_at", models.DateTimeField()),
                (
                    "house",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="houses.house",
                        verbose_name="дом",
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
                        to="exchange.paymentdetails",
                    ),
                ),
                (
                    "recorded_by",
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
            name="PrintRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField(verbose_name="месяц")),
                ("issued_on", models.DateField(help_text="the day the bills are of: money up to it is counted")),
                ("title", models.CharField(max_length=200, verbose_name="для кого")),
                (
                    "accounts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        help_text="ids in the order of the postman's round",
                        size=None,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "ждёт"),
                            ("working", "печатается"),
                            ("done", "готово"),
                            ("failed", "не получилось"),
                            ("cancelled", "отменено"),
                        ],
                        default="waiting",
                        max_length=12,
                    ),
                ),
                ("failure", models.TextField(blank=True)),
                ("progress_done", models.IntegerField(default=0)),
                ("progress_text", models.CharField(blank=True, max_length=200)),
                ("printed", models.IntegerField(default=0)),
                ("files", models.JSONField(default=list, help_text="[{pages, bytes}], in order")),
                ("remarks", models.JSONField(default=list, help_text="what the person who prints must know, in words")),
                ("created_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("removed_at", models.DateTimeField(help_text="when the files were deleted", null=True)),
                (
                    "house",
                    models.ForeignKey(
                        help_text="the only house; null: several",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="houses.house",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="access.organisation"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="UnprintedBill",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("why", models.CharField(max_length=300)),
                ("account", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="ledger.account")),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="unprinted", to="exchange.printrun"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="paymentdetails",
            constraint=models.UniqueConstraint(
                fields=("organisation", "house", "regime", "since"),
                name="payment_details_once_a_day",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentdetails",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("regime", ""), ("regime__in", ["housing", "capital_repair", "target", "other"]), _connector="OR"
                ),
                name="payment_regime_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentdetails",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("account__regex", "^[0-9]{20}$"),
                    ("account__regex", "^KZ[0-9]{2}[0-9A-Z]{16}$"),
                    ("account__regex", "^UA[0-9]{27}$"),
                    _connector="OR",
                ),
                name="payment_account_has_its_shape",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentdetails",
            constraint=models.CheckConstraint(
                condition=models.Q(("code__in", ["", "ST00011", "ST00012", "nbu001", "nbu002", "nbu003", "link"])),
                name="payment_code_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentdetails",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("account__regex", "^[0-9]{20}$"), _negated=True),
                    models.Q(("bank_code__regex", "^[0-9]{9}$"), ("correspondent_account__regex", "^[0-9]{20}$")),
                    _connector="OR",
                ),
                name="russian_account_has_a_bank",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="paymentdetails",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "exchange_paymentdetailsevent" ("account", "bank_code", "bank_name", "code", "correspondent_account", "house_id", "id", "link", "organisation_id", "payee", "penalty_apart", "period", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason_code", "recorded_at", "recorded_by_id", "regime", "since", "tax_number") VALUES (NEW."account", NEW."bank_code", NEW."bank_name", NEW."code", NEW."correspondent_account", NEW."house_id", NEW."id", NEW."link", NEW."organisation_id", NEW."payee", NEW."penalty_apart", NEW."period", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason_code", NEW."recorded_at", NEW."recorded_by_id", NEW."regime", NEW."since", NEW."tax_number"); RETURN NULL;',
                    hash="a34297f208be2bbcbb6579f6d167b125ea308eb9",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_7b9b0",
                    table="exchange_paymentdetails",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="paymentdetails",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "exchange_paymentdetailsevent" ("account", "bank_code", "bank_name", "code", "correspondent_account", "house_id", "id", "link", "organisation_id", "payee", "penalty_apart", "period", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason_code", "recorded_at", "recorded_by_id", "regime", "since", "tax_number") VALUES (NEW."account", NEW."bank_code", NEW."bank_name", NEW."code", NEW."correspondent_account", NEW."house_id", NEW."id", NEW."link", NEW."organisation_id", NEW."payee", NEW."penalty_apart", NEW."period", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason_code", NEW."recorded_at", NEW."recorded_by_id", NEW."regime", NEW."since", NEW."tax_number"); RETURN NULL;',
                    hash="7306cfe9ec7684cb512778981288c6ca89c1ca12",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_cd42c",
                    table="exchange_paymentdetails",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="printrun",
            index=models.Index(fields=["organisation", "-created_at"], name="run_by_time"),
        ),
        migrations.AddConstraint(
            model_name="printrun",
            constraint=models.CheckConstraint(condition=models.Q(("month__day", 1)), name="run_month_is_first_day"),
        ),
        migrations.AddConstraint(
            model_name="printrun",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "working", "done", "failed", "cancelled"])),
                name="run_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="unprintedbill",
            constraint=models.UniqueConstraint(fields=("run", "account"), name="an_unprinted_bill_once"),
        ),
    ]
