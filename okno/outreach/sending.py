"""The sender: takes what is due through the gate and carries it out, each message once.

Any number of senders may run at once, in one process or in many; work is claimed from the database, so a killed one
loses nothing and doubles nothing. The gate's transaction is over before anything leaves; a message is claimed in a
statement of its own right before the wire, and the channel is told to be silent once the permit has run out.
"""

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import psycopg
from django.db import InterfaceError, OperationalError, connection

from okno.channels.base import Channel, Outgoing, Receipt, Refused, Sent, TooLate, Unanswered, Word
from okno.common import clock
from okno.jobs import signals
from okno.outreach import claims, gate, permits, receipts, routes, steering, wakening
from okno.outreach.claims import Claimed
from okno.outreach.facts import open_cursor
from okno.outreach.gate import Decision
from okno.outreach.hands import Hands
from okno.outreach.templates import MissingValue, Rendered, render
from okno.people.models import Channel as ChannelName

log = logging.getLogger(__name__)

STUCK_AFTER = 180.0
"""Seconds after which a message on its way counts as unknown: longer than any channel waits for an answer."""

SOON = timedelta(seconds=3)
"""What becomes due so soon is waited for by a draining run: an account that was busy, a permit that ran out."""

FAULTS_IN_A_ROW = 5
"""So many messages refused through our own fault, one after another, pause the campaign."""

MATCH_PAUSES = (0.1, 0.3, 1.0, 3.0)
"""How long to wait before looking again for the message a receipt speaks of."""

MOST_UNMATCHED = 1_000
"""Receipts looked for again at the same time; after a restart there may be many that nobody will ever know."""

Group = tuple[int, int | None]


@dataclass(kw_only=True)
class Drained:
    """What a run did. `later` contacts wait for their hour, `expired` permits were not used in time."""

    allowed: int = 0
    refused: int = 0
    later: int = 0
    busy: int = 0
    sent: int = 0
    failed: int = 0
    not_now: int = 0
    unknown: int = 0
    expired: int = 0
    receipts: int = 0
    sealed: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


