"""Calls made by hand over a real line: the agent's own phone rings first, and no person's phone rings for nobody."""

import asyncio
import wave
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from okno.common import clock
from okno.dialogs import dialler
from okno.dialogs.live import own_phone, recordings
from okno.dialogs.live.trunk import read
from okno.dialogs.models import Agent, AgentState, Call, CallBack, CallState, CallTurn
from okno.outreach.models import Contact
from tests.dialogs.dialler.callers import Callers
from tests.dialogs.live.conftest import ask, until
from tests.dialogs.live.operating import operator
from tests.ledger.book import pay
from tests.telephony.hearing import pitch
from tests.telephony.peers.phone import Handset, handset
from tests.telephony.peers.ports import free_port

pytestmark = pytest.mark.django_db(transaction=True)

AGENT_HERTZ, PERSON_HERTZ = 1_500, 500


@pytest.fixture(autouse=True)
def noon(today):
    clock.shift_to(datetime(today.year, today.month, today.day, 9, tzinfo=UTC))
    yield
    clock.reset()


@pytest.fixture
def town(transactional_db, organisation) -> Callers:
    return Callers.owing(organisation, clock.now(), accounts=1)


class Scene:
    """An agent who has looked at the card and pressed "call", their phone, the person's phone, and the operator."""

    def __init__(self, town: Callers, person: Handset, own: Handset) -> None:
        self.town, self.person, self.own = town, person, own

    def pressed(self) -> Call:
        """The card is looked at and the button is pressed."""
        campaign = self.town.calling(mode="preview")
        agent = self.town.agent("Анна")
        agent.address = self.own.address
        agent.save()
        offered = dialler.offer(agent, campaign, clock.now())
        assert offered is not None
        return dialler.dial(agent, offered.contact.pk, "", clock.now())

    async def own_picks_up(self) -> None:
        await self.own.until("incoming", seconds=20)
        self.own.do("answer")
        await self.own.until("established")

    async def person_rings(self) -> None:
        await self.person.until("incoming", seconds=20)

    async def nobody_rang_the_person(self) -> None:
        with pytest.raises(TimeoutError):
            await self.person.until("incoming", seconds=2)

    async def over(self) -> None:
        await until(lambda: not Contact.objects.filter(state="sending").exists())


@asynccontextmanager
async def scene(town: Callers):
    far, ours = free_port(), free_port()
    trunk = f"sip://okno@127.0.0.1:{far}?listen=127.0.0.1:{ours}&interface=127.0.0.1&refer=0&calls=4"
    async with AsyncExitStack() as stack:
        person = await stack.enter_async_context(handset(far, PERSON_HERTZ))
        own = await stack.enter_async_context(handset(free_port(), AGENT_HERTZ))
        worker = operator(read(trunk))
        serving = asyncio.create_task(worker.serve())
        made = Scene(town, person, own)
        try:
            await ask(made.pressed)
            yield made
        finally:
            worker.stop()
            await asyncio.wait_for(serving, 60)


def run(town: Callers, play: Any) -> tuple[Call, Agent, Contact]:
    async def live() -> None:
        async with scene(town) as stage:
            await play(stage)
            await stage.over()

    asyncio.run(live())
    return Call.objects.get(), Agent.objects.get(), Contact.objects.get()


def test_the_person_is_rung_only_once_the_agent_has_picked_up_and_the_two_hear_each_other(town: Callers):
    heard: dict[str, float] = {}

    async def play(stage: Scene) -> None:
        await stage.own.until("incoming", seconds=20)
        assert await ask(lambda: Call.objects.get().state) == CallState.TO_AGENT
        await stage.nobody_rang_the_person()
        stage.own.do("answer")
        await stage.own.until("established")
        await stage.person_rings()
        await asyncio.sleep(1.0)
        heard["while it rings"] = pitch(await stage.own.heard())
        stage.person.do("answer")
        await stage.person.until("established")
        await until(lambda: Call.objects.get().state == CallState.WITH_PERSON)
        await asyncio.sleep(0.5)
        for one in (stage.own, stage.person):
            await one.heard()
        await asyncio.sleep(1.0)
        heard["the agent"] = pitch(await stage.own.heard())
        heard["the person"] = pitch(await stage.person.heard())
        stage.person.do("hang_up")
        await stage.own.until("closed")

    call, agent, contact = run(town, play)
    assert heard["while it rings"] == pytest.approx(425, abs=20)
    assert heard["the agent"] == pytest.approx(PERSON_HERTZ, abs=20)
    assert heard["the person"] == pytest.approx(AGENT_HERTZ, abs=20)
    assert (call.state, call.outcome, call.ended_by) == ("ended", "answered", "far")
    assert (call.agent_id, agent.state, agent.call_id) == (agent.user_id, AgentState.AFTER_CALL, call.pk)
    assert contact.state == "delivered"
    assert not CallTurn.objects.filter(who="robot").exists()
    with wave.open(str(recordings.path(call.recording))) as file:
        assert file.getnchannels() == 2
        assert file.getnframes() > 8_000


