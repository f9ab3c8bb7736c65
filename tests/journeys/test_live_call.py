"""A call as two people and a robot live it: a real line, a resident's telephone, the dispatcher's, and her page.

The robot rings, the resident asks for a person, the dispatcher's telephone rings and her page shows who it is; she
talks, they hang up, and she writes down what was agreed. The engines of speech are doubles, nothing else is.
"""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import expect

from okno.access.models import Membership
from okno.common import clock
from okno.debts.models import Promise
from okno.dialogs.live.trunk import read
from okno.dialogs.models import Agent, AgentState, Call, CallState
from tests.conftest import _member
from tests.dialogs.dialler.callers import Callers
from tests.dialogs.live.conftest import Person, until
from tests.dialogs.live.operating import operator
from tests.dialogs.live.test_operator import line, said
from tests.journeys.conftest import Desk
from tests.telephony.peers.phone import Handset, handset
from tests.telephony.peers.ports import free_port

pytestmark = pytest.mark.journey


class Line:
    """The operator and both telephones, in a thread beside the browser."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._stack = AsyncExitStack()
        self._far, self._ours = free_port(), free_port()

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(90)

    async def telephones(self) -> tuple[Handset, Handset]:
        """The resident's, at the far end of the trunk, and the dispatcher's, on her table."""
        resident = await self._stack.enter_async_context(handset(self._far, 0))
        return resident, await self._stack.enter_async_context(handset(free_port(), 1_500))

    async def at_work(self) -> None:
        worker = operator(read(line(self._far, self._ours)))
        serving = asyncio.create_task(worker.serve())

        async def leave() -> None:
            worker.stop()
            await asyncio.wait_for(serving, 60)

        self._stack.push_async_callback(leave)

    def close(self) -> None:
        self.do(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture
def telephones(transactional_db) -> Iterator[Line]:
    made = Line()
    yield made
    made.close()


@pytest.fixture
def noon(today):
    clock.shift_to(datetime(today.year, today.month, today.day, 9, tzinfo=UTC))
    yield clock.now()
    clock.reset()


@pytest.fixture
def town(transactional_db, organisation, noon) -> Callers:
    return Callers.owing(organisation, noon, accounts=1)


@pytest.fixture
def dispatcher(town, organisation) -> Membership:
    return _member(organisation, "dispatcher", "dispatcher@example.org", "Дина Диспетчерова")


def test_whoever_asks_the_robot_for_a_person_talks_with_the_dispatcher_who_sees_who_it_is(
    town: Callers, dispatcher, telephones: Line, desk: Desk, artefacts
):
    page = desk.enter("dispatcher@example.org", path="/desk/seat/")
    resident, table = telephones.do(telephones.telephones())
    telephones.do(telephones.at_work())
    page.get_by_label("Телефон или SIP-адрес").fill(table.address)
    page.get_by_role("button", name="Запомнить").click()
    page.get_by_role("button", name="Я на месте").click()
    expect(page.get_by_text("Ждём звонка")).to_be_visible()

    town.calling()
    person = Person(resident)
    telephones.do(person.picks_up())
    telephones.do(until(said("hello")))
    person.says("оператор")
    telephones.do(table.until("incoming", seconds=30))
    table.do("answer")
    telephones.do(table.until("established"))

    expect(page.get_by_role("heading", name="Звонок", exact=True)).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="человек оператор")).to_be_visible()
    page.screenshot(path=artefacts / "live-call.png", full_page=True)
    page.keyboard.press("1")
    page.get_by_label("День").fill("2026-11-25")
    page.get_by_label("Сумма обещания").fill("3000")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#content").get_by_text("Результат записан")).to_be_visible()
    assert Agent.objects.get().state == AgentState.BUSY

    resident.do("hang_up")
    expect(page.get_by_role("button", name="Готов к следующему")).to_be_visible()
    page.keyboard.press("F8")
    expect(page.get_by_text("Ждём звонка")).to_be_visible()
    call = Call.objects.get()
    assert (call.state, call.agent, call.result) == (CallState.ENDED, dispatcher.user, "promised")
    promise = Promise.objects.get()
    assert (promise.minor, promise.on.isoformat()) == (300_000, "2026-11-25")
    assert Agent.objects.get().state == AgentState.FREE
