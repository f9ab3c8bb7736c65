"""Shorthand of the outreach tests: people who owe, a campaign about it, and the gate at a moment of choice."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from okno.access.actor import process
from okno.access.models import Organisation
from okno.debts import cycle
from okno.debts.models import Case
from okno.ledger import feeds
from okno.ledger.models import Account
from okno.outreach import gate, planning
from okno.outreach.gate import Decision
from okno.outreach.models import Campaign, Contact, Permit, Template
from okno.outreach.templates import install_defaults
from okno.people.models import EmailAddress, Occupancy, Person, Phone
from tests.ledger.book import Book, bill, pay


@dataclass
class Town(Book):
    """A house whose every account owes 3,000 roubles since the spring; each owner has a phone and a mailbox."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @classmethod
    def owing(cls, organisation: Organisation, now: datetime, accounts: int = 3) -> "Town":
        town = cls.begin(organisation, accounts)
        town.now = now
        install_defaults(organisation, process(organisation, "test"))
        town.settle(town.accounts)
        return town

    def settle(self, accounts: Sequence[int]) -> None:
        """Owners and debts for these accounts, the cases open, the payment data fresh."""
        for account in accounts:
            self.resident(account)
        self.post(*(bill(account, "2026-03", 3_000_00) for account in accounts))
        cycle.run(self.organisation, self.now.date(), self.now)
        self.feed(self.now)

    def feed(self, covers_until: datetime, name: str = "Банк") -> None:
        feeds.received(self.organisation, name, covers_until, covers_until)

    def resident(self, account: int, role: str = "owner", *, phone: str = "", email: str = "", **more) -> Person:
        person = Person.objects.create(
            organisation=self.organisation,
            full_name=f"Жильцов {role} {account}",
            surname="Жильцов",
            first_name="Пётр",
            patronymic="Ильич",
            search_text="жильцов",
            **more,
        )
        flat = Account.objects.get(pk=account).flat
        Occupancy.objects.create(organisation=self.organisation, person=person, flat=flat, role=role)
        number = phone or f"+7901{person.pk:05}77"
        Phone.objects.create(organisation=self.organisation, person=person, number=number)
        address = email or f"flat{person.pk}@example.org"
        EmailAddress.objects.create(organisation=self.organisation, person=person, address=address)
        return person

    def owner(self, account: int) -> Person:
        return Person.objects.get(occupancies__flat__accounts=account, occupancies__role="owner")

    def case(self, account: int) -> Case:
        return Case.objects.get(account=account)

    def campaign(self, *channels: str, state: str = "running", name: str = "Осень", **more) -> Campaign:
        campaign = Campaign.objects.create(
            organisation=self.organisation,
            name=name,
            cause="debt",
            channels=list(channels or ("sms",)),
            state=state,
            created_at=self.now,
            **more,
        )
        campaign.templates.set(Template.objects.filter(organisation=self.organisation))
        return campaign

    def planned(self, *channels: str, **more) -> Campaign:
        """A running campaign with its contacts written."""
        campaign = self.campaign(*channels, **more)
        planning.plan(campaign, self.now.date(), self.now)
        return campaign

    def decide(self, contacts: Sequence[Contact] | None = None, *, now: datetime | None = None) -> list[Decision]:
        rows = Contact.objects.filter(state="waiting").order_by("id") if contacts is None else contacts
        return gate.decide(self.organisation.pk, [row.pk for row in rows], now or self.now)

    def reasons(self, account: int, *, now: datetime | None = None) -> list[str]:
        """What the gate says about the account's contact now; an empty list when it is allowed."""
        (contact,) = Contact.objects.filter(account=account)
        (decision,) = self.decide([contact], now=now)
        assert decision.outcome != "busy"
        return list(decision.reasons)

    def pay_all(self, account: int) -> None:
        self.post(pay(account, self.now.date().isoformat(), 3_000_00), kind="payments")


def contact_of(account: int) -> Contact:
    return Contact.objects.get(account=account)


def permit_of(account: int) -> Permit:
    return Permit.objects.filter(account=account).order_by("-id")[0]


def check_of(permit: Permit, code: str) -> dict:
    (check,) = [one for one in permit.checks if one["code"] == code]
    return check
