"""What can be asked of any country's law. Each country fills one pack; `countries.pack` hands it out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from okno.common.money import Currency
from okno.law.allocation import AllocationOrder, AllocationRules
from okno.law.calendar import WorkingCalendar
from okno.law.contact import ContactCaps, ContactHours, ContactRules, Family
from okno.law.court import CourtRules, FeeQuestion, Way, Who
from okno.law.dated import NotInForce, Parameter
from okno.law.due_days import DueDayQuestion, FirstNewBill
from okno.law.explained import Explained, gettext_noop
from okno.law.limitation import LimitationRules
from okno.law.penalty import PenaltyLaw


@dataclass(frozen=True, kw_only=True)
class CountryPack:
    """The law of one country, asked by day. Every answer carries its explanation."""

    country: str
    currency: Currency
    #: IANA names; the first is where most houses are. A house names its own.
    time_zones: tuple[str, ...]
    languages: tuple[str, ...]
    due_day_rule: Callable[[DueDayQuestion], Explained[date]]
    contact: ContactRules
    limitation: LimitationRules
    allocation: AllocationRules
    robot_consent: Parameter
    #: What late payment costs, see `okno.law.penalty`.
    penalty: PenaltyLaw
    court: CourtRules
    #: The floor of accumulative dues by area (m²) and month; None where the law has none.
    least_dues_rule: Callable[[Decimal, date], Explained[int]] | None = None
    #: The day of the month after the billed one by which the bill is delivered; None where the law names no day.
    bill_delivery: Parameter | None = None
    #: Whether a mass call must be labelled on the phone's screen; None where no such rule was found.
    robot_label: Parameter | None = None

    def due_day(
        self,
        month: date,
        *,
        regime: str = "housing",
        calendar: WorkingCalendar | None = None,
        contract_day: int | None = None,
        first_new_bill: FirstNewBill = "letter",
        shift_weekends: bool | None = None,
    ) -> Explained[date]:
        """The last day, inclusive, to pay the bill for `month` (any day in it), see `DueDayQuestion`.

        Raises `NotInForce` when nobody has entered what held then.
        """
        question = DueDayQuestion(
            month=month.replace(day=1),
            regime=regime,
            calendar=calendar or self.plain_calendar(),
            contract_day=contract_day,
            first_new_bill=first_new_bill,
            shift_weekends=shift_weekends,
        )
        return self.due_day_rule(question)

    def contact_hours(self, day: date, *, calendar: WorkingCalendar | None = None) -> Explained[ContactHours]:
        """When debtors may be contacted on `day`, in the house's own time zone. Raises `NotInForce`."""
        return self.contact.hours(day, calendar or self.plain_calendar())

    def contact_caps(self, day: date, family: Family) -> Explained[ContactCaps]:
        """How often a person may get contacts of this family, as of `day`. Raises `NotInForce`."""
        return self.contact.caps(day, family)

    def limitation_ends(self, due_on: date) -> Explained[date | None]:
        """The last day on which a debt due on `due_on` can be claimed; None: always. Raises `NotInForce`."""
        return self.limitation.ends(due_on)

    def is_time_barred(self, due_on: date, on_day: date) -> bool:
        """Whether on `on_day` the debt due on `due_on` is time-barred. Raises `NotInForce`."""
        return self.limitation.is_time_barred(due_on, on_day)

    def allocation_order(self, day: date) -> Explained[AllocationOrder]:
        """How a payment valued on `day` is set against debts. Raises `NotInForce`."""
        return self.allocation.order(day)

    def robot_call_needs_consent(self, day: date) -> Explained[bool]:
        """Whether a mass or automatic call, even an informational one, needs consent. Raises `NotInForce`."""
        value = self.robot_consent.at(day)
        why = (
            gettext_noop("Для автоматического звонка нужно согласие абонента.")
            if value.value
            else gettext_noop("Отдельного согласия на автоматический звонок не требуется.")
        )
        return Explained(value.value, (value.reading(why, since=day, until=day),))

    def robot_call_needs_label(self, day: date) -> Explained[bool]:
        """Whether a mass or automatic call must show who calls and why. Raises `NotInForce`."""
        if self.robot_label is None:
            return Explained(False, ())
        value = self.robot_label.at(day)
        why = (
            gettext_noop("Массовый звонок подписывает оператор связи: кто звонит и зачем. Нужен договор с ним.")
            if value.value
            else gettext_noop("Подписывать массовые звонки не требуется.")
        )
        return Explained(value.value, (value.reading(why, since=day, until=day),))

    def court_fee(self, claim_minor: int, day: date, *, way: Way = "claim", claimant: Who = "entity") -> Explained[int]:
        """What it costs, in minor units, to claim so much on `day`, or to ask for an order. Raises `NotInForce`."""
        return self.court.fee(FeeQuestion(claim_minor=claim_minor, day=day, way=way, claimant=claimant))

    def enforcement_fee(self, debt_minor: int, day: date, *, debtor: Who = "person") -> Explained[int]:
        """What the bailiff adds to an unpaid debt enforced on `day`, in minor units. Raises `NotInForce`."""
        if self.court.enforcement is None:
            name = f"{self.country}.court.enforcement_percent"
            raise NotInForce(name, "Исполнительский сбор", day, where=f"okno/law/{self.country}/court.yaml")
        return self.court.enforcement.fee(debt_minor, day, debtor)

    def first_court_day(self, due_on: date) -> Explained[date]:
        """The first day on which a debt due on `due_on` may go to a notary or a court. Raises `NotInForce`."""
        return self.court.first_day(due_on)

    def least_accumulative_dues(self, area_m2: Decimal, month: date) -> Explained[int]:
        """The floor of accumulative dues for the month, in minor units. Raises `NotInForce`."""
        if self.least_dues_rule is None:
            name = f"{self.country}.dues.least_accumulative_share"
            raise NotInForce(name, "Наименьший накопительный взнос", month, where=f"okno/law/{self.country}/dues.yaml")
        return self.least_dues_rule(area_m2, month)

    def plain_calendar(self) -> WorkingCalendar:
        """The country's working days without an organisation's own table of days."""
        return _plain_calendar(self.country)


@lru_cache(maxsize=8)
def _plain_calendar(country: str) -> WorkingCalendar:
    return WorkingCalendar(country)
