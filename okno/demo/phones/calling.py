"""A call that a person at the demo asks for: to a resident's phone, or to a phone of their own on this machine."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import uuid4

from okno.access import founding
from okno.common import clock, phones
from okno.debts.models import Case
from okno.dialogs import versions
from okno.dialogs.live import operators, signals
from okno.dialogs.models import Call, CallState, CallTurn, Direction, Speaker
from okno.dialogs.scenario import names
from okno.ledger.models import Account
from okno.outreach.routes import is_loopback
from okno.people.models import Occupancy, OccupancyRole

_LONGEST_SECONDS = 900
_WHO = {Speaker.ROBOT: "робот", Speaker.PERSON: "вы", Speaker.LINE: "—", Speaker.AGENT: "сотрудник"}


class CannotCall(Exception):
    """The call cannot be made; the message says why and what to do."""


def ask(address: str, scenario: str, number: str | None) -> Call:
    """Write down a call that the demo's operator makes at once. Raises `CannotCall`."""
    organisation = founding.only_organisation()
    if not organisation.is_demo:
        raise CannotCall("Так звонят только в демонстрационном городе")
    if scenario not in names():
        raise CannotCall(f"Сценария «{scenario}» нет, есть: {', '.join(names())}")
    if not operators.living(datetime.now(UTC)):
        raise CannotCall("Процесс звонков ещё не поднялся: подождите несколько секунд")
    told = _address(address, organisation.country)
    account = _account(organisation.pk, number, told)
    owner = Occupancy.objects.filter(flat=account.flat, role=OccupancyRole.OWNER, until=None).order_by("pk").first()
    going = Call.objects.filter(organisation=organisation, person=owner.person if owner else None)
    if owner and going.exclude(state__in=(CallState.ENDED, CallState.LOST)).exists():
        raise CannotCall("С этим человеком робот уже говорит: назовите другой счёт (--account)")
    uid = uuid4()
    chosen = versions.chosen(organisation, scenario, str(uid))
    call = Call.objects.create(
        organisation=organisation,
        uid=uid,
        direction=Direction.OUT,
        account=account,
        person=owner.person if owner else None,
        house=account.flat.house,
        address=told,
        language=organisation.default_language,
        scenario=scenario,
        version=chosen.version,
        arm=chosen.arm,
        state=CallState.DIALLING,
        started_at=clock.now(),
    )
    signals.changed(call)
    return call


def follow(call: Call) -> Iterator[str]:
    """What is said in the call, line by line, until it ends."""
    told = 0
    until = time.monotonic() + _LONGEST_SECONDS
    while time.monotonic() < until:
        for turn in CallTurn.objects.filter(call=call, number__gt=told).order_by("number"):
            told = turn.number
            yield f"{turn.at_ms / 1000:6.1f}  {_WHO[Speaker(turn.who)]:<6} {turn.heard or turn.text}"
        kept = Call.objects.get(pk=call.pk)
        if kept.state in (CallState.ENDED, CallState.LOST):
            yield "Итог: " + ", ".join(filter(None, (kept.outcome, kept.result, kept.words)))
            return
        time.sleep(0.3)


def _address(told: str, country: str) -> str:
    """A phone on this machine, or a number of the demo's own network, which is on this machine too."""
    if told.startswith("sip:"):
        host = urlsplit(f"//{told.removeprefix('sip:').rpartition('@')[2]}").hostname or ""
        if not is_loopback(host):
            raise CannotCall("Демонстрация звонит только телефонам на этой машине: sip:имя@127.0.0.1:порт")
        return told
    try:
        return phones.normalise(told, country)
    except phones.NotAPhone as error:
        raise CannotCall(str(error)) from error


def _account(organisation_id: int, number: str | None, address: str) -> Account:
    """The account that was named, else that of whoever has this phone, else the latest debtor's."""
    rows = Account.objects.filter(organisation=organisation_id).select_related("flat__house")
    if number is not None:
        found = rows.filter(number=number).first()
        if found is None:
            raise CannotCall(f"Лицевого счёта {number} нет")
        return found
    flats = Occupancy.objects.filter(person__phones__number=address, until=None).values_list("flat_id", flat=True)
    cases = Case.objects.filter(organisation=organisation_id, state="open").order_by("-id")
    case = cases.filter(account__flat_id__in=list(flats)).first() or cases.first()
    if case is None:
        raise CannotCall("В городе никто не должен: назовите счёт (--account)")
    return rows.get(pk=case.account_id)
