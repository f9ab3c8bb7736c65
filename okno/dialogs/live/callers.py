"""Who calls us, by the number the line tells: enough to greet and to tell of an outage, never enough to tell a debt."""

from datetime import datetime
from uuid import uuid4

from django.db import transaction

from okno.access.models import Organisation
from okno.common import phones
from okno.dialogs.live import signals
from okno.dialogs.models import Call, CallState, Direction, Mode
from okno.dialogs.versions import Chosen
from okno.ledger.models import Account
from okno.people.models import Occupancy, Person, Phone
from okno.speech.understanding.lexicon import LANGUAGES
from okno.telephony.leg import Caller

SCENARIO = "incoming"


def organisation_of(caller: Caller) -> Organisation | None:
    """Whose number was dialled; with one organisation it is that one."""
    rows = list(Organisation.objects.order_by("pk"))
    called = _figures(caller.called)
    named = [row for row in rows if called and _figures(row.residents_phone).endswith(called[-10:])]
    return named[0] if len(named) == 1 else rows[0] if len(rows) == 1 else None


@transaction.atomic
def open_call(organisation: Organisation, caller: Caller, chosen: Chosen, operator: str, now: datetime) -> Call:
    """The row of a call that rings at our side. The person is known when the number is of one person alone, the
    account when that person lives in one flat with one account."""
    address = _number(caller.number, organisation.country)
    person = _person(organisation, address)
    account = _account(person)
    call = Call.objects.create(
        organisation=organisation,
        uid=uuid4(),
        direction=Direction.IN,
        account=account,
        person=person,
        house=account.flat.house if account else None,
        address=address[:64],
        language=language_of(person, organisation),
        scenario=SCENARIO,
        version=chosen.version,
        arm=chosen.arm,
        mode=Mode.ROBOT,
        operator=operator,
        state=CallState.RINGING,
        started_at=now,
    )
    signals.changed(call)
    return call


def language_of(person: Person | None, organisation: Organisation) -> str:
    """A language the robot speaks: the person's, else the organisation's, else Russian."""
    for told in (person.language if person else "", organisation.default_language):
        if told in LANGUAGES:
            return str(told)
    return "ru"


def _number(told: str, country: str) -> str:
    try:
        return phones.normalise(told, country)
    except phones.NotAPhone:
        return told


def _person(organisation: Organisation, address: str) -> Person | None:
    rows = Phone.objects.filter(organisation=organisation, number=address, is_wrong=False).select_related("person")
    people = {row.person_id: row.person for row in rows[:5]}
    return next(iter(people.values())) if len(people) == 1 else None


def _account(person: Person | None) -> Account | None:
    if person is None:
        return None
    flats = Occupancy.objects.filter(person=person, until=None).values_list("flat_id", flat=True)
    accounts = list(Account.objects.filter(flat_id__in=list(flats)).select_related("flat__house")[:2])
    return accounts[0] if len(accounts) == 1 else None


def _figures(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())
