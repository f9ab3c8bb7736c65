"""One live call: the scenario spoken phrase by phrase on a leg, and answers heard, typed or missing.

The person may interrupt at every moment, by voice or by keys. What was decided is committed before it is confirmed.
Whatever breaks — the voice, the recogniser, the line — ends in something a person can be told: keys, a call-back.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Protocol

import structlog

from okno.dialogs import turn as turns
from okno.dialogs.facts import is_of_deeds
from okno.dialogs.live import answers, paid, pickup
from okno.dialogs.live.book import Book, Unkept
from okno.dialogs.live.ear import EARLY_SECONDS, Began, Ear, Event, Over, Paused, Pressed, Spoke, WentOn
from okno.dialogs.live.hearing import Hearing
from okno.dialogs.live.mouth import AllSaid, Mouth, NoVoice
from okno.dialogs.live.pickup import NO_PERSON, Greeting, Machine
from okno.dialogs.models import Call, Direction
from okno.dialogs.scenario import Ask, Scenario
from okno.dialogs.turn import Happened, HeardTurn, Keys, Said, State, Turn
from okno.dialogs.values import likely
from okno.speech.activity import VoiceActivity
from okno.speech.answering import Listener, Who, verdict_of_words
from okno.speech.recogniser import Recogniser
from okno.speech.sound import seconds
from okno.speech.trouble import TooBusy, Unavailable
from okno.speech.voice import Voice
from okno.telephony.leg import CallLeg, Gone

_log = structlog.get_logger("okno.dialogs.live")
PAID = "paid"
_NO_WORDS = Happened("no_words")
"""What stands for an answer that nobody could recognise: no scenario names it, so the question is asked by keys."""
_HUNG_UP = Happened("hung_up")
_AGAIN = 2
"""How many times what a noise broke is said again."""
_DEEDS_SECONDS = 1.0
"""So long the person waits to hear what came of their words, the number of a request; then they hear the rest."""
_GREETED_LATE = 2
"""So many answers are looked at for the words of a machine."""


class Engines(Protocol):
    """What a conversation needs of `okno.speech.engines.Engines`."""

    @property
    def recogniser(self) -> Recogniser: ...

    @property
    def voice(self) -> Voice: ...


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long a conversation waits, in seconds."""

    silence: float = 6.0
    longest: float = 900.0
    """After so long the person is given to a person; after `farewell` more the call ends."""
    farewell: float = 90.0
    between_keys: float = 3.0
    most_keys: int = 24
    cuts: int = 3
    """Answers cut for their length, after which the person is given to a person."""
    performing: float = 10.0


@dataclass(frozen=True, slots=True)
class _Told:
    event: str


