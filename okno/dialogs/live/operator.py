"""The virtual operator: a process that leads calls, those the dialler gives and those that come in.

It keeps the media process and the engines of speech, tells the database every few seconds that it lives, turns calls
whose account was paid, and writes off what a killed operator left behind. Any number of operators may run.
"""

import asyncio
import os
import socket
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q

from okno.common import clock
from okno.dialogs import dialler, facts, performing, versions
from okno.dialogs.live import agents, callers, news, operators
from okno.dialogs.live.conversation import Engines, Limits
from okno.dialogs.live.leading import Led, Means
from okno.dialogs.live.operators import Standing
from okno.dialogs.live.trunk import Trunk
from okno.dialogs.models import Call, CallState
from okno.dialogs.scenario import BadScenario
from okno.outreach.hands import Hands
from okno.telephony.driver import DriverRefused
from okno.telephony.leg import Gone, Kind
from okno.telephony.remote import RemoteLeg
from okno.telephony.supervisor import Supervisor

_log = structlog.get_logger("okno.dialogs.live")

BEAT_SECONDS = 3.0
RECOVER_SECONDS = 10.0
THREADS = 8
_VOICE = "голос"
"""How the names of the engines that speak begin."""
_BETWEEN_TAKES = 0.2
"""Seconds: the dialler is not asked again at every word that some call says."""
FAULTS_IN_A_ROW = 5
"""So many calls that failed by our side's fault, one after another, rest the line."""
_REST = (30.0, 120.0, 600.0)
"""Seconds the line rests, longer each time it does not get better."""
_FAREWELL_SECONDS = 30.0
"""How long calls may go on after the operator was asked to stop."""


