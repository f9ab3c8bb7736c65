"""Bills of a month put together from the ledger, many accounts at once. Nothing is counted here twice: the sums are the
ledger's, a page that does not foot is refused."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from okno.access.models import Organisation
from okno.access.working_days import calendar_of
from okno.exchange.paper.codes.unfit import UnfitForCode
from okno.exchange.paper.contents import (
    DoesNotFoot,
    DueNorm,
    Executor,
    MeterLine,
    OpenMonth,
    PaymentPart,
    PenaltyTold,
    PrintedBill,
    Recalculation,
    Received,
    ServiceLine,
    Texts,
    split,
)
from okno.exchange.paper.details import InForce
from okno.exchange.paper.flats import Dwelling, dwellings, meters
from okno.exchange.paper.models import PaymentDetails
from okno.exchange.paper.payment import Payment, payment_code, requisites
from okno.exchange.paper.penalties import penalties
from okno.exchange.paper.wording import Wording, wording
from okno.houses.models import House
from okno.law.calendar import WorkingCalendar
from okno.law.countries import pack
from okno.law.dated import NotInForce
from okno.law.penalty import Missing
from okno.ledger import account_month, billing
from okno.ledger.account_month import AccountMonth
from okno.ledger.models import Regime, Service

_REGIMES: tuple[str, ...] = tuple(Regime.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An account that gets no page, and why, in words that say what to do."""

    account_id: int
    why: str


class CannotPrint(Exception):
    """The account gets no page; the message says why."""


class Gatherer:
    """Bills of one month of one organisation as of a day; what is common to all is read once."""

    def __init__(self, organisation: Organisation, month: date, day: date) -> None:
        self.organisation, self.month, self.day = organisation, month, day
        self._missing: dict[str, Missing] = {}
        self._words = wording(organisation.country)
        self._details = InForce(organisation.pk, day)
        self._services = _services(organisation, self._words)
        self._calendar = calendar_of(organisation)
        self._norms: dict[tuple[int, str, date], DueNorm | None] = {}
        self._began_at = datetime.combine(month, time(), ZoneInfo(organisation.time_zone))

    @property
    def missing(self) -> list[str]:
        """Values of the law that penalties lacked so far, each once and for the first day it was wanted, in words."""
        return [gap.message for gap in self._missing.values()]

    @property
    def executor(self) -> Executor:
        return executor_of(self.organisation)

    def bills(self, accounts: Sequence[int]) -> list[PrintedBill | Refused]:
        """A bill or a refusal for each account, in their order."""
        months = account_month.read(accounts, self.month, self.day, began_at=self._began_at)
        homes = dwellings(self._words, accounts, self.day)
        told, missing = penalties(
            self.organisation, {account: months[account].penalties_minor for account in accounts}, self.day
        )
        for gap in missing:
            known = self._missing.setdefault(gap.name, gap)
            self._missing[gap.name] = min(known, gap, key=lambda one: one.day)
        lines = meters(self._words, [home.flat_id for home in homes.values()], self.day)
        found: list[PrintedBill | Refused] = []
        for account in accounts:
            home = homes[account]
            try:
                found.append(self._bill(months[account], home, told[account], lines.get(home.flat_id, ())))
            except CannotPrint as refusal:
                found.append(Refused(account_id=account, why=str(refusal)))
        return found

    def _bill(
        self, month: AccountMonth, home: Dwelling, penalty: PenaltyTold, lines: tuple[MeterLine, ...]
    ) -> PrintedBill:
        if not home.flat.address:
            raise CannotPrint(_("У дома не записан адрес: заполните его в карточке дома"))
        if not month.bills:
            raise CannotPrint(_("За этот месяц ничего не начислено"))
        due_on = min(bill.due_on for bill in month.bills)
        try:
            return PrintedBill(
                country=self.organisation.country,
                month=self.month,
                issued_on=self.day,
                executor=self.executor,
                flat=home.flat,
                opening_minor=month.opening_minor,
                lines=self._lines(month),
                recalculations=tuple(Recalculation(*change) for change in month.changes),
                penalty=penalty,
                received=tuple(Received(*money) for money in month.money),
                parts=self._parts(month, home, due_on),
                due_on=due_on,
                due_norm=self._norm(home, month.bills[0].regime, month.bills[0].due_on),
                open_months=_open_months(month, self.month),
                meters=lines,
            )
        except DoesNotFoot as error:
            raise CannotPrint(
                _("Суммы не сошлись (%(why)s): проверьте книгу — okno ledger verify") % {"why": error}
            ) from error
        except UnfitForCode as error:
            raise CannotPrint(_("QR-код не сделать: %(why)s") % {"why": error}) from error

    def _lines(self, month: AccountMonth) -> tuple[ServiceLine, ...]:
        """Lines of all regimes together, in the order of the organisation's services; unknown ones by their code."""
        sums: dict[str, int] = {}
        for bill in month.bills:
            for code, minor in bill.lines.items():
                sums[code] = sums.get(code, 0) + minor
        places = {code: place for place, code in enumerate(self._services)}
        codes = sorted(sums, key=lambda code: (places.get(code, len(places)), code))
        return tuple(ServiceLine(self._services.get(code, code), sums[code]) for code in codes)

    def _parts(self, month: AccountMonth, home: Dwelling, due_on: date) -> tuple[PaymentPart, ...]:
        """What is to be paid to each payee; one code each."""
        open_by: dict[str, int] = {bill.regime: 0 for bill in month.bills}
        penalty_by: dict[str, int] = {}
        for row in month.still_open:
            open_by[row.regime] = open_by.get(row.regime, 0) + row.minor
            penalty_by[row.regime] = penalty_by.get(row.regime, 0) + row.penalty_minor
        regimes = [regime for regime in _REGIMES if regime in open_by]
        groups = self._details.groups(home.house.pk, regimes)
        shares = split(month.closing_minor, [sum(open_by[regime] for regime in of) for _details, of in groups])
        due = {bill.regime: bill.due_on for bill in month.bills}
        return tuple(
            self._part(
                home,
                details,
                of,
                minor=minor,
                penalty_minor=min(minor, sum(penalty_by.get(regime, 0) for regime in of)),
                due_on=min((due[regime] for regime in of if regime in due), default=due_on),
            )
            for (details, of), minor in zip(groups, shares, strict=True)
            if minor > 0
        )

    def _part(
        self,
        home: Dwelling,
        details: PaymentDetails | None,
        regimes: list[str],
        *,
        minor: int,
        penalty_minor: int,
        due_on: date,
    ) -> PaymentPart:
        if details is None:
            raise CannotPrint(_("Некуда платить: внесите реквизиты в «Правила → Реквизиты»"))
        number = home.flat.account
        purpose = self._words.for_month("purpose", self.month, account=number)[0]
        payment = Payment(account=number, month=self.month, minor=minor, penalty_minor=penalty_minor, purpose=purpose)
        return PaymentPart(
            minor=minor,
            payee=details.payee,
            details=requisites(details, self.organisation.country, purpose),
            due_on=due_on,
            code=payment_code(details, payment),
            covers=_covers(self._words.languages, [self._words.say(f"regime_{regime}") for regime in regimes]),
        )

    def _norm(self, home: Dwelling, regime: str, due_on: date) -> DueNorm | None:
        key = (home.house.pk, regime, due_on)
        if key not in self._norms:
            self._norms[key] = due_norm(self.organisation, home.house, self.month, regime, due_on, self._calendar)
        return self._norms[key]