class Conversation:
    """`await Conversation(leg, call, scenario, facts, engines, …).run()` on an answered leg talks until the end, hangs
    up and returns the result: an end of the scenario, or hung_up, machine, screening, transferred, too_long, no_voice,
    fault.

    `perform` is called after every commit of actions; `hand_over` gives the person to somebody of the staff and says
    whether anybody was free (raises `Gone`). `look` finds what a turn seeks. `listener` is None for a call that came to
    us: whoever calls is a person.
    """

    def __init__(
        self,
        leg: CallLeg,
        call: Call,
        scenario: Scenario,
        facts: Mapping[str, Any],
        engines: Engines,
        *,
        book: Book,
        perform: Callable[[], Awaitable[None]],
        hand_over: Callable[[], Awaitable[bool]],
        look: Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]] | None = None,
        listener: Listener | None,
        make_activity: Callable[[], VoiceActivity] = VoiceActivity,
        limits: Limits | None = None,
    ) -> None:
        self.result = ""
        self._leg = leg
        self._call = call
        self._scenario = scenario
        self._facts = facts
        self._hearing = Hearing(engines.recogniser, call.language)
        self._book = book
        self._perform = perform
        self._hand_over = hand_over
        self._look = look
        self._limits = limits or Limits()
        self._events: asyncio.Queue[Event | AllSaid | _Told] = asyncio.Queue()
        self._mouth = Mouth(leg, engines.voice, book, self._events.put_nowait)
        self._greeting = None if listener is None else Greeting(self._greeting_words, language=call.language)
        early = make_activity()
        early.end_pause = EARLY_SECONDS
        self._ear = Ear(leg, make_activity(), listener, self._events.put_nowait, early=early)
        self._performing: set[asyncio.Task[None]] = set()
        self._spoken_at = (0.0, 0.0)
        self._last: float | None = None
        self._clock = asyncio.timeout(None)
        self._cuts = self._answers = 0
        self._speaks_on = False
        self._state: State | None = None
        self._decided: set[str] = set()
        self._promised = False
        self._paid: set[int] = set()

    @property
    def accounts(self) -> frozenset[int]:
        """The accounts the conversation may speak of."""
        return paid.accounts_of(self._state.facts if self._state else self._facts, self._call.account_id)

    def happened(self, event: str) -> None:
        """Something happened outside; a scenario that has no way on for it goes on as it was."""
        if event in self._scenario.anywhere:
            self._events.put_nowait(_Told(event))

    def paid(self, account_id: int) -> None:
        """This account owes nothing any more: a talk of its debt turns to thanks, a caller's talk of something else
        goes on, and whoever asks about it later hears that it is paid."""
        self._paid.add(account_id)
        is_ours = self._call.direction != Direction.IN and account_id == self._call.account_id
        if is_ours or paid.speaks_of(self._state, account_id, self._call.account_id):
            self.happened(PAID)

    async def run(self) -> str:
        listening = asyncio.create_task(self._ear.run())
        self._last = self._now() + self._limits.longest
        try:
            async with asyncio.timeout(self._limits.longest + self._limits.farewell) as self._clock:
                self.result = await self._talk()
        except Machine as machine:
            self._book.picked_up(machine.who.value)
            self.result = machine.who.value
        except (TimeoutError, NoVoice, Unkept) as trouble:
            self.result = self._trouble(trouble)
        except Exception:
            # A fault of ours in one call must not end the others, and its person must not be left in silence.
            _log.exception("a conversation broke", call=self._call.pk)
            self._book.line("ошибка программы")
            self.result = "fault"
        finally:
            self._hearing.forget()
            self._mouth.hush()
            await self._leg.hang_up()
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
            if self._performing:
                await asyncio.wait(tuple(self._performing), timeout=self._limits.performing)
        return self.result

    def _trouble(self, trouble: Exception) -> str:
        if isinstance(trouble, NoVoice):
            self._book.line(str(trouble))
            return "no_voice"
        return self.result or ("too_long" if isinstance(trouble, TimeoutError) else "fault")

    async def _talk(self) -> str:
        if self._greeting is not None:
            verdict = await self._greeting.verdict(self._events)
            self._book.picked_up(verdict.who.value)
            if verdict.who in NO_PERSON:
                return await self._leave(verdict.who, beeped=verdict.beeped)
            self._ear.know()
            self._let_go(Began, Spoke, Paused, WentOn, Pressed)
        turn = await self._settled(turns.start(self._scenario, self._call.language, self._facts))
        while True:
            self._state = turn.state
            self._hearing.language = turn.state.language
            await self._decide(turn)
            self.result = turn.state.ended
            given, self._decided = "transfer" in self._decided, set()
            heard = await (self._transfer(turn) if given else self._answer(turn))
            if heard is None or (heard == _HUNG_UP and self.result):
                return self.result
            if heard == _HUNG_UP:
                return "promised" if self._promised else "hung_up"
            state = turn.state if heard == Happened(PAID) else paid.without_debt(turn.state, self._paid)
            turn = await self._settled(self._step(state, heard))

    async def _decide(self, turn: Turn) -> None:
        """Commit what the turn has decided, and begin to do it."""
        await self._book.decide(turn.state, turn.actions)
        kinds = {str(action["do"]) for action in turn.actions}
        self._start_performing(kinds)
        self._decided |= kinds
        self._promised |= "promise" in kinds

    async def _settled(self, turn: Turn) -> Turn:
        """The turn with what it seeks looked up; what cannot be looked up now counts as not found.

        What seeks its own decisions' deeds waits until they are committed and, for a moment, until they are done.
        """
        while turn.seeks:
            if is_of_deeds(turn.seeks):
                await self._decide(turn)
                turn = replace(turn, actions=())
                if self._performing:
                    await asyncio.wait(tuple(self._performing), timeout=_DEEDS_SECONDS)
            told: Mapping[str, Any] = {"found": False}
            try:
                told = await self._look(turn.seeks) if self._look is not None else told
            except Exception:
                _log.exception("something could not be looked up", call=self._call.pk)
            turn = turns.joined(turn, turns.found(self._scenario, turn.state, told))
        return turn

    def _step(self, state: State, heard: HeardTurn) -> Turn:
        if heard == _NO_WORDS:
            # The words cannot be recognised now: the question by keys comes at once.
            state = replace(state, misses=max(state.misses, 1))
        turn = turns.step(self._scenario, state, heard)
        if isinstance(heard, Happened):
            if heard not in (_NO_WORDS, answers.UNCLEAR):
                self._book.line(heard.event)
            return turn
        ask, understood = self._ask(state), turn.understood
        self._book.heard(
            heard.text if isinstance(heard, Said) else heard.digits,
            at=self._spoken_at[0],
            until=self._spoken_at[1],
            node=state.node,
            expected=ask.expect if ask else "",
            value=understood.value if understood else None,
            confidence=round(understood.confidence, 3) if understood else None,
            by_keys=isinstance(heard, Keys),
        )
        return turn

    def _ask(self, state: State) -> Ask | None:
        return None if state.ended else self._scenario.nodes[state.node].ask

    # -- one turn --

    async def _answer(self, turn: Turn) -> HeardTurn | None:
        """Say the turn and wait for what comes back; None when the dialog has ended and all is said."""
        ask = self._ask(turn.state)
        self._hearing.forget()
        self._mouth.begin(turn.say)
        if ask is None:
            return None if await self._said_all() else _HUNG_UP
        self._ear.wait_for_end(answers.end_pause(ask.expect))
        # Somebody who speaks without an end is spoken over, or would never be told anything.
        heedful, speaking, again, until = not self._speaks_on, False, _AGAIN, None
        while True:
            match await self._next(until):
                case None:
                    return Happened("silence")
                case Over():
                    return _HUNG_UP
                case AllSaid() as said if self._mouth.said(said):
                    until = None if speaking else self._in_silence()
                case _Told(name):
                    self._mouth.hush()
                    return Happened(name)
                case Pressed(key):
                    self._mouth.hush()
                    return await self._keys(key, ask)
                case Paused(sound):
                    self._hearing.guess(sound, ask, self._likely(turn.state, ask))
                case WentOn():
                    self._hearing.forget()
                case Began():
                    speaking, until = True, None
                    if heedful:
                        self._mouth.hush()
                case Spoke() as spoke:
                    speaking = spoke.cut
                    if not heedful and not self._mouth.silent:
                        continue
                    if (heard := await self._words(spoke, turn, ask)) is not None:
                        self._mouth.hush()
                        return heard
                    if self._mouth.unsaid and again:
                        again -= 1
                        self._mouth.begin(self._mouth.unsaid)
                    else:
                        until = self._in_silence()

    def _in_silence(self) -> float:
        return self._now() + self._limits.silence

    async def _next(self, until: float | None) -> Event | AllSaid | _Told | None:
        """The next event; None when none comes until then. A call that lasts too long is told as the wish for a
        person, once."""
        moments = [moment for moment in (until, self._last) if moment is not None]
        with suppress(TimeoutError):
            async with asyncio.timeout_at(min(moments, default=None)):
                return await self._events.get()
        if self._last is not None and self._now() >= self._last:
            self._last = None
            return _Told(turns.PERSON)
        return None

    async def _said_all(self) -> bool:
        """Wait until what was begun is said, whatever comes meanwhile; False when there is nobody any more."""
        while True:
            event = await self._events.get()
            if isinstance(event, Over):
                return False
            if isinstance(event, AllSaid) and self._mouth.said(event):
                return True

    async def _keys(self, keys: str, ask: Ask) -> HeardTurn:
        """The keys of one answer. A storm is one answer: what it pressed beyond that answers no later question."""
        began = self._now()
        while not answers.keys_complete(keys, ask) and len(keys) < self._limits.most_keys:
            event = await self._next(self._now() + self._limits.between_keys)
            if event is None:
                break
            if isinstance(event, Over):
                return _HUNG_UP
            if isinstance(event, _Told):
                return Happened(event.event)
            keys += event.key if isinstance(event, Pressed) else ""
        self._let_go(Pressed)
        self._spoken_at = (began, self._now())
        self._mouth.answer_ended = self._now()
        return Keys(keys)

    def _let_go(self, *kinds: type) -> None:
        """Forget the events of these kinds that wait: they answer nothing any more."""
        for event in [self._events.get_nowait() for _ in range(self._events.qsize())]:
            if not isinstance(event, kinds):
                self._events.put_nowait(event)

    # -- words --

    async def _words(self, spoke: Spoke, turn: Turn, ask: Ask) -> HeardTurn | None:
        """The words of an answer; None for a noise. Raises `Machine` when a machine has spoken them."""
        self._speaks_on = spoke.cut
        self._cuts += spoke.cut
        if self._cuts > self._limits.cuts:
            self._cuts = 0
            return Happened("not_understood")
        try:
            found = await self._hearing.words(spoke, ask, self._likely(turn.state, ask))
        except (TooBusy, Unavailable) as error:
            self._unheard(spoke, turn, "", str(error) or "распознаватель перегружен")
            return _NO_WORDS
        if found.rejected or not found.text.strip():
            self._unheard(spoke, turn, found.text, found.rejected or "silence")
            if spoke.cut:
                return _NO_WORDS
            # Who has said all and is not understood should not wait for the silence to end.
            return answers.UNCLEAR if found.rejected == answers.UNSURE and not self._mouth.unsaid else None
        self._answers += 1
        if self._greeting is not None and self._answers <= _GREETED_LATE:
            verdict = verdict_of_words(found.text, self._call.language)
            if verdict is not None and verdict.who in NO_PERSON:
                self._unheard(spoke, turn, found.text, verdict.who.value)
                raise Machine(verdict.who)
        self._spoken_at = (spoke.began, spoke.ended)
        self._mouth.answer_ended = spoke.ended
        return answers.said(found, ask)

    def _likely(self, state: State, ask: Ask) -> Sequence[str]:
        return answers.likely(likely(ask, state), state.language)

    def _unheard(self, spoke: Spoke, turn: Turn, text: str, why: str) -> None:
        self._book.heard(
            text, at=spoke.began, until=spoke.ended, node=turn.state.node, expected=turn.expects, words=why
        )

    async def _greeting_words(self, sound: bytes) -> str:
        """The first words; "" when nobody can tell them in time."""
        ended = self._now()
        with suppress(TooBusy, Unavailable):
            found = await self._hearing.greeting(sound)
            if not found.rejected:
                self._book.heard(found.text, at=ended - seconds(sound), until=ended, confidence=found.confidence)
                return found.text
        return ""

    # -- machines, people, deeds --

    async def _leave(self, who: Who, *, beeped: bool) -> str:
        """Tell a machine what it may hear, a recording one after its tone."""
        self._book.line(who.value)
        message = pickup.message(self._scenario, self._call.language, self._facts, who)
        if message is not None and (who is Who.SCREENING or beeped or await pickup.beep(self._events)):
            self._mouth.begin([message])
            await self._said_all()
        return who.value

    async def _transfer(self, turn: Turn) -> HeardTurn | None:
        """Tell the person to wait and hand the call over; None when somebody has it."""
        self._mouth.begin(turn.say)
        if not await self._said_all():
            return _HUNG_UP
        # Two people talk for as long as they like, and what they say is theirs.
        left, self._ear.deaf = self._clock.when(), True
        self._clock.reschedule(None)
        try:
            taken = await self._hand_over()
        except Gone:
            return _HUNG_UP
        self._clock.reschedule(left)
        self._ear.deaf = False
        await self._book.made("transfer", "person" if taken else "nobody")
        if not taken:
            return Happened("person_busy")
        self.result = "transferred"
        return None

    def _start_performing(self, kinds: set[str]) -> None:
        if kinds:
            task = asyncio.ensure_future(self._performed())
            self._performing.add(task)
            task.add_done_callback(self._performing.discard)

    async def _performed(self) -> None:
        try:
            await self._perform()
        except Exception:
            # The action stays undone in its row, and whoever performs what is left over finds it.
            _log.exception("an action was left undone", call=self._call.pk)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