class Operator:
    """`await Operator(trunk, engines).serve()` works until `stop()`.

    `lines` narrows how many calls are led at once. `engines_state` tells by an engine's name why it does not work ("").
    """

    def __init__(
        self,
        trunk: Trunk,
        engines: Engines,
        *,
        lines: int | None = None,
        limits: Limits | None = None,
        engines_state: Callable[[], dict[str, str]] = dict,
        now: Callable[[], datetime] = clock.now,
        poll: float = 1.0,
        means: Callable[[Means], Means] = lambda means: means,
    ) -> None:
        self.name = f"{socket.gethostname()[:40]}:{os.getpid()}:{int(time.time())}"
        self.lines = min(lines or trunk.calls, trunk.calls)
        self.led: dict[int, Led] = {}
        self._hands = Hands(THREADS)
        self._means = means(
            Means(operator=self.name, hands=self._hands, engines=engines, limits=limits or Limits(), now=now)
        )
        self._engines_state = engines_state
        self._now = now
        self._poll = poll
        self._trunk_up, self._trunk_words = False, ""
        self._faults = self._rests = 0
        self._resting_until, self._rest_words = 0.0, ""
        self._wake, self._stopping = asyncio.Event(), asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self.supervisor = Supervisor(
            trunk.driver,
            trunk.settings,
            on_incoming=self._on_incoming,
            on_trunk=self._on_trunk,
            most_legs=min(100, max(2, self.lines * 2)),
        )

    async def serve(self) -> None:
        """Lead calls until `stop`; raises nothing for a trunk or a database that is away: it waits for them."""
        rounds = [
            self._round(self._beat, BEAT_SECONDS),
            self._round(self._recover, RECOVER_SECONDS),
            self._round(self._take, self._poll),
            news.listen(news.of_database(), self._on_signal),
        ]
        helpers = [asyncio.create_task(work) for work in rounds]
        try:
            if await self._open_trunk():
                await self._stopping.wait()
            await self._farewell()
        finally:
            await _end(helpers)
            await self.supervisor.stop()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            with suppress(Exception):
                await self._hands.do(operators.leave, self.name)
            await self._hands.close()

    def stop(self) -> None:
        """Take no more calls, let those that go on come to an end for a while, and come back."""
        self._stopping.set()
        self._wake.set()

    # -- the line --

    async def _open_trunk(self) -> bool:
        """Open the trunk, however long it takes; False when asked to stop before."""
        pause = 1.0
        while not self._stopping.is_set():
            try:
                await self.supervisor.start()
            except DriverRefused as refused:
                self._on_trunk(False, str(refused))
                await _until(self._stopping, pause)
                pause = min(pause * 2, 60.0)
            else:
                self._on_trunk(True, "")
                return True
        return False

    def _on_trunk(self, up: bool, words: str) -> None:
        if (up, words) != (self._trunk_up, self._trunk_words):
            _log.log(20 if up else 40, "the trunk is up" if up else "the trunk is down", words=words)
        self._trunk_up, self._trunk_words = up, words
        if up:
            self._wake.set()

    def _words(self) -> str:
        """What there is to say of the line as of now."""
        rests = asyncio.get_running_loop().time() < self._resting_until
        return self._rest_words if self._trunk_up and rests else self._trunk_words

    def _on_incoming(self, leg: RemoteLeg) -> None:
        self._start(self._come_in(leg))

    # -- calls we make --

    async def _take(self) -> None:
        """Ask the dialler for as many calls as there are free lines, and adopt those an agent wants made."""
        await _until(self._wake, self._poll)
        self._wake.clear()
        free = self._free()
        if free <= 0:
            return
        calls = await self._hands.do(_adopted, self.name, tuple(self.led), free)
        if len(calls) < free:
            calls += await self._hands.do(dialler.take, self.name, free - len(calls), self._now())
        for call in calls:
            self.led[call.pk] = Led(call, self._means)
            self._start(self._lead(self.led[call.pk]))
        await asyncio.sleep(_BETWEEN_TAKES)

    def _free(self) -> int:
        """How many calls may be begun now: none while the trunk is down, the voice is missing or the line rests."""
        if self._stopping.is_set() or not self._trunk_up or not self._can_speak():
            return 0
        if asyncio.get_running_loop().time() < self._resting_until:
            return 0
        return min(self.lines - len(self.led), self.supervisor.free())

    def _can_speak(self) -> bool:
        """Whether some voice works; keys stand in for a recogniser, nothing stands in for a voice."""
        voices = [words for name, words in self._engines_state().items() if name.startswith(_VOICE)]
        return not voices or not all(voices)

    async def _lead(self, led: Led) -> None:
        try:
            await led.out(self.supervisor.leg)
        finally:
            del self.led[led.call.pk]
            self._judge(led)
            self._wake.set()

    def _judge(self, led: Led) -> None:
        """Rest the line after faults of ours in a row: more calls would only fail too."""
        if led.outcome is None or led.outcome.kind is Kind.CANCELLED:
            return
        self._faults = self._faults + 1 if led.outcome.ours else 0
        if not self._faults:
            self._rests = 0
        elif self._faults >= FAULTS_IN_A_ROW:
            rest = _REST[min(self._rests, len(_REST) - 1)]
            self._faults, self._rests = 0, self._rests + 1
            self._resting_until = asyncio.get_running_loop().time() + rest
            self._rest_words = f"Линия отдыхает {rest:.0f} с: {FAULTS_IN_A_ROW} звонков подряд не удались"
            _log.error("the line rests", seconds=rest, words=led.outcome.words)

    # -- calls that come --

    async def _come_in(self, leg: RemoteLeg) -> None:
        assert leg.caller is not None
        try:
            call, chosen, told = await self._hands.do(self._known, leg)
        except (BadScenario, LookupError, facts.NobodyToCall, facts.NothingOwed) as error:
            _log.error("an incoming call is turned away", caller=leg.caller.number, error=str(error))
            return await leg.hang_up()
        except Exception:
            # The caller must not hear an endless ringing for a fault of ours.
            _log.exception("an incoming call could not be taken")
            return await leg.hang_up()
        led = self.led[call.pk] = Led(call, self._means)
        try:
            await led.come_in(leg, chosen, told)
        except Gone:
            _log.info("the caller gave up", call=call.pk)
        finally:
            del self.led[call.pk]

    def _known(self, leg: RemoteLeg) -> tuple[Call, versions.Chosen, Any]:
        assert leg.caller is not None
        organisation = callers.organisation_of(leg.caller)
        if organisation is None:
            raise LookupError(f"nobody has the number {leg.caller.called}")
        chosen = versions.chosen(organisation, callers.SCENARIO, str(uuid4()))
        call = callers.open_call(organisation, leg.caller, chosen, self.name, self._now())
        return call, chosen, facts.of_call(call, clock.today(organisation.time_zone))

    # -- rounds --

    async def _beat(self) -> None:
        await self._hands.do(_alive, list(self.led))
        self.supervisor.ask_load()
        standing = Standing(
            name=self.name,
            at=datetime.now(UTC).timestamp(),
            trunk=self._trunk_up,
            words=self._words(),
            calls=len(self.led),
            lines=self.lines,
            deaths=self.supervisor.deaths,
            load=self.supervisor.load,
            engines=self._engines_state(),
        )
        await self._hands.do(operators.tell, standing)

    async def _recover(self) -> None:
        await self._hands.do(dialler.recover, self._now())
        await self._hands.do(performing.perform_left, self._now())
        await self._hands.do(agents.free_left)

    def _on_signal(self, organisation_id: int, topic: str) -> None:
        if topic == "calls":
            self._wake.set()
        touched = [
            led
            for led in self.led.values()
            if not topic
            or (
                led.call.organisation_id == organisation_id
                and (topic == "ledger" or topic in {f"account:{one}" for one in led.accounts})
            )
        ]
        if touched:
            self._start(self._look_at_money(touched))

    async def _look_at_money(self, touched: list[Led]) -> None:
        for led in touched:
            for account_id in await self._hands.do(news.paid, led.call, led.accounts):
                led.paid(account_id)

    # -- work --

    async def _round(self, work: Callable[[], Coroutine[Any, Any, None]], pause: float) -> None:
        """Do it again and again; a database that is away is waited for."""
        while True:
            try:
                await work()
            except (OperationalError, InterfaceError) as error:
                _log.error("the database is away", error=str(error))
                await self._hands.drop()
            except Exception:
                _log.exception("a round of the operator broke", work=work.__name__)
            if work != self._take or self._free() <= 0:
                await asyncio.sleep(pause)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a call broke", exc_info=error)

    async def _farewell(self) -> None:
        if self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=_FAREWELL_SECONDS)