class Sender:
    """`Sender().run()` works until `stop()`; `run(once=True)` drains what is due and comes back.

    `ways` maps a channel's name to a way out that is not opened yet; by default they come from the installer's
    settings. `concurrency` messages are on the wire at once, `batch` contacts go through the gate together.
    `organisation_id` narrows the work to one organisation. `now` is the trade's clock.
    """

    def __init__(
        self,
        ways: Mapping[str, Channel] | None = None,
        *,
        concurrency: int = 20,
        batch: int = 100,
        threads: int = 3,
        poll: float = 1.0,
        stuck_after: float = STUCK_AFTER,
        organisation_id: int | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self.ways = dict(routes.from_environment() if ways is None else ways)
        self.drained = Drained()
        self._concurrency, self._batch, self._threads = concurrency, batch, threads
        self._poll, self._stuck_after = poll, stuck_after
        self._organisation_id, self._now = organisation_id, now or clock.now
        self._open: dict[str, Channel] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._pace: dict[Group, int] = {}
        self._late: Counter[Group] = Counter()
        self._faults: Counter[Group] = Counter()
        self._touched: set[int] = set()
        self._awaited: set[str] = set()
        self._unmatched: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False

    def run(self, *, once: bool = False, linger: float = 0.0) -> Drained:
        """Send; with `once` until nothing is due, then for `linger` seconds at most until the receipts have come."""
        asyncio.run(self.serve(once=once, linger=linger))
        return self.drained

    def stop(self) -> None:
        """Finish what is on the wire and come back; may be called from any thread or signal handler."""
        self._stopping = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._wake.set)

    async def serve(self, *, once: bool = False, linger: float = 0.0) -> None:
        self._loop = asyncio.get_running_loop()
        self._wake, self._heard = asyncio.Event(), asyncio.Event()
        self._places = asyncio.Semaphore(self._concurrency)
        self._hands = Hands(self._threads)
        helpers = [asyncio.create_task(self._listen())] if not once else []
        try:
            await self._open_ways(helpers)
            await (self._drain() if once else self._work(helpers))
            if once and linger:
                await self._await_receipts(linger)
        finally:
            await self._finish(helpers)

    # -- the loop --

    async def _work(self, helpers: list[asyncio.Task[None]]) -> None:
        pause = self._poll
        while not self._stopping:
            self._wake.clear()
            try:
                busy = await self._turn()
                pause = self._poll
            except (OperationalError, InterfaceError, psycopg.OperationalError) as error:
                log.error("the database is away, coming again in %.0f s: %s", pause, error)
                await self._hands.drop()
                busy, pause = False, min(pause * 2, 30.0)
            if not busy:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), pause)
                await self._open_ways(helpers)

    async def _drain(self) -> None:
        while not self._stopping:
            if await self._turn():
                continue
            if self._tasks:
                await asyncio.wait(self._tasks)
                continue
            due = await self._hands.do(self._next_due)
            now = self._now()
            if due is None or due > now + SOON:
                return
            await asyncio.sleep(max((due - now).total_seconds(), 0.01))

    async def _turn(self) -> bool:
        """One round over everything due; False when there was nothing to do."""
        await self._hands.do(self._recover)
        groups = await self._hands.do(self._due_groups)
        decided = False
        for group in groups:
            while len(self._tasks) >= self._concurrency and not self._stopping:
                await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            decided = await self._take(group) or decided
        if self._touched and (decided or not self._tasks):
            touched, self._touched = self._touched, set()
            await self._hands.do(self._tell, touched)
        if not decided and not self._tasks:
            await self._hands.do(steering.finish_done, self._now())
        return decided

    async def _take(self, group: Group) -> bool:
        """Let one batch of a group through the gate and set what was allowed on its way."""
        limit = self._limit(group)
        decisions = await self._hands.do(
            gate.decide_due, *group, channels=list(self._open), now=self._now(), limit=limit
        )
        for decision in decisions:
            self._count(decision)
            if decision.outcome == "allowed":
                task = asyncio.create_task(self._carry(group, decision))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        if decisions:
            self._touched.add(group[0])
        return bool(decisions)

    def _limit(self, group: Group) -> int:
        """As many as can leave before their permits run out: fewer after late ones, more after none."""
        pace = self._pace.get(group, self._batch)
        late = self._late.pop(group, 0)
        pace = max(pace // 2, 1) if late else min(pace * 2, self._batch)
        self._pace[group] = pace
        return pace

    def _count(self, decision: Decision) -> None:
        setattr(self.drained, decision.outcome, getattr(self.drained, decision.outcome) + 1)
        if decision.outcome in ("refused", "later"):
            self.drained.reasons.update(decision.reasons)

    # -- one message --

    async def _carry(self, group: Group, decision: Decision) -> None:
        async with self._places:
            try:
                await self._carry_out(group, decision)
            except (OperationalError, InterfaceError, psycopg.OperationalError) as error:
                # The contact stays as the database has it; `recover` finds it when its time is over.
                log.error("contact %s: the database went away: %s", decision.contact_id, error)

    async def _carry_out(self, group: Group, decision: Decision) -> None:
        try:
            rendered = _rendered(decision)
        except MissingValue as error:
            log.error("contact %s: %s", decision.contact_id, error)
            await self._hands.do(lambda: claims.unrenderable(open_cursor(), decision.contact_id, self._now()))
            self.drained.failed += 1
            return
        asked_at = time.monotonic()
        claimed = await self._hands.do(lambda: claims.claim(open_cursor(), decision, rendered, self._now()))
        if claimed is None:
            self._late[group] += 1
            self.drained.expired += 1
            return
        result = await self._send(decision, claimed, rendered, asked_at + claimed.seconds)
        if isinstance(result, Sent):
            self.drained.sent += 1
            self._faults.pop(group, None)
            if decision.channel == ChannelName.SMS:
                self._awaited.add(claimed.uid)
            await self._hands.do(lambda: claims.sent(open_cursor(), claimed.message_id, result, self._now()))
        else:
            await self._refused(group, decision, claimed, result)

    async def _send(self, decision: Decision, claimed: Claimed, rendered: Rendered, deadline: float) -> Sent | Refused:
        assert decision.version is not None
        assert decision.told is not None
        email = decision.told.email if decision.channel == ChannelName.EMAIL else ""
        outgoing = Outgoing(
            id=claimed.uid,
            to=decision.address,
            text=rendered.text,
            subject=rendered.subject or None,
            language=decision.version.language,
            unsubscribe_url=f"mailto:{quote(email, safe='@')}?subject=unsubscribe%20{claimed.uid}" if email else None,
        )
        try:
            return await self._open[decision.channel].send(outgoing, deadline=deadline)
        except Refused as refusal:
            return refusal
        except Exception:
            # A fault of ours in the middle of a dialogue: nobody can say how far it went.
            log.exception("contact %s: the channel %s broke", decision.contact_id, decision.channel)
            return Unanswered("broken")

    async def _refused(self, group: Group, decision: Decision, claimed: Claimed, refusal: Refused) -> None:
        state = await self._hands.do(lambda: claims.refused(open_cursor(), claimed, refusal, self._now()))
        if isinstance(refusal, TooLate):
            self._late[group] += 1
            self.drained.expired += 1
        elif state == "waiting":
            self.drained.not_now += 1
        else:
            setattr(self.drained, state, getattr(self.drained, state) + 1)
        if refusal.word is Word.NEVER:
            await self._hands.do(self._mark_wrong, group[0], decision.contact_id, refusal)
        if refusal.word is Word.REJECTED_BY_US:
            self._faults[group] += 1
            if self._faults[group] >= FAULTS_IN_A_ROW and group[1] is not None:
                self._faults.pop(group)
                await self._hands.do(steering.pause_by_itself, group[0], [group[1]], refusal.message)

    # -- the database's side, in the threads --

    def _recover(self) -> None:
        claims.recover(open_cursor(), self._now(), self._stuck_after)

    def _due_groups(self) -> list[Group]:
        return claims.due_groups(open_cursor(), list(self._open), self._now(), self._organisation_id)

    def _next_due(self) -> datetime | None:
        return claims.next_due(open_cursor(), list(self._open), self._organisation_id)

    def _tell(self, organisations: set[int]) -> None:
        for organisation_id in sorted(organisations):
            self.drained.sealed += permits.seal(organisation_id)
            signals.send(organisation_id, ["contacts"])

    def _mark_wrong(self, organisation_id: int, contact_id: int, refusal: Refused) -> None:
        cursor = open_cursor()
        cursor.execute("SELECT person_id, channel, address FROM outreach_contact WHERE id = %s", (contact_id,))
        row = cursor.fetchone()
        assert row is not None
        receipts.mark_wrong(
            organisation_id=organisation_id,
            person_id=row[0],
            channel=row[1],
            address=row[2],
            code=refusal.code,
            text=refusal.message,
        )

    # -- ways out, receipts, wakening --

    async def _open_ways(self, helpers: list[asyncio.Task[None]]) -> None:
        """Open what is not open yet; a way that does not answer is tried again at the next pause."""
        for name, way in self.ways.items():
            if name in self._open:
                continue
            try:
                await way.open()
            except Refused as refusal:
                log.warning("the channel %s cannot be opened: %s", name, refusal)
                continue
            self._open[name] = way
            helpers.append(asyncio.create_task(self._hear(way)))

    async def _hear(self, way: Channel) -> None:
        async for receipt in way.receipts():
            if not await self._hear_one(receipt) and len(self._unmatched) < MOST_UNMATCHED:
                task = asyncio.create_task(self._hear_again(receipt))
                self._unmatched.add(task)
                task.add_done_callback(self._unmatched.discard)

    async def _hear_again(self, receipt: Receipt) -> None:
        """A receipt may come before the answer it belongs to: look for its message a few times more."""
        for pause in MATCH_PAUSES:
            await asyncio.sleep(pause)
            if await self._hear_one(receipt):
                return
        log.info("a receipt about a message we do not know: %s", receipt.provider_id or receipt.message_id)

    async def _hear_one(self, receipt: Receipt) -> bool:
        """Write a receipt down; False when its message is not known, or not yet."""
        try:
            heard, organisation_id = await self._hands.do(receipts.hear, receipt, self._now())
        except (OperationalError, InterfaceError, psycopg.OperationalError) as error:
            log.error("a receipt could not be written down: %s", error)
            return False
        if heard == "unmatched":
            return False
        if heard == "taken" and organisation_id is not None:
            self.drained.receipts += 1
            self._touched.add(organisation_id)
        if receipt.word is not Word.ACCEPTED and receipt.message_id is not None:
            self._awaited.discard(receipt.message_id)
        self._heard.set()
        return True

    async def _await_receipts(self, linger: float) -> None:
        until = time.monotonic() + linger
        while self._awaited and (left := until - time.monotonic()) > 0:
            self._heard.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._heard.wait(), left)

    async def _listen(self) -> None:
        """Wake the loop when something is planned; while nobody can listen, polling does it alone."""
        parameters = await self._hands.do(_connection_parameters)
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as ear:
                    await ear.execute(f"LISTEN {wakening.CHANNEL}")
                    async for _notice in ear.notifies():
                        self._wake.set()
            except psycopg.OperationalError as error:
                log.warning("cannot listen to the database: %s", error)
                await asyncio.sleep(self._poll)

    async def _finish(self, helpers: list[asyncio.Task[None]]) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks)
        for way in self._open.values():
            await way.close()
        helpers = [*helpers, *self._unmatched]
        for helper in helpers:
            helper.cancel()
        await asyncio.gather(*helpers, return_exceptions=True)
        if self._touched:
            await self._hands.do(self._tell, self._touched)
        await self._hands.close()


def _rendered(decision: Decision) -> Rendered:
    assert decision.version is not None
    assert decision.told is not None
    return render(
        subject=decision.version.subject,
        text=decision.version.text,
        told=decision.told,
        language=decision.version.language,
        channel=decision.channel,
    )


def _connection_parameters() -> dict[str, Any]:
    """Where the database is, without what only Django's own connections carry."""
    known = ("dbname", "host", "port", "user", "password", "service", "passfile", "sslmode")
    return {name: value for name, value in connection.get_connection_params().items() if name in known}
