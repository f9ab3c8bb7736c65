"""Why people are called besides a debt: readings, a rating of work, a visit, an announcement, and a promised payment.

The services ask only whether they are still needed: the reading has come, the work was rated, the request was closed.
One flat is called once, whatever number of accounts it has. A promise speaks of a debt and is one to the gate.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import F, Min, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.access.models import Organisation
from okno.debts.cases import CAUSE as DEBT
from okno.debts.holding import PROMISES
from okno.debts.models import Promise, PromiseState
from okno.houses.models import Meter, MeterReading
from okno.ledger.models import Account
from okno.outreach import causes
from okno.outreach.causes import Owed
from okno.outreach.facts import Cursor
from okno.people.entitlement import AT_HOME, ENTITLED
from okno.requests.models import Request, RequestState

READINGS, RATING, VISIT, ANNOUNCEMENT = "readings", "rating", "visit", "announcement"
REQUEST_VISIT, PROMISE = "request_visit", "promise"

OPEN = (RequestState.NEW, RequestState.TAKEN, RequestState.REOPENED)
DONE = (RequestState.DONE, RequestState.CLOSED)


class UnknownFilter(ValueError):
    """A campaign asks for an audience by something that the cause does not know."""


class _Service:
    """What the causes that are no debt have in common: nothing rests them, and the ledger says nothing of them."""

    name = ""
    title: Any = ""
    filters: frozenset[str] = frozenset()
    speaks_of_debt = False
    hears = AT_HOME
    passes_holds: frozenset[str] = frozenset()

    def owed(self, cursor: Cursor, *, organisation_id: int, cause_ids: Sequence[int], day: date) -> dict[int, Owed]:
        return {
            case: Owed(cause_id=case, account_id=account, owed=True, debt_minor=0)
            for case, account in self.needed(organisation_id, cause_ids, day)
        }

    def needed(self, organisation_id: int, ids: Sequence[int], day: date) -> Sequence[tuple[int, int]]:
        """(case, account) of those among `ids` that are still needed on `day`."""
        raise NotImplementedError

    def pauses(
        self, cursor: Cursor, *, organisation_id: int, cause_ids: Sequence[int], day: date
    ) -> dict[int, tuple[str, str]]:
        return {}

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
        """A service is not read from the ledger: what was needed then is taken as it was."""
        return Owed(cause_id=cause_id, account_id=account_id, owed=True, debt_minor=0)

    def check(self, told: Mapping[str, Any]) -> None:
        unknown = set(told) - self.filters
        if unknown:
            raise UnknownFilter(_("Отбор не знает: %(names)s") % {"names": ", ".join(sorted(unknown))})


class _OfAccounts(_Service):
    """Something for whole flats; the case is the account. `filter` may hold houses and accounts (ids: these and no
    others); nothing in it means every flat."""

    filters = frozenset({"houses", "accounts"})

    def audience(self, *, organisation: Organisation, filter: Mapping[str, Any], day: date) -> list[tuple[int, int]]:
        """One account a flat, by house and flat. Raises UnknownFilter."""
        self.check(filter)
        accounts = Account.objects.filter(organisation=organisation, closed_on=None)
        if filter.get("houses") is not None:
            accounts = accounts.filter(flat__house_id__in=filter["houses"])
        if filter.get("accounts") is not None:
            accounts = accounts.filter(pk__in=filter["accounts"])
        firsts = self.narrow(accounts, day).values("flat").annotate(first=Min("pk"))
        rows = firsts.order_by("flat__house__sort_key", "flat__number_order", "flat")
        return [(pk, pk) for pk in rows.values_list("first", flat=True)]

    def narrow(self, accounts: QuerySet[Account], day: date) -> QuerySet[Account]:
        return accounts

    def needed(self, organisation_id: int, ids: Sequence[int], day: date) -> list[tuple[int, int]]:
        accounts = Account.objects.filter(organisation_id=organisation_id, closed_on=None, pk__in=ids)
        return [(pk, pk) for pk in self.narrow(accounts, day).values_list("pk", flat=True)]


class Readings(_OfAccounts):
    """Flats with a meter that does not report by itself and has shown nothing in the month of the day."""

    name = READINGS
    title = gettext_lazy("Показания счётчиков")

    def narrow(self, accounts: QuerySet[Account], day: date) -> QuerySet[Account]:
        told = MeterReading.objects.filter(taken_on__gte=day.replace(day=1), taken_on__lte=day)
        silent = Meter.objects.filter(removed_on=None, automatic=False).exclude(pk__in=told.values("meter"))
        return accounts.filter(flat__in=silent.values("flat"))


class Announcement(_OfAccounts):
    """Something everybody in these houses should know."""

    name = ANNOUNCEMENT
    title = gettext_lazy("Объявление")


class Visit(_OfAccounts):
    """Somebody comes to these flats on a day."""

    name = VISIT
    title = gettext_lazy("Предупреждение о визите")


class _OfRequests(_Service):
    """Something about a request; the case is the request. `filter` may hold requests and houses (ids), and since (an
    ISO day, inclusive)."""

    filters = frozenset({"houses", "requests", "since"})
    moment = "created_at"

    def audience(self, *, organisation: Organisation, filter: Mapping[str, Any], day: date) -> list[tuple[int, int]]:
        """Requests with an account, the oldest first. Raises UnknownFilter."""
        self.check(filter)
        rows = self.rows().filter(organisation=organisation)
        if filter.get("requests") is not None:
            rows = rows.filter(pk__in=filter["requests"])
        if filter.get("houses") is not None:
            rows = rows.filter(house_id__in=filter["houses"])
        if filter.get("since"):
            rows = rows.filter(**{f"{self.moment}__date__gte": filter["since"]})
        return self.pairs(rows.order_by(self.moment, "pk"))

    def needed(self, organisation_id: int, ids: Sequence[int], day: date) -> list[tuple[int, int]]:
        return self.pairs(self.rows().filter(organisation_id=organisation_id, pk__in=ids))

    def rows(self) -> QuerySet[Request]:
        raise NotImplementedError

    def pairs(self, rows: QuerySet[Request]) -> list[tuple[int, int]]:
        """A request that names only its flat speaks through the flat's first account; one without both through none."""
        found = rows.annotate(of_flat=Min("flat__accounts", filter=Q(flat__accounts__closed_on=None)))
        return [
            (pk, account or of_flat)
            for pk, account, of_flat in found.values_list("pk", F("account_id"), "of_flat")
            if account or of_flat
        ]


