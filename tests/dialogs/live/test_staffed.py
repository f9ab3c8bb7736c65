"""Calls in which people of the staff talk: whoever answers is given to the one who was kept, or is owed a call."""

import asyncio

import pytest

from okno.dialogs.live.leading import Led
from okno.dialogs.models import Agent, AgentState, Call, CallBack, CallTurn, Mode
from tests.dialogs.live.conftest import Stage, ask, telephone
from tests.telephony.peers.phone import handset
from tests.telephony.peers.ports import free_port

pytestmark = pytest.mark.django_db(transaction=True)


def kept(call: Call, colleague, state: str, address: str = "sip:101@127.0.0.1:9") -> Agent:
    """An agent, kept for the call when they are busy with it."""
    Call.objects.filter(pk=call.pk).update(mode=Mode.PROGRESSIVE, agent=colleague.user)
    call.mode = Mode.PROGRESSIVE
    return Agent.objects.create(
        organisation=call.organisation, user=colleague.user, address=address, state=state, changed_at=call.started_at,
        call=call if state == AgentState.BUSY else None,
    )  # fmt: skip


def test_whoever_answers_talks_with_the_agent_who_was_kept_and_no_robot_speaks(
    stage: Stage, debt_call: Call, colleague
):
    agent = kept(debt_call, colleague, AgentState.BUSY)

    async def both() -> None:
        async with telephone() as (lines, person), handset(free_port(), 1_500) as desk:
            await ask(lambda: Agent.objects.filter(pk=agent.pk).update(address=desk.address))
            leading = asyncio.create_task(Led(debt_call, stage.means).out(lines.leg))
            await person.picks_up(None)
            await desk.until("incoming")
            desk.do("answer")
            await desk.until("established")
            await asyncio.sleep(0.5)
            person.phone.do("hang_up")
            await asyncio.wait_for(leading, 20)
        await stage.hands.close()

    asyncio.run(both())
    call = Call.objects.get(pk=debt_call.pk)
    agent.refresh_from_db()
    assert (call.state, call.outcome, call.result) == ("ended", "answered", "")
    assert (call.agent_id, agent.state) == (colleague.user_id, AgentState.AFTER_CALL)
    assert not CallTurn.objects.filter(call=call, who="robot").exists()
    assert not CallBack.objects.exists()


def test_whoever_finds_nobody_hears_that_we_will_call_and_is_owed_it(stage: Stage, debt_call: Call, colleague):
    kept(debt_call, colleague, AgentState.AWAY)

    async def alone() -> None:
        async with telephone() as (lines, person):
            leading = asyncio.create_task(Led(debt_call, stage.means).out(lines.leg))
            await person.picks_up(None)
            await person.phone.until("closed")
            await asyncio.wait_for(leading, 20)
        await stage.hands.close()

    asyncio.run(alone())
    call = Call.objects.get(pk=debt_call.pk)
    assert (call.outcome, call.result) == ("answered", "nobody_free")
    assert CallBack.objects.get(call=call).phone == debt_call.address
