"""The cause "debt": answers the gate "is this still owed?" from the open bills, and says whom a campaign is for."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from okno.access.models import Organisation
from okno.debts import plan
from okno.debts.ageing import Cursor, Debt, Yardstick, debt_of, debts_of
from okno.debts.cases import CAUSE
from okno.debts.definition import on_day_of
from okno.debts.models import Case, CaseState
from okno.law.contact import FAMILIES
from okno.ledger.ages import AGES
from okno.ledger.history import open_bills_at
from okno.outreach.causes import Owed
from okno.people.entitlement import ENTITLED

FILTERS = frozenset({"least_minor", "months", "ages", "houses", "cases", "plan"})


class UnknownFilter(ValueError):
    """A campaign asks for an audience by something that debts do not know."""


class DebtCause:
    """A reminder of a debt: owed while the case is open and the open bills still meet the definition."""

    name = CAUSE
    title = _("Долг")
    speaks_of_debt = True
    hears = ENTITLED
    passes_holds: frozenset[str] = frozenset()

    def owed(self, cursor: Cursor, *, organisation_id: int, cause_ids: Sequence[int], day: date) -> dict[int, Owed]:
        """Every case of the organisation among `cause_ids`, counted from the open bills of this moment."""
        cursor.execute(
            "SELECT id, account_id, state FROM debts_case WHERE id = ANY(%s) AND organisation_id = %s",
            (list(cause_ids), organisation_id),
            prepare=True,
        )
        cases = cursor.fetchall()
        if not cases:
            return {}
        by = on_day_of(cursor, organisation_id, day)
        debts = debts_of(cursor, [account for _case, account, _state in cases], by)
        return {
            case: _answer(case, debts.get(account) or Debt(account), by, is_open=state == CaseState.OPEN)
            for case, account, state in cases
        }

    def pauses(
        self, cursor: Cursor, *, organisation_id: int, cause_ids: Sequence[int], day: date
    ) -> dict[int, tuple[str, str]]:
        """Nothing rests a debt yet."""
        return {}

    def audience(self, *, organisation: Organisation, filter: Mapping[str, Any], day: date) -> list[tuple[int, int]]:
        """Open cases, the largest first. `filter` may hold least_minor, months (at least so many owed), ages (names
        out of `ages.AGES`: something owed of any of them), houses (ids: these and no others), cases
        (exactly these while they are open), plan (a family of channels: only those whose step asks for a contact of it
        on the day, see `okno.debts.plan`). As counted by the last cycle or posting.

        Raises UnknownFilter.
        """
        unknown = set(filter) - FILTERS
        if unknown:
            raise UnknownFilter(f"Отбор должников не знает: {', '.join(sorted(unknown))}")
        cases = Case.objects.filter(organisation=organisation, state=CaseState.OPEN)
        if filter.get("plan"):
            if filter["plan"] not in FAMILIES:
                raise UnknownFilter(f"Нет такого способа связи: {filter['plan']}")
            cases = plan.asked(organisation, day, filter["plan"])
        if filter.get("least_minor"):
            cases = cases.filter(debt_minor__gte=filter["least_minor"])
        if filter.get("months"):
            cases = cases.filter(months_owed__gte=filter["months"])
        if filter.get("houses") is not None:
            cases = cases.filter(account__flat__house_id__in=filter["houses"])
        if "cases" in filter:
            cases = cases.filter(pk__in=filter["cases"])
        if filter.get("ages"):
            cases = cases.filter(_of_ages(filter["ages"]))
        return list(cases.order_by("-debt_minor", "id").values_list("id", "account_id"))

    def owed_at_version(
        self,
        cursor: Cursor,
        *,
        organisation_id: int,
        cause_id: int,
        account_id: int,
        account_version: int,
        day: date,
    ) -> Owed:
        """The answer from the account as it stood at that version, under the definition of that day."""
        bills = open_bills_at(cursor, {account_id: account_version})[account_id]
        by = on_day_of(cursor, organisation_id, day)
        return _answer(cause_id, debt_of(account_id, bills, by), by, is_open=True)


def _of_ages(names: Sequence[str]) -> Q:
    wanted = Q()
    for name in names:
        if name not in AGES:
            raise UnknownFilter(f"Нет такого возраста долга: {name}")
        wanted |= Q(**{f"{name}_minor__gt": 0})
    return wanted


def _answer(case: int, debt: Debt, by: Yardstick, *, is_open: bool) -> Owed:
    since = debt.overdue_since.isoformat() if debt.overdue_since else ""
    return Owed(
        cause_id=case,
        account_id=debt.account_id,
        owed=is_open and by.met_by(debt.debt_minor),
        debt_minor=debt.debt_minor,
        why={
            "case_open": is_open,
            "definition": by.definition_id,
            "least_minor": by.least_minor,
            "bills": debt.bills,
            "months_owed": debt.months_owed,
            "overdue_since": since,
            "barred_minor": debt.barred_minor,
        },
        values={"debt_minor": debt.debt_minor, "months_owed": debt.months_owed, "overdue_since": since},
    )
