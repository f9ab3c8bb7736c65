"""What is kept of one live call, in the order it happened and while it happens.

Words are written behind the conversation, so that no sound waits for the database; a decision is awaited: it is
committed, with everything before it, before the robot confirms it to the person.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import psycopg
import structlog
from django.db import Error, InterfaceError, OperationalError, transaction

from okno.common import clock
from okno.dialogs.live import signals
from okno.dialogs.models import Call, CallAction, CallState, CallTurn, Speaker
from okno.dialogs.turn import State
from okno.dialogs.values import plain
from okno.outreach.hands import Hands
from okno.telephony.leg import Ending, Outcome, RecordingResult

_log = structlog.get_logger("okno.dialogs.live")
_AWAY = (OperationalError, InterfaceError, psycopg.OperationalError)
_TRIES = (0.1, 0.5, 1.0, 2.0)
"""Seconds before each next try while the database is away: a conversation cannot wait longer for its own words."""


class Unkept(Exception):
    """A decision could not be committed: it must not be confirmed."""


class Book:
    """One call's book, kept by the one who leads the call: turns and actions are numbered from 1."""

    def __init__(self, call: Call, hands: Hands, *, now: Callable[[], datetime] = clock.now) -> None:
        self.call = call
        self._hands = hands
        self._now = now
        self._answered: float | None = None
        self._turns = self._actions = 0
        self._closed = False
        self._work: asyncio.Queue[tuple[Callable[[], None], asyncio.Future[None] | None]] = asyncio.Queue()
        self._writer = asyncio.get_running_loop().create_task(self._write())

    def ms(self, at: float | None = None) -> int:
        """Milliseconds from the answer to `at` of the loop's clock (now by default); 0 before the answer."""
        if self._answered is None:
            return 0
        moment = asyncio.get_running_loop().time() if at is None else at
        return max(0, round((moment - self._answered) * 1000))

    def ringing(self) -> None:
        self._change(lambda: {"state": CallState.RINGING}, only=(CallState.DIALLING,))

    async def rings(self, state: CallState) -> None:
        """Whose phone is about to be rung, the agent's own or the person's; committed before this returns."""

        def turn() -> None:
            going_on = Call.objects.filter(pk=self.call.pk).exclude(state__in=(CallState.ENDED, CallState.LOST))
            if going_on.update(state=state):
                signals.changed(self.call)

        await self._now_or_never(turn)

    def answered(self) -> None:
        """The clock of the turns begins."""
        self._answered = asyncio.get_running_loop().time()
        now = self._now()
        self._change(lambda: {"state": CallState.TALKING, "answered_at": now})

    def picked_up(self, who: str) -> None:
        self._change(lambda: {"picked_up": who})

    def with_person(self, agent_id: int) -> None:
        """`agent_id` is the user's."""
        self._change(lambda: {"state": CallState.WITH_PERSON, "agent_id": agent_id})

    def recording(self, path: str) -> None:
        self._change(lambda: {"recording": path})

    def says(self, phrase: str, text: str, *, node: str = "", reply_ms: int | None = None) -> int:
        """The robot begins to say a phrase; its number, for `said`."""
        return self._turn(
            Speaker.ROBOT, at_ms=self.ms(), node=node, phrase=phrase[:64], text=text, reply_ms=reply_ms
        )  # fmt: skip

    def said(self, number: int, *, cut: bool = False) -> None:
        """The phrase has been said, or was cut short at this moment."""
        told: dict[str, Any] = {"until_ms": self.ms(), **({"value": {"cut": True}} if cut else {})}
        self._later(lambda: CallTurn.objects.filter(call=self.call, number=number, until_ms=None).update(**told))

    def heard(
        self,
        text: str,
        *,
        at: float,
        until: float,
        node: str = "",
        expected: str = "",
        value: Any = None,
        confidence: float | None = None,
        by_keys: bool = False,
        words: str = "",
    ) -> None:
        """The person said or pressed something; `words` tell why it was not understood."""
        self._turn(
            Speaker.PERSON, at_ms=self.ms(at), until_ms=self.ms(until), node=node, expected=expected[:16], heard=text,
            value=plain(value), confidence=confidence, by_keys=by_keys, text=words,
        )  # fmt: skip

    def line(self, text: str) -> None:
        """Something happened that nobody said."""
        self._turn(Speaker.LINE, at_ms=self.ms(), text=text)

    async def decide(self, state: State, actions: Sequence[Mapping[str, Any]]) -> None:
        """Commit where the dialog stands and what it decided, after all that came before. Raises `Unkept`."""
        first, now = self._actions + 1, self._now()
        self._actions += len(actions)
        rows = [
            CallAction(
                call=self.call,
                number=number,
                kind=str(action["do"])[:24],
                data={name: plain(value) for name, value in action.items() if name != "do"},
                created_at=now,
            )
            for number, action in enumerate(actions, start=first)
        ]
        dialog = _dialog(state)

        def keep() -> None:
            Call.objects.filter(pk=self.call.pk).update(dialog=dialog, slots=dialog["slots"], language=state.language)
            CallAction.objects.bulk_create(rows, ignore_conflicts=True)
            signals.went_on(self.call)

        await self._now_or_never(keep)

    async def made(self, kind: str, words: str) -> None:
        """What came of an action the conversation itself carried out."""
        now = self._now()
        await self._now_or_never(
            lambda: (
                CallAction.objects.filter(call=self.call, kind=kind, done_at=None, failed="").update(
                    done_at=now, made=words[:64]
                )
                and None
            )
        )

    async def over(
        self,
        *,
        outcome: Outcome,
        ending: Ending | None,
        result: str,
        recorded: RecordingResult | None,
        lost: bool = False,
    ) -> None:
        """The call is over; kept before this returns unless the database is away (`Unkept`)."""
        now = self._now()
        words = (ending.words if ending else "") or outcome.words

        def end() -> None:
            kept = Call.objects.select_for_update().get(pk=self.call.pk)
            if kept.state in (CallState.ENDED, CallState.LOST):
                return
            kept.state = CallState.LOST if lost else CallState.ENDED
            kept.ended_at = now
            kept.seconds = max(0, round((now - kept.answered_at).total_seconds())) if kept.answered_at else None
            kept.outcome, kept.sip_status = outcome.kind.value, outcome.sip_status
            kept.q850 = ending.q850 if ending and ending.q850 is not None else outcome.q850
            kept.ended_by = ending.by.value if ending else ""
            # The result a person wrote while they still talked stands: we only know that they were given the call.
            kept.words, kept.result = words[:200], kept.result or result[:32]
            if recorded is not None:
                kept.recording_cut = recorded.cut[:64]
            kept.save()
            signals.changed(kept)

        await self._now_or_never(end)

    async def close(self) -> None:
        """Write what waits and end; nothing can be kept after it."""
        await self._work.join()
        self._writer.cancel()
        self._closed = True

    def _turn(self, who: Speaker, **values: Any) -> int:
        self._turns += 1
        row = CallTurn(call=self.call, number=self._turns, who=who, **values)

        def insert() -> None:
            row.save(force_insert=True)
            signals.went_on(self.call)

        self._later(insert)
        return self._turns

    def _change(self, values: Callable[[], dict[str, Any]], *, only: tuple[str, ...] = ()) -> None:
        def change() -> None:
            rows = Call.objects.filter(pk=self.call.pk).exclude(state__in=(CallState.ENDED, CallState.LOST))
            if only:
                rows = rows.filter(state__in=only)
            if rows.update(**values()):
                signals.changed(self.call)

        self._later(change)

    def _later(self, write: Callable[[], Any]) -> None:
        self._work.put_nowait((write, None))

    async def _now_or_never(self, write: Callable[[], Any]) -> None:
        if self._closed:
            raise Unkept("the book is closed")
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._work.put_nowait((write, done))
        await done

    async def _write(self) -> None:
        while True:
            write, done = await self._work.get()
            try:
                await self._one(write)
            except Exception as error:
                _log.exception("a call could not be written down", call=self.call.pk)
                if done is not None and not done.done():
                    done.set_exception(Unkept(str(error)))
            else:
                if done is not None and not done.done():
                    done.set_result(None)
            finally:
                self._work.task_done()

    async def _one(self, write: Callable[[], Any]) -> None:
        """Each write in a transaction of its own; a database that went away is asked again."""

        def run() -> None:
            with transaction.atomic():
                write()

        for pause in _TRIES:
            try:
                return await self._hands.do(run)
            except _AWAY:
                await self._hands.drop()
                await asyncio.sleep(pause)
            except Error:
                raise
        await self._hands.do(run)


def _dialog(state: State) -> dict[str, Any]:
    """Where the dialog stands, without the facts it was told: they stand in their own rooms."""
    return {
        "node": state.node,
        "language": state.language,
        "slots": {name: plain(value) for name, value in state.slots.items()},
        "misses": state.misses,
        "turns": state.turns,
        "confirmed": state.confirmed,
        "ended": state.ended,
    }
