"""The proof of a month: counted two ways and line by line, and everything that does not agree to the kopeck.

Forwards: what stood when the month before was closed (or, for the first month to be closed, all earlier history) and
what moved since. Backwards: the balances of now less what later months did. Across: the accounts of a house against
its services. While it is counted, postings in the month wait, so that the three see the same rows.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.access.models import Organisation
from okno.common.days import add_months
from okno.common.money import plain_minor
from okno.houses.models import House
from okno.ledger.models import Account
from okno.ledger.months import facts, lines
from okno.ledger.months.closed import foundation, standing
from okno.ledger.months.models import SUMS
from okno.ledger.months.turnover import FOR_A_LARGE_QUESTION, NAMES, Turnover, steadily, total

SHOWN = 100
"""Differences told at most; one is enough to keep the month open."""

Progress = Callable[[str], None]
"""Told the name of each step as it begins."""


class Difference(NamedTuple):
    """Two figures that should be one: `kind` tells which, `subject` is the account or the house."""

    kind: str
    subject: str
    kept: int
    counted: int

    @property
    def sentence(self) -> str:
        """The difference in words."""
        return str(SENTENCES[self.kind]) % {
            "subject": self.subject,
            "kept": plain_minor(self.kept),
            "counted": plain_minor(self.counted),
        }


SENTENCES = {
    "opening": gettext_lazy("Лицевой счёт %(subject)s: на начало месяца было %(kept)s, по книге выходит %(counted)s"),
    "house": gettext_lazy("%(subject)s: по лицевым счетам %(kept)s, по услугам %(counted)s"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A month house by house. It is true when nothing differs."""

    month: date
    accounts: int
    houses: dict[int, Turnover]
    differences: list[Difference]

    @property
    def sums(self) -> Turnover:
        return total(self.houses.values())

    @property
    def is_true(self) -> bool:
        return not self.differences and all(sums.foots for sums in self.houses.values())

    @property
    def digest(self) -> str:
        """The same for the same figures: what a person saw and agreed to."""
        told = [self.month, self.accounts, sorted(self.houses.items())]
        return hashlib.sha256(repr(told).encode()).hexdigest()


def prove(organisation: Organisation, month: date, *, progress: Progress = lambda step: None) -> Proof:
    """Count the month (its first day) and compare. Until the transaction ends, nobody posts into it or before it.

    What was counted stays in the transaction's temporary tables `month_account` and `month_line`.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT ledger_lock_months(%s, %s)", [organisation.pk, month])
        cursor.execute(FOR_A_LARGE_QUESTION)
        closed = foundation(organisation, month)
        by_line = lines.statement(after_closed=closed is not None)

        def count(values: dict[str, Any]) -> None:
            cursor.execute("DROP TABLE IF EXISTS pg_temp.month_account, pg_temp.month_line")
            progress(_("Считаем лицевые счета"))
            cursor.execute(f"CREATE TEMPORARY TABLE month_account ON COMMIT DROP AS {facts.BY_ACCOUNT}", values)
            progress(_("Считаем услуги"))
            names = ", ".join(("house_id", "line", *SUMS))
            cursor.execute(f"CREATE TEMPORARY TABLE month_line({names}) ON COMMIT DROP AS {by_line}", values)

        values: dict[str, Any] = {"organisation": organisation.pk, "month": month, "houses": None}
        steadily(values | {"closed": closed.pk if closed else None}, count)
        progress(_("Сверяем"))
        cursor.execute(_HOUSES)
        houses = {row[0]: Turnover(**dict(zip(NAMES, row[1:], strict=True))) for row in cursor.fetchall()}
        cursor.execute("SELECT count(*) FROM month_account")
        (accounts,) = cursor.fetchone()
        return Proof(
            month=month, accounts=accounts, houses=houses, differences=_differences(organisation, month)[:SHOWN]
        )


def _differences(organisation: Organisation, month: date) -> list[Difference]:
    closed = standing(organisation, add_months(month, -1))
    values: dict[str, Any] = {
        "organisation": organisation.pk,
        "month": month,
        "closed": closed.pk if closed else None,
        "limit": SHOWN,
    }
    found: list[Difference] = []
    with connection.cursor() as cursor:
        cursor.execute(_OPENINGS.format(before=_HISTORY if closed is None else _CLOSED), values)
        numbers = cursor.fetchall()
        names = dict(Account.objects.filter(pk__in=[row[0] for row in numbers]).values_list("pk", "number"))
        found += [Difference("opening", names[row[0]], row[1], row[2]) for row in numbers]
        cursor.execute(_ACROSS, values)
        unlike = cursor.fetchall()
        addresses = dict(House.objects.filter(pk__in=[row[0] for row in unlike]).values_list("pk", "short_address"))
        found += [Difference("house", addresses[row[0]], row[1], row[2]) for row in unlike]
    return found


def _sums(prefix: str = "") -> str:
    return ", ".join(f"sum({prefix}{name})::bigint AS {name}" for name in SUMS)


_HOUSES = f"SELECT house_id, {_sums()} FROM month_account GROUP BY house_id ORDER BY house_id"

_CLOSED = """
    SELECT account.id AS account_id, account.closing AS minor
    FROM ledger_closedhouse AS house CROSS JOIN LATERAL unnest(house.accounts, house.closing) AS account(id, closing)
    WHERE house.closed_id = %(closed)s"""

_HISTORY = "\n    UNION ALL".join(
    f"""
    SELECT row.account_id, sum({sign}row.amount_minor) AS minor FROM ledger_{side} AS row
    JOIN ledger_entry AS posted ON posted.id = row.entry_id
    LEFT JOIN ledger_entry AS undone ON undone.id = row.reversed_by_id
    WHERE row.organisation_id = %(organisation)s AND posted.accounted_on < %(month)s
      AND (undone.id IS NULL OR undone.accounted_on >= %(month)s) GROUP BY 1"""
    for side, sign in (("bill", ""), ("payment", "-"))
)

_OPENINGS = """
WITH before AS (SELECT account_id, sum(minor)::bigint AS minor FROM ({before}
) AS row GROUP BY 1)
SELECT account_id, coalesce(before.minor, 0), coalesce(month.opening, 0)
FROM before FULL JOIN month_account AS month USING (account_id)
WHERE coalesce(before.minor, 0) <> coalesce(month.opening, 0) ORDER BY 1 LIMIT %(limit)s"""

_UNLIKE = " OR ".join(f"coalesce(account.{name}, 0) <> coalesce(line.{name}, 0)" for name in SUMS)

_ACROSS = f"""
SELECT house_id, coalesce(account.closing, 0), coalesce(line.closing, 0)
FROM (SELECT house_id, {_sums()} FROM month_account GROUP BY 1) AS account
FULL JOIN (SELECT house_id, {_sums()} FROM month_line GROUP BY 1) AS line USING (house_id)
WHERE {_UNLIKE} ORDER BY 1 LIMIT %(limit)s"""
