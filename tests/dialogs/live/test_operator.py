"""The operator's process with the real dialler, gate and ledger: campaigns, callers, payments, and its own death."""

import asyncio
import os
import signal
import subprocess
import sys
import wave
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from okno.access.models import Action
from okno.common import clock
from okno.database.address import parse
from okno.debts.models import Promise
from okno.dialogs import dialler, performing
from okno.dialogs.live import agents, recordings
from okno.dialogs.live.trunk import Trunk, read
from okno.dialogs.models import Agent, AgentState, Call, CallAction, CallState, CallTurn
from okno.outreach.models import Contact
from tests.dialogs.dialler.callers import Callers
from tests.dialogs.live.conftest import Person, ask, until
from tests.dialogs.live.operating import operator
from tests.ledger.book import pay
from tests.telephony.peers.phone import handset
from tests.telephony.peers.ports import free_port

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def noon(today):
    """It is noon in Moscow, in this process and in those it starts."""
    clock.shift_to(datetime(today.year, today.month, today.day, 9, tzinfo=UTC))
    yield
    clock.reset()


@pytest.fixture
def town(transactional_db, organisation) -> Callers:
    return Callers.owing(organisation, clock.now(), accounts=1)


def line(far: int, ours: int) -> str:
    return f"sip://okno@127.0.0.1:{far}?listen=127.0.0.1:{ours}&interface=127.0.0.1&refer=0&calls=4"


@asynccontextmanager
async def at_work(far: int, ours: int):
    """An operator at work in this process."""
    worker = operator(read(line(far, ours)))
    serving = asyncio.create_task(worker.serve())
    try:
        yield worker
    finally:
        worker.stop()
        await asyncio.wait_for(serving, 60)


def said(phrase: str):
    return lambda: CallTurn.objects.filter(phrase=phrase).exclude(until_ms=None).exists()


async def confirms(person: Person, town: Callers) -> None:
    """The owner says that it is they, and in which flat they live."""
    await person.picks_up()
    await until(said("hello"))
    person.phone.do("keys", keys="1")
    await until(said("flat_ask"))
    flat = await ask(lambda: Call.objects.select_related("account__flat").get().account.flat.number_order)
    person.phone.do("keys", keys=f"{flat}#")
    await until(said("when_ask"))


def test_a_payment_posted_in_the_middle_of_a_call_turns_it_to_thanks(town: Callers):
    town.calling()
    far, ours = free_port(), free_port()

    async def live() -> None:
        async with handset(far, 0) as phone, at_work(far, ours):
            await confirms(Person(phone), town)
            await ask(lambda: town.post(pay(town.accounts[0], "2026-11-18", 300_000), kind="payments"))
            await until(said("thanks_paid"))
            await until(lambda: Contact.objects.exclude(state="sending").exists())

    asyncio.run(live())
    call = Call.objects.get()
    assert (call.state, call.outcome, call.result, call.picked_up) == ("ended", "answered", "paid", "person")
    assert Contact.objects.get().state == "delivered"


def test_a_promise_made_on_the_phone_stands_in_the_ledger_of_promises_with_its_recording(town: Callers):
    town.calling()
    far, ours = free_port(), free_port()

    async def live() -> None:
        async with handset(far, 0) as phone, at_work(far, ours):
            person = Person(phone)
            await confirms(person, town)
            person.says("я заплачу в пятницу")
            await until(said("confirm_ask"))
            person.phone.do("keys", keys="1")
            await until(lambda: Promise.objects.exists())
            await until(said("sms_ask"))
            person.phone.do("hang_up")
            await until(lambda: Call.objects.filter(state=CallState.ENDED).exists())

    asyncio.run(live())
    call = Call.objects.get()
    promise = Promise.objects.get()
    assert (promise.minor, promise.on.isoformat(), promise.made_by) == (300_000, "2026-11-20", f"call:{call.uid}")
    assert (call.result, call.ended_by) == ("promised", "far")
    assert CallAction.objects.filter(call=call, done_at=None).count() == 0
    with wave.open(str(recordings.path(call.recording))) as file:
        assert file.getnchannels() == 2
        assert file.getnframes() / 8_000 == pytest.approx(call.seconds, abs=3)


def test_an_operator_killed_in_a_call_loses_no_promise_and_calls_nobody_twice(town: Callers):
    town.calling()
    far, ours = free_port(), free_port()
    environment = {
        **os.environ,
        "OKNO_DATABASE_URL": parse(os.environ["OKNO_DATABASE_URL"]).named(connection.settings_dict["NAME"]).url,
        "OKNO_TRUNK_URL": line(far, ours),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }

    async def live() -> None:
        async with handset(far, 0) as phone:
            person = Person(phone)
            process = await ask(
                lambda: subprocess.Popen([sys.executable, "-m", "tests.dialogs.live.operator_process"], env=environment)
            )
            try:
                await confirms(person, town)
                person.says("я заплачу в пятницу")
                await until(said("confirm_ask"))
                person.phone.do("keys", keys="1")
                await until(lambda: CallAction.objects.filter(kind="promise").exists())
            finally:
                process.send_signal(signal.SIGKILL)
                process.wait()
            await phone.until("closed", seconds=40)
            await ask(_years_pass)
            async with at_work(far, free_port()):
                await until(lambda: Call.objects.filter(state=CallState.LOST).exists(), 30)
                with pytest.raises(TimeoutError):
                    await phone.until("incoming", seconds=4)

    asyncio.run(live())
    call = Call.objects.get()
    assert (call.state, call.outcome, call.ended_by) == ("lost", "answered", "fault")
    assert Contact.objects.get().state == "unknown"
    assert Promise.objects.get().minor == 300_000
    assert recordings.path(call.recording).stat().st_size > 44