def executor_of(organisation: Organisation) -> Executor:
    """The organisation as its papers name it."""
    return Executor(
        name=organisation.name,
        tax_number=organisation.tax_number,
        phone=organisation.residents_phone,
        email=organisation.residents_email,
    )


def due_norm(
    organisation: Organisation, house: House, month: date, regime: str, due_on: date, calendar: WorkingCalendar
) -> DueNorm | None:
    """Why the day is what it is; None where the day came with a file and the law would have named another."""
    try:
        told = billing.due_on(organisation, house, month, regime, calendar=calendar)
    except NotInForce:
        return None
    if told.value != due_on:
        return None
    first = told.rows[0]
    words = wording(organisation.country)
    norm = words.say("due_policy") if first.basis == "policy" else (first.norm,)
    delivery = pack(organisation.country).bill_delivery
    by = delivery.at(due_on) if delivery else None
    return DueNorm(
        norm=norm,
        verified=first.verified or first.basis == "policy",
        delivery_day=by.value if by else None,
        delivery_norm=by.source if by else "",
    )


def _open_months(month: AccountMonth, billed: date) -> tuple[OpenMonth, ...]:
    """Months before the billed one that are not paid."""
    sums: dict[date, int] = {}
    for row in month.still_open:
        if row.month < billed:
            sums[row.month] = sums.get(row.month, 0) + row.minor
    return tuple(OpenMonth(*row) for row in sorted(sums.items()))


def _covers(languages: Sequence[str], regimes: Iterable[Texts]) -> Texts:
    told = list(regimes)
    return tuple(", ".join(texts[place] for texts in told) for place in range(len(languages)))


def _services(organisation: Organisation, words: Wording) -> dict[str, str]:
    rows = Service.objects.filter(organisation=organisation).order_by("order", "code")
    return {code: words.service(code, name) for code, name in rows.values_list("code", "name")}
