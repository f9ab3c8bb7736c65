"""A street of two houses with people, bills, payments, debts and contacts: what the screens are tried on."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count

from okno.access.actor import Actor
from okno.access.models import Organisation
from okno.common.addresses import match_key, parse, short
from okno.common.days import add_months
from okno.common.folding import fold
from okno.common.names import split_name
from okno.common.sorting import sort_key
from okno.debts import cycle
from okno.houses.models import Entrance, Flat, House, Meter
from okno.ledger import feeds, posting, services
from okno.ledger.accounts import NewAccount, open_accounts
from okno.ledger.billing import due_on
from okno.ledger.models import Account
from okno.ledger.rows import NewBill, NewPayment
from okno.outreach import gate, planning, steering, templates
from okno.outreach.models import Campaign, Contact
from okno.people.models import Consent, EmailAddress, Occupancy, Person, Phone

_keys = count(1)

PEOPLE = (
    "Иванова Мария Петровна",
    "Семёнов Пётр Ильич",
    "Ким Алексей Викторович",
    "Сейткали Әлия Қайратқызы",
    "Ґалаґан Юрій Іванович",
    "Петренко Оксана Сергіївна",
    "Соколов Дмитрий Николаевич",
    "Орлова Вера Андреевна",
    "Гусева Анна Павловна",
    "Мамедов Али Гасан оглы",
    "Лебедев Игорь Олегович",
    "Фёдорова Нина Юрьевна",
)


@dataclass
class Street:
    """Accounts by flat number of the first house; the day is the one the tests live in."""

    organisation: Organisation
    day: date
    house: House
    second: House
    accounts: dict[str, Account] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)

    @property
    def noon(self) -> datetime:
        """Noon of the day in Moscow."""
        return datetime.combine(self.day, time(9), UTC)

    def bill(self, number: str, month: date, minor: int, *, regime: str = "housing") -> None:
        """Charge an account for a month; the due day is the law's."""
        self._charge([number], month, minor, regime)

    def charge_all(self, month: date, minor: int) -> None:
        """Charge every account for a month at once, as a file does."""
        self._charge(list(self.accounts), month, minor, "housing")

    def _charge(self, numbers: list[str], month: date, minor: int, regime: str) -> None:
        heating = minor * 2 // 5
        housing = {"maintenance": minor - heating, "heating": heating}
        lines = {"capital_repair": minor} if regime == "capital_repair" else housing
        due = due_on(self.organisation, self.house, month, regime).value
        posting.post(
            organisation=self.organisation,
            key=f"bill:{next(_keys)}",
            kind="bills",
            reason=f"Начисления за {month:%m.%Y}",
            bills=[NewBill(self.accounts[number].pk, "month", regime, month, due, minor, lines) for number in numbers],
        )

    def pay_all(self, numbers: list[str], on: date, minor: int) -> None:
        """A day's register of the bank: each of these brings so much."""
        posting.post(
            organisation=self.organisation,
            key=f"register:{next(_keys)}",
            kind="payments",
            reason="Реестр банка",
            payments=[
                NewPayment(
                    self.accounts[number].pk,
                    "payment",
                    on,
                    minor,
                    f"bank:{next(_keys)}",
                    purpose="Оплата ЖКУ",
                    payer="Плательщик",
                )
                for number in numbers
            ],
        )

    def pay(self, number: str, on: date, minor: int, *, purpose: str = "Оплата ЖКУ", payer: str = "") -> int:
        """Bring money; returns the payment's key."""
        key = f"bank:{next(_keys)}:{number}:{on}"
        posted = posting.post(
            organisation=self.organisation,
            key=key,
            kind="payments",
            reason="Реестр банка",
            payments=[
                NewPayment(
                    self.accounts[number].pk, "payment", on, minor, key, purpose=purpose, payer=payer or "Плательщик"
                )
            ],
        )
        return posted.payment_ids[key]

    def remind(self, channels: tuple[str, ...] = ("sms",)) -> Campaign:
        """Plan reminders of the debts and leave them waiting."""
        actor = Actor(organisation=self.organisation, user=None, membership=None, name="Проверка")
        kept = templates.install_defaults(self.organisation, actor)
        campaign = Campaign.objects.create(
            organisation=self.organisation,
            name="Напоминание",
            cause="debt",
            channels=list(channels),
            created_at=self.noon,
        )
        campaign.templates.set([one for one in kept if one.channel in channels])
        planning.plan(campaign, self.day, self.noon)
        steering.start(campaign, actor, "проверка", now=self.noon - timedelta(hours=1))
        return campaign

    def ask_the_gate(self, now: datetime | None = None) -> None:
        """Let the gate decide about everything that waits."""
        ids = list(Contact.objects.filter(organisation=self.organisation, state="waiting").values_list("pk", flat=True))
        gate.decide(self.organisation.pk, ids, now or self.noon)


