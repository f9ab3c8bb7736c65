"""One call from its row to its end: what it needs is made ready, the phone is rung, the conversation is led, and the
row says how it went. The line's faults, a payment while it rings and a voice that is missing all end in the row too.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import structlog

from okno.common import clock
from okno.dialogs import dialler, facts, performing, versions
from okno.dialogs import turn as turns
from okno.dialogs.dialler import retry
from okno.dialogs.live import call_backs, handing, own_phone, recordings, staffed
from okno.dialogs.live.book import Book, Unkept
from okno.dialogs.live.conversation import Conversation, Engines, Limits
from okno.dialogs.live.mouth import NoVoice, prepare
from okno.dialogs.models import Call, CallState
from okno.dialogs.scenario import BadScenario
from okno.dialogs.turn import Phrase
from okno.dialogs.versions import Chosen
from okno.outreach.hands import Hands
from okno.speech.activity import VoiceActivity
from okno.speech.answering import Listener
from okno.speech.engines import TooBusy, Unavailable
from okno.telephony.leg import By, Ending, Gone, Kind, Outcome, RecordingResult
from okno.telephony.remote import RemoteLeg
from okno.telephony.supervisor import NotRunning

_log = structlog.get_logger("okno.dialogs.live")
_RING_SECONDS = 30.0
_END_SECONDS = 10.0
"""How long the line may take to tell of an end and of a finished recording."""

Told = TypeVar("Told")

OWED = frozenset({"no_voice", "too_long", staffed.NOBODY})
"""Results after which somebody of the staff calls: the person was left without an answer by our fault."""


@dataclass(frozen=True, kw_only=True)
class Means:
    """What a call is led with; the same for all calls of an operator."""

    operator: str
    hands: Hands
    engines: Engines
    limits: Limits
    make_listener: Callable[[], Listener] = Listener
    make_activity: Callable[[], VoiceActivity] = VoiceActivity
    now: Callable[[], datetime] = clock.now


class Led:
    """A call that is being led; `paid` may be told at any time."""

    def __init__(self, call: Call, means: Means) -> None:
        self.call = call
        self.outcome: Outcome | None = None
        self._means = means
        self._hands = means.hands
        self._book = Book(call, means.hands, now=means.now)
        self._conversation: Conversation | None = None
        self._dialling: asyncio.Task[Any] | None = None
        self._own: own_phone.OwnPhone | None = None
        self._recording = ""
        self._performing = asyncio.Lock()

    @property
    def accounts(self) -> frozenset[int]:
        """The accounts whose money concerns the call: its own, and those its conversation may speak of."""
        own = frozenset([self.call.account_id] if self.call.account_id else [])
        return own | (self._conversation.accounts if self._conversation is not None else frozenset())

    def paid(self, account_id: int) -> None:
        """The account owes nothing any more: while it rings that takes the call back, in a conversation it turns it."""
        if self._dialling is not None and not self._dialling.done():
            if account_id == self.call.account_id:
                self._take_back()
        elif self._conversation is not None:
            self._conversation.paid(account_id)

    async def out(self, make_leg: Callable[..., RemoteLeg]) -> None:
        """Make the call: `make_leg(record=…)` gives a leg of the line (raises `NotRunning`). Our own fault ends it."""
        try:
            await self._out(make_leg)
        except Exception as error:
            # The row must not stay open for ever, nor its contact on its way.
            _log.exception("a call broke", call=self.call.pk)
            with suppress(Unkept):
                await self._not_made(f"ошибка программы: {type(error).__name__}")

    async def _out(self, make_leg: Callable[..., RemoteLeg]) -> None:
        try:
            chosen, told = await self._hands.do(self._read)
        except facts.NothingOwed as error:
            # The gate says so too, and takes the call back as paid.
            if await self._may_be_made():
                return await self._not_made(str(error))
            return await self._book.close()
        except (facts.NobodyToCall, BadScenario) as error:
            return await self._not_made(str(error))
        try:
            # Nobody is rung by a robot that cannot speak, and whoever picks up is spoken to at once.
            await prepare(self._means.engines.voice, self._first_words(chosen, told))
            record = await self._record()
            if not await self._may_be_made():
                return await self._book.close()
            if own_phone.is_by_hand(self.call):
                await self._by_hand(make_leg, record, chosen, told)
            else:
                await self._reach(make_leg(record=record), chosen, told)
        except (NoVoice, NotRunning) as error:
            await self._not_made(str(error))

    async def _by_hand(
        self, make_leg: Callable[..., RemoteLeg], record: Any, chosen: Chosen, told: Mapping[str, Any]
    ) -> None:
        """The agent's own phone first; the person is rung only once the agent is there, and only if still permitted."""
        agent = await self._hands.do(own_phone.kept, self.call)
        if agent is None:
            return await self._over(Outcome(kind=Kind.CANCELLED, words=retry.NO_AGENT), None, "", None)
        own = self._own = own_phone.OwnPhone(make_leg(), agent)
        try:
            await self._book.rings(CallState.TO_AGENT)
            why = await self._unless_taken_back(own.ring())
            if why != "":
                return await self._over(Outcome(kind=Kind.CANCELLED, words=why or "paid"), None, "", None)
            await self._book.rings(CallState.DIALLING)
            if not await self._may_be_made():
                return await self._book.close()
            await self._reach(make_leg(record=record), chosen, told)
        finally:
            await own.hang_up()

    async def _reach(self, leg: RemoteLeg, chosen: Chosen, told: Mapping[str, Any]) -> None:
        """Ring the person's phone, and talk when somebody answers."""
        self._converse(leg, chosen, told, self._means.make_listener())
        self.outcome = await self._dial(leg)
        if self.outcome.kind is Kind.ANSWERED:
            await self._talk(leg)
        else:
            await self._over(self.outcome, None, "", None)

    async def come_in(self, leg: RemoteLeg, chosen: Chosen, told: Mapping[str, Any]) -> None:
        """Answer a call that rings at our side; its row is there."""
        self._converse(leg, chosen, told, None)
        leg.record = await self._record()
        try:
            await leg.answer()
        except Gone:
            ending = await leg.ended()
            missed = Outcome(kind=Kind.CANCELLED, words=ending.words)
            return await self._over(missed, ending, "", None)
        self.outcome = Outcome(kind=Kind.ANSWERED)
        await self._talk(leg)

    async def _may_be_made(self) -> bool:
        """The gate's word of this very moment. In a demo a person may have the robot call a phone beside them."""
        if self.call.contact_id is None and self.call.organisation.is_demo:
            return True
        return await self._hands.do(dialler.may_still, self.call, self._means.now())

    def _converse(self, leg: RemoteLeg, chosen: Chosen, told: Mapping[str, Any], listener: Listener | None) -> None:
        self._chosen = chosen
        self._conversation = Conversation(
            leg,
            self.call,
            chosen.scenario,
            told,
            self._means.engines,
            book=self._book,
            perform=self._perform,
            hand_over=lambda: handing.hand_over(leg, self.call, self._book, self._hands),
            look=self._look,
            listener=listener,
            make_activity=self._means.make_activity,
            limits=self._means.limits,
        )

    def _read(self) -> tuple[Chosen, Mapping[str, Any]]:
        """What the call speaks and what it must know, as of this moment."""
        # Read anew with all that the event loop will ask of it: it must never wait for the database itself.
        with_all = Call.objects.select_related("organisation", "campaign__campaign", "account", "version")
        call = self.call = with_all.get(pk=self.call.pk)
        chosen = scenario_of(call)
        return chosen, facts.of_call(call, clock.today(call.organisation.time_zone))

    async def _look(self, seeks: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a turn of the dialog seeks, as of this moment."""
        call, organisation = self.call, self.call.organisation
        if facts.is_of_deeds(seeks):
            return await self._hands.do(facts.made_of_call, call)
        day = clock.today(organisation.time_zone)
        again = partial(facts.of_call, call, day)
        return await self._hands.do(facts.look, organisation, seeks, day, again)

    async def _record(self) -> Any:
        """The file to record to; None when the campaign wants none or there is no folder for it."""
        campaign = self.call.campaign
        if campaign is not None and not campaign.record:
            return None
        try:
            self._recording = await asyncio.to_thread(recordings.place, self.call)
        except OSError as error:
            self._book.line(f"запись не ведётся: {error.strerror}")
            return None
        return recordings.path(self._recording)

    async def _dial(self, leg: RemoteLeg) -> Outcome:
        own = self._own
        leg.on_change = partial(self._on_ringing, leg)
        campaign = self.call.campaign
        timeout = float(campaign.ring_seconds) if campaign is not None else _RING_SECONDS
        if own is not None:
            if own.left:
                return own_phone.taken_back(rang=False)
            own.hears_ringing(timeout)
            own.watch(self._take_back)
        outcome = await self._unless_taken_back(leg.dial(self.call.address, timeout=timeout))
        if own is not None and own.left and (outcome is None or outcome.kind is Kind.CANCELLED):
            return own_phone.taken_back(rang=leg.rang or leg.early)
        return outcome or Outcome(kind=Kind.CANCELLED, words="paid", rang=leg.rang)

    def _on_ringing(self, leg: RemoteLeg, event: str) -> None:
        if event in {"rang", "early"}:
            self._book.ringing()
        if event == "early" and self._own is not None:
            self._own.hears(leg)

    async def _unless_taken_back(self, dialling: Coroutine[Any, Any, Told]) -> Told | None:
        """What came of ringing a phone; None when `_take_back` was told meanwhile."""
        self._dialling = task = asyncio.create_task(dialling)
        try:
            return await task
        except asyncio.CancelledError:
            if not task.cancelled():
                raise
            return None

    def _take_back(self) -> None:
        """Ring no longer: the payment came, or the agent has hung up."""
        if self._dialling is not None:
            self._dialling.cancel()

    async def _talk(self, leg: RemoteLeg) -> None:
        assert self._conversation is not None
        assert self.outcome is not None
        self._book.answered()
        if self._recording:
            self._book.recording(self._recording)
        result = await (self._staffed(leg) if staffed.is_staffed(self.call) else self._conversation.run())
        ending: Ending | None = None
        recorded: RecordingResult | None = None
        with suppress(TimeoutError):
            async with asyncio.timeout(_END_SECONDS):
                ending = await leg.ended()
                recorded = await leg.recorded()
        if leg.keys_refused:
            self._book.line(f"лишние нажатия клавиш: {leg.keys_refused}")
        await self._over(self.outcome, ending, result, recorded)

    async def _staffed(self, leg: RemoteLeg) -> str:
        """A person of the staff talks; the robot only says that everybody is busy."""
        try:
            if self._own is not None:
                result = "" if await self._own.talk(leg, self._book) else staffed.NOBODY
            else:
                result = await staffed.talk(leg, self.call, self._book, self._hands)
            if result == staffed.NOBODY:
                for phrase in staffed.sorry(self._chosen, self.call.language):
                    leg.write(await self._means.engines.voice.speak(phrase.text, phrase.language))
                await leg.drained()
        except Gone:
            result = ""
        except (TooBusy, Unavailable):
            result = staffed.NOBODY
        await leg.hang_up()
        return result

    def _first_words(self, chosen: Chosen, told: Mapping[str, Any]) -> Sequence[Phrase]:
        if staffed.is_staffed(self.call):
            return staffed.sorry(chosen, self.call.language)
        return first_words(chosen, told, self.call.language)

    async def _not_made(self, words: str) -> None:
        """Nobody was rung: the fault is ours, or there is nothing to call about any more."""
        await self._over(Outcome(kind=Kind.FAILED, words=words), None, "", None)

    async def _over(
        self, outcome: Outcome, ending: Ending | None, result: str, recorded: RecordingResult | None
    ) -> None:
        self.outcome = outcome
        now = self._means.now()
        broken = ending is not None and ending.by is By.FAULT
        try:
            await self._book.over(outcome=outcome, ending=ending, result=result, recorded=recorded, lost=broken)
        except Unkept:
            # The row stays as it is, without a sign of life, and is written off by whoever recovers.
            return
        finally:
            await self._book.close()
        if result in OWED or (broken and outcome.kind is Kind.ANSWERED):
            await self._hands.do(call_backs.owe, self.call, now, words=result or "fault")
        await self._hands.do(dialler.finished, self.call.pk, now)

    async def _perform(self) -> None:
        async with self._performing:
            await self._hands.do(performing.perform, self.call.pk)


def first_words(chosen: Chosen, told: Mapping[str, Any], language: str) -> Sequence[Phrase]:
    """What the call begins with."""
    return turns.start(chosen.scenario, language, told).say


def scenario_of(call: Call) -> Chosen:
    """The scenario the call's row names, in the version it was claimed with."""
    if call.version is not None:
        return Chosen(versions.parsed(call.version.source, call.scenario), call.version, call.arm)
    return versions.chosen(call.organisation, call.scenario, str(call.uid))
