"""Everything that was done about an account's debt, told to the resident in plain words: the right to know."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from operator import attrgetter

from django.utils.translation import gettext as _

from okno.channels.base import Word
from okno.common import phones
from okno.debts.models import Case
from okno.debts.words import closed_in_words
from okno.ledger.models import Account, Payment
from okno.outreach.facts import CALLS
from okno.outreach.models import Contact, ContactState, Message, Permit
from okno.outreach.words import reason
from okno.people.models import Channel, Person
from okno.web.parts import words

MOST = 200
"""Of each sort; a page of years is not read."""

_NO_THREAT = frozenset(
    {"hours", "own_hours", "campaign_hours", "cap_person", "cap_account", "campaign", "feed_stale", "busy", "in_call"}
)
"""Postponements: the same reminder was asked about again, so the resident is told of what came of it only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that was done: when, in plain words, and the words that were sent."""

    at: datetime
    icon: str
    title: str
    said: str = ""
    note: str = ""
    tone: str = "idle"
    amount_minor: int | None = None


def steps(account: Account, person: Person, *, since: date | None) -> list[Step]:
    """Newest first. Words that went to other people of the flat are not shown, only that they were reminded.

    `since` hides what was done before this person had anything to do with the flat.
    """
    told = [*_messages(account, person), *_not_sent(account, person), *_cases(account), *_payments(account)]
    first = datetime.combine(since, time(), UTC) if since else None
    return sorted((step for step in told if first is None or step.at >= first), key=attrgetter("at"), reverse=True)


def _messages(account: Account, person: Person) -> Iterator[Step]:
    rows = Message.objects.filter(contact__account=account).select_related("contact").order_by("-claimed_at")[:MOST]
    for row in rows:
        channel = str(Channel(row.channel).label)
        at = row.sent_at or row.contact.changed_at
        if row.contact.person_id != person.pk:
            yield Step(at=at, icon="send", title=_("Напомнили другому собственнику или плательщику: %s") % channel)
            continue
        if row.channel in CALLS:
            yield _call(row, at, channel)
            continue
        yield Step(
            at=at,
            icon="mail" if row.channel == Channel.EMAIL else "smartphone",
            title=_("Вам напомнили о долге: %(channel)s, %(address)s")
            % {"channel": channel, "address": _address(row.address)},
            said=f"{row.subject}\n{row.text}" if row.subject else row.text,
            note=reason(row.word).capitalize() if row.word else "",
        )


def _call(row: Message, at: datetime, channel: str) -> Step:
    """A call is not delivered as a letter is: somebody answered it, or nobody did."""
    told = _("Вам звонили о долге: %(channel)s, %(address)s") % {"channel": channel, "address": _address(row.address)}
    note = _("дозвонились") if row.word == Word.DELIVERED else reason(row.word) if row.word else ""
    return Step(at=at, icon="phone", title=told, note=note.capitalize())


def _address(address: str) -> str:
    return phones.pretty(address) if address.startswith("+") else address


def _not_sent(account: Account, person: Person) -> Iterator[Step]:
    refused = Permit.objects.filter(contact__account=account, contact__person=person, allowed=False)
    for permit in refused.select_related("contact").order_by("-decided_at")[:MOST]:
        if permit.contact.state != ContactState.REFUSED or _NO_THREAT.issuperset(permit.reasons):
            continue
        yield Step(
            at=permit.decided_at,
            icon="ban",
            title=_("Напоминание не отправили: %(channel)s") % {"channel": Channel(permit.contact.channel).label},
            note=", ".join(reason(code) for code in permit.reasons).capitalize(),
        )
    withdrawn = Contact.objects.filter(account=account, person=person, state=ContactState.WITHDRAWN)
    for contact in withdrawn.order_by("-changed_at")[:MOST]:
        yield Step(
            at=contact.changed_at,
            icon="undo-2",
            title=_("Напоминание отозвали, оно не ушло: %(channel)s") % {"channel": Channel(contact.channel).label},
            note=reason(contact.state_why).capitalize(),
            tone="good",
        )


def _cases(account: Account) -> Iterator[Step]:
    for case in Case.objects.filter(account=account).order_by("-opened_at")[:MOST]:
        yield Step(
            at=case.opened_at,
            icon="calendar-clock",
            title=_("Прошёл срок оплаты: появился просроченный долг"),
            tone="warn",
            amount_minor=case.opened_why.get("debt_minor"),
        )
        if case.closed_at and case.closed_why:
            why = closed_in_words(case.closed_why)
            yield Step(
                at=case.closed_at,
                icon="circle-check",
                title=_("Просроченного долга больше нет"),
                note=why.capitalize(),
                tone="good",
            )


def _payments(account: Account) -> Iterable[Step]:
    rows = Payment.objects.filter(account=account, reversed_by=None).order_by("-value_on", "-pk")[:MOST]
    return [
        Step(
            at=datetime.combine(row.value_on, time(9), UTC),
            icon="banknote",
            title=_("Снято перерасчётом") if row.kind == "recalculation" else _("Поступила оплата"),
            tone="good",
            amount_minor=row.amount_minor,
        )
        for row in rows
    ]


def by_month(steps: list[Step]) -> list[tuple[str, list[Step]]]:
    """The steps by month, as headings of the page: «ноябрь 2026»."""
    months: dict[str, list[Step]] = {}
    for step in steps:
        months.setdefault(words.month_text(step.at.date()), []).append(step)
    return list(months.items())