def build(organisation: Organisation, day: date, *, months: int = 6, prefix: str = "401") -> Street:
    """Twelve flats in two entrances of Ленина, 5 and two flats of Садовая, 8.

    Flats 1, 2 owe for three months, 3 for one, 4 overpaid, 5 is a company, 6 is closed; the rest pay in time.
    """
    services.install_defaults(organisation)
    street = Street(
        organisation,
        day,
        _house(organisation, "г. Мурманск, ул. Ленина, д. 5"),
        _house(organisation, "г. Мурманск, ул. Садовая, д. 8"),
    )
    _settle(street, prefix)
    first = add_months(day.replace(day=1), -months)
    for step in range(months):
        month = add_months(first, step)
        amount = 431_250 + 1_000 * step
        street.charge_all(month, amount)
        on = add_months(month, 1).replace(day=9 if step % 3 else 27)
        street.pay_all([number for number in street.accounts if not _owes(number, months - step)], on, amount)
    street.bill("1", add_months(first, months - 1), 60_000, regime="capital_repair")
    street.pay("4", day - timedelta(days=3), 150_000, purpose="Аванс")
    feeds.received(organisation, "Банк", street.noon, street.noon)
    cycle.run(organisation, day, street.noon)
    return street


def _owes(number: str, months_ago: int) -> bool:
    return {"1": months_ago <= 4, "2": months_ago <= 4, "3": months_ago <= 2}.get(number, months_ago == 1)


def _house(organisation: Organisation, address: str) -> House:
    parsed = parse(address)
    return House.objects.create(
        organisation=organisation,
        address=address,
        short_address=short(parsed),
        match_key=match_key(parsed),
        search_text=fold(address),
        sort_key=sort_key(short(parsed), "ru"),
        time_zone=organisation.time_zone,
        floors=3,
        declared_flats=12,
        memo="Код подъезда 1: 25К. Ключ от подвала у старшей по дому, кв. 3.",
    )


def _settle(street: Street, prefix: str) -> None:
    organisation, rows = street.organisation, []
    entrances = [Entrance.objects.create(house=street.house, number=number) for number in (1, 2)]
    for index in range(12):
        flat = _flat(street, street.house, str(index + 1), entrances[index // 6], index % 6 // 2 + 1)
        rows.append((str(index + 1), flat, PEOPLE[index]))
    rows.append(("8-1", _flat(street, street.second, "1", None, None), "Одиноков Семён"))
    rows.append(("8-2", _flat(street, street.second, "2", None, None), "Двоева Ирина"))
    ids = open_accounts(
        organisation,
        [
            NewAccount(number=f"{prefix}{place:05}", flat_id=flat.pk, opened_on=date(2015, 3, 1))
            for place, (_number, flat, _name) in enumerate(rows, start=1)
        ],
    )
    accounts = {row.pk: row for row in Account.objects.filter(pk__in=ids.values()).select_related("flat__house")}
    for place, (number, flat, name) in enumerate(rows, start=1):
        street.accounts[number] = accounts[ids[f"{prefix}{place:05}"]]
        street.people[number] = _person(street, flat, name, f"+7912345{place:04}")
    Person.objects.filter(pk=street.people["5"].pk).update(
        is_company=True, full_name="ООО «Ромашка»", search_text="ооо ромашка"
    )
    Account.objects.filter(pk=street.accounts["6"].pk).update(closed_on=street.day - timedelta(days=40))


def _flat(street: Street, house: House, number: str, entrance: Entrance | None, floor: int | None) -> Flat:
    flat = Flat.objects.create(
        organisation=street.organisation,
        house=house,
        entrance=entrance,
        number=number,
        number_order=int(number),
        floor=floor,
        area=54.2,
        residents=2,
    )
    Meter.objects.create(
        organisation=street.organisation,
        flat=flat,
        kind="cold_water",
        number=f"СГВ-{house.pk}-{number}",
        installed_on=date(2020, 5, 1),
        next_verification_on=street.day + timedelta(days=20 if number == "1" else 900),
    )
    return flat


def _person(street: Street, flat: Flat, name: str, phone: str) -> Person:
    told = split_name(name)
    person = Person.objects.create(
        organisation=street.organisation,
        full_name=name,
        surname=told.surname,
        first_name=told.first,
        patronymic=told.patronymic,
        search_text=fold(name),
        language="ru",
    )
    Phone.objects.create(organisation=street.organisation, person=person, number=phone)
    EmailAddress.objects.create(organisation=street.organisation, person=person, address=f"flat{flat.pk}@example.org")
    Consent.objects.create(
        organisation=street.organisation,
        person=person,
        channel="sms",
        given=True,
        on=date(2024, 4, 2),
        source="Анкета собственника",
    )
    Occupancy.objects.create(
        organisation=street.organisation, person=person, flat=flat, role="owner", since=date(2016, 1, 1), share="1"
    )
    return person