def _years_pass() -> None:
    """The dead operator's last sign of life is long ago."""
    Call.objects.update(alive_at=datetime.now(UTC) - timedelta(minutes=1))


async def calls_us(phone, ours: int, number: str, worker) -> None:
    """The owner rings the organisation and hears what it can do for them."""
    await until(lambda: worker.supervisor.pid is not None)
    await asyncio.sleep(1.0)
    identity = {"P-Asserted-Identity": f"<sip:{number}@trunk>"}
    phone.do("dial", to=f"sip:84950000000@127.0.0.1:{ours}", headers=identity)
    await phone.until("established")
    await until(said("menu"))


def test_a_payment_turns_a_caller_to_thanks_once_their_debt_was_told(town: Callers):
    far, ours = free_port(), free_port()
    number = town.owner(town.accounts[0]).phones.get().number

    async def live() -> None:
        async with handset(far, 0) as phone, at_work(far, ours) as worker:
            await calls_us(phone, ours, number, worker)
            phone.do("keys", keys="3")
            await until(said("flat_ask"))
            flat = await ask(lambda: Call.objects.select_related("account__flat").get().account.flat.number_order)
            phone.do("keys", keys=f"{flat}#")
            await until(said("when_ask"))
            await ask(lambda: town.post(pay(town.accounts[0], "2026-11-18", 300_000), kind="payments"))
            await until(said("thanks_paid"))
            await until(said("more"))
            phone.do("hang_up")
            await until(lambda: Call.objects.filter(state=CallState.ENDED).exists())

    asyncio.run(live())
    assert not CallTurn.objects.filter(phrase="no_question").exists()


def test_a_payment_does_not_turn_a_caller_who_was_told_of_no_debt(town: Callers):
    far, ours = free_port(), free_port()
    number = town.owner(town.accounts[0]).phones.get().number

    async def live() -> None:
        async with handset(far, 0) as phone, at_work(far, ours) as worker:
            await calls_us(phone, ours, number, worker)
            await ask(lambda: town.post(pay(town.accounts[0], "2026-11-18", 300_000), kind="payments"))
            await asyncio.sleep(2)
            phone.do("keys", keys="2")
            await until(said("request_what"))
            phone.do("hang_up")
            await until(lambda: Call.objects.filter(state=CallState.ENDED).exists())

    asyncio.run(live())
    assert not CallTurn.objects.filter(phrase__in=["no_question", "thanks_paid"]).exists()


def test_whoever_calls_is_known_by_their_number_and_answered(town: Callers):
    far, ours = free_port(), free_port()
    owner = town.owner(town.accounts[0])
    number = owner.phones.get().number

    async def live() -> None:
        async with handset(far, 0) as phone, at_work(far, ours) as worker:
            await until(lambda: worker.supervisor.pid is not None)
            await asyncio.sleep(1.0)
            identity = {"P-Asserted-Identity": f"<sip:{number}@trunk>"}
            phone.do("dial", to=f"sip:84950000000@127.0.0.1:{ours}", headers=identity)
            await phone.until("established")
            await until(lambda: CallTurn.objects.filter(who="robot").exclude(until_ms=None).exists())
            phone.do("hang_up")
            await until(lambda: Call.objects.filter(state=CallState.ENDED).exists())

    asyncio.run(live())
    call = Call.objects.get()
    assert (call.direction, call.scenario, call.person, call.address) == ("in", "incoming", owner, number)
    assert call.account_id == town.accounts[0]
    assert call.outcome == "answered"
    assert "3 000" not in " ".join(call.turns.values_list("text", flat=True))


def test_nobody_is_claimed_while_the_trunk_is_down(town: Callers):
    town.calling()

    async def live() -> None:
        worker = operator(Trunk(driver="sip", settings={"user": "okno", "domain": "127.0.0.1", "listen": "nowhere"}))
        serving = asyncio.create_task(worker.serve())
        await asyncio.sleep(4)
        worker.stop()
        await asyncio.wait_for(serving, 60)

    asyncio.run(live())
    assert not Call.objects.exists()
    assert Contact.objects.get().state == "waiting"


def test_old_recordings_are_deleted_and_it_is_said(town: Callers):
    town.calling()
    (call,) = town.take()
    name = recordings.place(call)
    recordings.path(name).write_bytes(b"RIFF")
    Call.objects.filter(pk=call.pk).update(recording=name)
    assert recordings.delete_old(clock.now()) == 0
    later = clock.now() + timedelta(days=recordings.days_kept() + 1)
    assert recordings.delete_old(later) == 1
    assert recordings.delete_old(later) == 0
    assert not recordings.path(name).exists()
    assert Action.objects.get(verb="recordings.deleted").detail["number"] == 1


def test_a_recording_outside_the_folder_is_refused():
    with pytest.raises(ValueError, match="not a recording"):
        recordings.path("recordings/../secret-key")


def test_an_agent_of_a_call_that_was_lost_is_set_free_for_the_card(town: Callers):
    town.calling()
    (call,) = town.take()
    agent = town.agent("anna")
    assert agents.take_free(call.organisation_id, call) == agent
    Call.objects.filter(pk=call.pk).update(alive_at=datetime.now(UTC) - timedelta(minutes=1))
    dialler.recover(clock.now())
    agents.free_left()
    agent.refresh_from_db()
    assert agent.state in (AgentState.AFTER_CALL, AgentState.FREE)
    assert Agent.objects.filter(state=AgentState.BUSY).count() == 0
    assert performing.perform_left(clock.now()) == 0