async def _until(event: asyncio.Event, seconds: float) -> None:
    """Until the event happens, but not longer than that."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel and see them end; one that was just about to do something is told again."""
    while tasks:
        for task in tasks:
            task.cancel()
        done, waiting = await asyncio.wait(tasks, timeout=1)
        for task in done:
            if not task.cancelled() and (error := task.exception()) is not None:
                _log.error("a round of the operator broke", exc_info=error)
        tasks = list(waiting)


def _alive(calls: list[int]) -> None:
    """These calls are being led; the database's clock says when. One that nobody leads any more is written off."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE dialogs_call SET alive_at = clock_timestamp()"
            " WHERE id = ANY(%s) AND state NOT IN ('ended', 'lost')",
            [calls],
        )


@transaction.atomic
def _adopted(operator: str, led: tuple[int, ...], most: int) -> list[Call]:
    """Calls that were claimed for us, or for whichever operator comes first, and that nobody leads yet."""
    fresh = datetime.now(UTC) - timedelta(seconds=10)
    rows = (
        Call.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(state=CallState.DIALLING, operator__in=("", operator), direction="out")
        .exclude(pk__in=led)
        .filter(Q(permit__expires_at__gt=fresh) | Q(contact=None, organisation__is_demo=True))
        .select_related("organisation", "campaign", "account", "person", "version")
        .order_by("pk")[:most]
    )
    calls = list(rows)
    Call.objects.filter(pk__in=[call.pk for call in calls]).update(operator=operator)
    for call in calls:
        call.operator = operator
    return calls