def test_nobody_is_rung_when_the_agents_own_phone_does_not_answer(town: Callers, monkeypatch):
    monkeypatch.setattr(own_phone, "RING_SECONDS", 2.0)

    async def play(stage: Scene) -> None:
        await stage.own.until("incoming", seconds=20)
        await stage.own.until("closed")
        await stage.nobody_rang_the_person()

    call, agent, contact = run(town, play)
    assert (call.state, call.outcome, call.words, call.answered_at) == ("ended", "cancelled", "no_agent", None)
    assert (agent.state, agent.call) == (AgentState.AWAY, None)
    assert (contact.state, contact.state_why, contact.attempts) == ("waiting", "offered", 0)
    assert contact.not_before == call.started_at + dialler.KEPT
    assert not CallBack.objects.exists()


def test_an_agent_whose_phone_is_busy_stays_free_and_keeps_the_card(town: Callers):
    async def play(stage: Scene) -> None:
        await stage.own.until("incoming", seconds=20)
        stage.own.do("reject")
        await stage.nobody_rang_the_person()

    call, agent, contact = run(town, play)
    assert (call.outcome, call.words) == ("cancelled", "agent_declined")
    assert (agent.state, agent.call) == (AgentState.FREE, None)
    assert (contact.state, contact.state_why) == ("waiting", "offered")


def test_who_pays_while_the_agents_phone_rings_is_not_rung(town: Callers):
    async def play(stage: Scene) -> None:
        await stage.own.until("incoming", seconds=20)
        await ask(lambda: town.post(pay(town.accounts[0], "2026-11-18", 300_000), kind="payments"))
        await stage.own.until("closed")
        await stage.nobody_rang_the_person()

    call, agent, contact = run(town, play)
    assert (call.outcome, call.words) == ("cancelled", "paid")
    assert (agent.state, contact.state, contact.state_why) == (AgentState.FREE, "withdrawn", "paid")


def test_an_agent_who_hangs_up_takes_the_ringing_back_and_it_was_a_try(town: Callers):
    async def play(stage: Scene) -> None:
        await stage.own_picks_up()
        await stage.person_rings()
        await until(lambda: Call.objects.get().state == CallState.RINGING)
        stage.own.do("hang_up")
        await stage.person.until("closed")

    call, agent, contact = run(town, play)
    assert (call.outcome, call.words) == ("no_answer", "agent_left")
    assert (agent.state, contact.state, contact.attempts) == (AgentState.FREE, "waiting", 1)
    assert not CallBack.objects.exists()


def test_a_person_who_is_busy_frees_the_agent_for_the_next(town: Callers):
    async def play(stage: Scene) -> None:
        await stage.own_picks_up()
        await stage.person_rings()
        stage.person.do("reject")
        await stage.own.until("closed")

    call, agent, contact = run(town, play)
    assert call.outcome in ("busy", "rejected")
    assert (agent.state, agent.call) == (AgentState.FREE, None)
    assert not CallBack.objects.exists()
    assert contact.state_why != "offered"


def test_the_agent_who_hangs_up_ends_the_talk(town: Callers):
    async def play(stage: Scene) -> None:
        await stage.own_picks_up()
        await stage.person_rings()
        stage.person.do("answer")
        await stage.person.until("established")
        await until(lambda: Call.objects.get().state == CallState.WITH_PERSON)
        stage.own.do("hang_up")
        await stage.person.until("closed")

    call, agent, _contact = run(town, play)
    assert (call.outcome, call.ended_by) == ("answered", "us")
    assert agent.state == AgentState.AFTER_CALL
