"""One SIP call."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from baresip import BaresipError, Call, Event, StackEvent, TransferFailed

from okno.telephony import causes, driver
from okno.telephony.leg import By, Caller, Ending, Gone, Kind, Outcome
from okno.telephony.sip.sound import CallSound

if TYPE_CHECKING:
    from okno.telephony.sip.driver import SipDriver

_TRANSFERRED = "Call transfered"
"""The stack's own spelling."""
_OURS = "Rejected by user"
"""The stack's text for a hang-up of ours, even of an answered call."""
_LOST = "rtp stream error"
_SESSION_BUSY_SECONDS = 0.2
"""Another offer still unanswered is the usual refusal of a hold, and is over in a moment."""
_SESSION_TRIES = 15


class SipLeg:
    """A call in either direction; see `driver.DriverLeg`."""

    def __init__(self, line: "SipDriver", call: Call | None = None, caller: Caller | None = None) -> None:
        self.caller = caller
        self.sound = CallSound()
        self._line = line
        self._call: Call | None = None
        self._listener: Callable[[driver.Event], None] | None = None
        self._unheard: list[driver.Event] = []
        self._rang = self._early = False
        self._answered = False
        self._over = False
        self._hung_up_by_us = False
        self._reason = ""
        self._session = asyncio.Lock()
        self._decided: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        if call is not None:
            self._adopt(call, ())

    def listen(self, listener: Callable[[driver.Event], None]) -> None:
        self._listener = listener
        unheard, self._unheard = self._unheard, []
        for event in unheard:
            listener(event)

    async def dial(self, address: str, *, timeout: float, headers: Mapping[str, str]) -> Outcome:
        try:
            call, early = await self._line.invite(self._line.settings.uri(address), headers)
        except ValueError as error:
            return Outcome(kind=Kind.INVALID_NUMBER, words=str(error))
        except BaresipError as error:
            return Outcome(kind=Kind.FAILED, words=str(error))
        self._adopt(call, early)
        try:
            async with asyncio.timeout(timeout):
                return await asyncio.shield(self._decided)
        except TimeoutError:
            if not self._decided.done():
                rang = self._rang or self._early  # many trunks ring by sound alone
                self._decided.set_result(causes.nothing_came(words=f"no answer in {timeout:g} s", rang=rang))
            await self.hang_up()
            return self._decided.result()
        except asyncio.CancelledError:
            await asyncio.shield(self.hang_up())
            raise

    async def answer(self) -> None:
        # With video=False the stack of this version sends a spurious re-INVITE 120 ms after the answer; no video is
        # negotiated when none was offered.
        await self._do(self._living().answer(video=True))

    async def hang_up(self) -> None:
        self._hung_up_by_us = True
        if self._call is not None and not self._over:
            with suppress(BaresipError):
                await self._call.hangup()

    async def hold(self, held: bool) -> None:
        # One after another: a resume beside an unfinished hold finds nothing to resume.
        async with self._session:
            for _ in range(_SESSION_TRIES):
                call = self._living()
                with suppress(BaresipError):
                    await (call.hold() if held else call.resume())
                    return
                await asyncio.sleep(_SESSION_BUSY_SECONDS)
        raise Gone("the far side did not take the hold")

    async def refer(self, address: str, *, timeout: float) -> Outcome:
        call = self._living()
        if not self._line.settings.refer:
            return Outcome(kind=Kind.FAILED, words="the trunk is not to be asked for a transfer")
        try:
            await call.transfer(self._line.settings.uri(address), timeout=timeout)
        except TransferFailed as refused:
            if refused.status is not None:
                return causes.from_sip(refused.status, words=str(refused), rang=True)
            return Outcome(kind=Kind.FAILED, words=str(refused))
        except (BaresipError, ValueError) as error:
            return Outcome(kind=Kind.FAILED, words=str(error))
        return Outcome(kind=Kind.ANSWERED, sip_status=200, rang=True)

    async def send_keys(self, keys: str) -> None:
        await self._do(self._living().send_dtmf(keys))

    def _living(self) -> Call:
        if self._call is None or self._over:
            raise Gone("the call is over")
        return self._call

    async def _do(self, action: Awaitable[None]) -> None:
        try:
            await action
        except BaresipError as error:
            raise Gone(str(error)) from error

    def _adopt(self, call: Call, early: Iterable[StackEvent]) -> None:
        """Take the call over with the events that came before the stack had told us its handle."""
        self._call = call
        self.sound.bind(call)
        call.on(self._on_stack)
        for event in early:
            call._on_stack_event(event)

    def _on_stack(self, event: StackEvent) -> None:
        self._reason = event.headers.get("Reason", self._reason)
        match event.event:
            case Event.CALL_RINGING:
                self._rang = True
                self._tell(driver.Rang())
            case Event.CALL_PROGRESS:
                self._early = True
                self._tell(driver.EarlySound())
            case Event.CALL_ESTABLISHED:
                self._establish()
            case Event.CALL_DTMF_START if event.text:
                self._tell(driver.Pressed(event.text))
            case Event.CALL_HOLD | Event.CALL_RESUME:
                self._tell(driver.HeldByFar(event.event is Event.CALL_HOLD))
            case Event.CALL_CLOSED:
                self._close(event.text or "")

    def _establish(self) -> None:
        self._answered = True
        if not self._decided.done():
            self._decided.set_result(Outcome(kind=Kind.ANSWERED, sip_status=200, rang=self._rang))

    def _close(self, text: str) -> None:
        self._over = True
        self.sound.bind(None)
        if not self._decided.done():
            self._decided.set_result(self._unanswered(text))
        if self._answered or self.caller is not None:
            self._tell(driver.Over(self._ending(text)))

    def _unanswered(self, text: str) -> Outcome:
        if self._hung_up_by_us:
            return Outcome(kind=Kind.CANCELLED, words=text, rang=self._rang)
        return causes.from_text(text, reason=self._reason, rang=self._rang)

    def _ending(self, text: str) -> Ending:
        """The stack says "Rejected by user" of our hang-up and "Connection reset by peer" of a BYE."""
        cause = causes.q850(self._reason)
        if text == _TRANSFERRED:
            return Ending(by=By.TRANSFERRED, q850=cause, words=text)
        if text == _LOST:
            return Ending(by=By.LOST, q850=cause, words=text)
        if self._hung_up_by_us or text == _OURS:
            return Ending(by=By.US, q850=cause, words=text)
        return Ending(by=By.FAR, q850=cause, words=self._reason or text)

    def _tell(self, event: driver.Event) -> None:
        if self._listener is None:
            self._unheard.append(event)
        else:
            self._listener(event)
