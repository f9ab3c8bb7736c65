"""A closed month as it stood: its proof, its houses line by line, its accounts packed house by house."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from okno.access.models import Organisation, User
from okno.houses.models import House

SUMS = (
    "opening",
    "introduced",
    "charged",
    "recalculated",
    "penalty",
    "paid",
    "charges_reversed",
    "payments_reversed",
    "closing",
)
"""The columns of a month, in order; each is a field `<name>_minor`. What they hold: `turnover.Turnover`."""

FOOTS = models.Q(
    closing_minor=models.F("opening_minor")
    + models.F("introduced_minor")
    + models.F("charged_minor")
    + models.F("recalculated_minor")
    + models.F("penalty_minor")
    - models.F("paid_minor")
    - models.F("charges_reversed_minor")
    + models.F("payments_reversed_minor")
)


class Sums(models.Model):
    """The columns of a month in minor units; the last follows from the others."""

    opening_minor = models.BigIntegerField(_("сальдо на начало"))
    introduced_minor = models.BigIntegerField(_("введено сальдо"))
    charged_minor = models.BigIntegerField(_("начислено"))
    recalculated_minor = models.BigIntegerField(_("перерасчёт"))
    penalty_minor = models.BigIntegerField(_("пеня"))
    paid_minor = models.BigIntegerField(_("оплачено"))
    charges_reversed_minor = models.BigIntegerField(_("сторно начислений"))
    payments_reversed_minor = models.BigIntegerField(_("сторно оплат"))
    closing_minor = models.BigIntegerField(_("сальдо на конец"))

    class Meta:
        abstract = True
        constraints: ClassVar = [models.CheckConstraint(name="%(class)s_foots", condition=FOOTS)]


class ClosedMonth(Sums):
    """A month that was closed: by whom, what it came to, what was left undone. Re-opened, it stays as history."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="closed_months")
    month = models.DateField(_("месяц"), help_text="first day")
    closed_at = models.DateTimeField(_("закрыт"))
    closed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    accounts = models.IntegerField(_("лицевых счетов"))
    left_undone = models.JSONField(
        default=list, help_text="checks that were not clean when it was closed: [{key, text}]"
    )
    reopened_at = models.DateTimeField(_("открыт снова"), null=True)
    reopened_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    reopen_reason = models.TextField(_("почему открыт"), blank=True)

    class Meta:
        constraints: ClassVar = [
            *Sums.Meta.constraints,
            models.UniqueConstraint(
                fields=["organisation", "month"],
                name="a_month_closed_once",
                condition=models.Q(reopened_at__isnull=True),
            ),
            models.CheckConstraint(name="closed_month_is_first_day", condition=models.Q(month__day=1)),
            models.CheckConstraint(
                name="reopened_with_a_name_and_a_reason",
                condition=models.Q(reopened_at__isnull=True, reopened_by__isnull=True, reopen_reason="")
                | (models.Q(reopened_at__isnull=False, reopened_by__isnull=False) & ~models.Q(reopen_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%m.%Y}"


class ClosedLine(Sums):
    """One service of one house in a closed month; `line` is the code, `turnover.ADVANCE` the money not yet used."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    closed = models.ForeignKey(ClosedMonth, on_delete=models.PROTECT, related_name="lines", db_index=False)
    house = models.ForeignKey(House, on_delete=models.PROTECT, related_name="+", db_index=False)
    line = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            *Sums.Meta.constraints,
            models.UniqueConstraint(fields=["closed", "house", "line"], name="a_closed_line_once"),
        ]


def _column() -> "ArrayField[list[int], list[int]]":
    return ArrayField(models.BigIntegerField())


class ClosedHouse(models.Model):
    """The accounts of one house in a closed month: column by column, each of the same length, account after account."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    closed = models.ForeignKey(ClosedMonth, on_delete=models.PROTECT, related_name="houses", db_index=False)
    house = models.ForeignKey(House, on_delete=models.PROTECT, related_name="+", db_index=False)
    accounts = _column()
    opening = _column()
    introduced = _column()
    charged = _column()
    recalculated = _column()
    penalty = _column()
    paid = _column()
    charges_reversed = _column()
    payments_reversed = _column()
    closing = _column()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["closed", "house"], name="a_closed_house_once")]
