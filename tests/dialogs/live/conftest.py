"""A call that may be made, an account that owes, a line on the loopback, and a telephone that does what it is told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections

from okno.common import clock
from okno.dialogs import dialler, facts, performing
from okno.dialogs.live import conversation, pickup
from okno.dialogs.live.conversation import Limits
from okno.dialogs.live.leading import Means
from okno.dialogs.models import Call, CallState, Direction
from okno.outreach.hands import Hands
from okno.telephony.supervisor import Supervisor
from tests.dialogs.live.doubles import Engines, FirstSound, Loudness, said
from tests.ledger.book import bill
from tests.telephony.conftest import settings
from tests.telephony.peers.phone import Handset, handset
from tests.telephony.peers.ports import free_port

pytestmark = pytest.mark.django_db(transaction=True)

DEBT = 854_010


class Stage:
    """The robot's side of a call, with the real line and the engines' doubles."""

    def __init__(self) -> None:
        self.engines = Engines()
        self.hands = Hands(3)
        self.finished: list[int] = []
        # Whoever is meant to be silent says how long it takes; nobody else is taken for silent on a busy machine.
        self.limits = Limits(silence=10, between_keys=1.2, longest=60)

    @property
    def means(self) -> Means:
        return Means(
            operator="test",
            hands=self.hands,
            engines=self.engines,
            limits=self.limits,
            make_listener=FirstSound,  # type: ignore[arg-type,return-value]
            make_activity=Loudness,  # type: ignore[arg-type,return-value]
        )


class Person:
    """The far end, as a person who speaks when the robot has fallen silent."""

    def __init__(self, phone: Handset) -> None:
        self.phone = phone

    async def picks_up(self, words: str | None = "алло") -> None:
        await self.phone.until("incoming", seconds=60)
        self.phone.do("answer")
        await self.phone.until("established")
        if words is not None:
            await asyncio.sleep(0.3)
            self.says(words)

    def says(self, words: str, seconds: float = 0.6) -> None:
        self.makes(said(words, seconds))

    def makes(self, pcm: bytes) -> None:
        self.phone.do("say", pcm=pcm.hex())


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    made = Stage()
    monkeypatch.setattr(dialler, "may_still", lambda call, now=None: True)
    monkeypatch.setattr(dialler, "finished", lambda call_id, now: made.finished.append(call_id))

    def of_call(call, day, language=""):
        return facts.of(call.scenario, call.account, day, language or call.language)

    monkeypatch.setattr(facts, "of_call", of_call)
    monkeypatch.setattr(performing, "perform", lambda call_id: None)
    for module in (pickup, conversation):
        monkeypatch.setattr(module, "verdict_of_words", lambda text, language: None)
    monkeypatch.setattr(pickup, "settled", lambda sound, words: words or sound)
    return made


@pytest.fixture
def debt_call(organisation, book, account, owner) -> Call:
    """A call about a debt of 8,540.10, claimed and not dialled yet."""
    book.post(bill(book.accounts[0], "2026-09", DEBT))
    return Call.objects.create(
        organisation=organisation,
        uid=uuid4(),
        direction=Direction.OUT,
        account=account,
        person=owner,
        house=account.flat.house,
        address="+79161234567",
        language="ru",
        scenario="debt_notice",
        operator="test",
        state=CallState.DIALLING,
        started_at=clock.now(),
    )


@asynccontextmanager
async def telephone() -> AsyncIterator[tuple[Supervisor, Person]]:
    """A media process with a trunk to one phone."""
    far, ours = free_port(), free_port()
    async with handset(far, 0) as phone:
        lines = Supervisor("sip", settings(far, ours))
        await lines.start()
        try:
            yield lines, Person(phone)
        finally:
            await lines.stop()


async def until(condition: Callable[[], Any], seconds: float = 20) -> None:
    """Wait for something the database says; the question is asked in a thread."""
    async with asyncio.timeout(seconds):
        while not await ask(condition):
            await asyncio.sleep(0.05)


async def ask(question: Callable[[], Any]) -> Any:
    """Ask the database in a thread, and leave no connection behind."""

    def answer() -> Any:
        try:
            return question()
        finally:
            connections.close_all()

    return await asyncio.to_thread(answer)