class RatingOfWork(_OfRequests):
    """Work that was done and that nobody has rated."""

    name = RATING
    title = gettext_lazy("Оценка работы")
    moment = "done_at"

    def rows(self) -> QuerySet[Request]:
        return Request.objects.filter(state__in=DONE, rating=None)


class VisitByRequest(_OfRequests):
    """Somebody comes because of an open request."""

    name = REQUEST_VISIT
    title = gettext_lazy("Визит по заявке")

    def rows(self) -> QuerySet[Request]:
        return Request.objects.filter(state__in=OPEN)


class PromiseCause:
    """The day of a promise: owed while it is open and its debt is owed. The pause that it makes does not bind it."""

    name = PROMISE
    title = gettext_lazy("Обещанный платёж")
    speaks_of_debt = True
    hears = ENTITLED
    passes_holds = frozenset({PROMISES})

    def owed(self, cursor: Cursor, *, organisation_id: int, cause_ids: Sequence[int], day: date) -> dict[int, Owed]:
        """The promises that are open on their day, with the debt of their case."""
        rows = Promise.objects.filter(
            pk__in=cause_ids, organisation_id=organisation_id, state=PromiseState.OPEN, on=day, case__isnull=False
        ).values_list("pk", "case_id", "account_id", "minor")
        debts = causes.get(DEBT).owed(
            cursor, organisation_id=organisation_id, cause_ids=[case for _pk, case, _account, _minor in rows], day=day
        )
        return {
            pk: _of_promise(pk, account, debts[case], {"promise": pk, "promised_minor": minor})
            for pk, case, account, minor in rows
            if case in debts
        }

    def pauses(
        self, cursor: Cursor, *, organisation_id: int, cause_ids: Sequence[int], day: date
    ) -> dict[int, tuple[str, str]]:
        return {}

    def audience(self, *, organisation: Organisation, filter: Mapping[str, Any], day: date) -> list[tuple[int, int]]:
        """The open promises of the day that were made before it. Raises UnknownFilter for any condition."""
        if filter:
            raise UnknownFilter(_("Отбор не знает: %(names)s") % {"names": ", ".join(sorted(filter))})
        rows = Promise.objects.filter(
            organisation=organisation, state=PromiseState.OPEN, on=day, case__isnull=False
        ).order_by("pk")
        return list(rows.values_list("pk", "account_id"))

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
        """The debt of its account as it stood at that version."""
        debt = causes.get(DEBT).owed_at_version(
            cursor,
            organisation_id=organisation_id,
            cause_id=cause_id,
            account_id=account_id,
            account_version=account_version,
            day=day,
        )
        return _of_promise(cause_id, account_id, debt, {"promise": cause_id})


def _of_promise(promise: int, account: int, debt: Owed, why: Mapping[str, Any]) -> Owed:
    return Owed(
        cause_id=promise,
        account_id=account,
        owed=debt.owed,
        debt_minor=debt.debt_minor,
        why={**debt.why, **why},
        values=debt.values,
    )


ALL = (Readings(), RatingOfWork(), Visit(), VisitByRequest(), Announcement(), PromiseCause())
"""Every cause of this room."""
