"""One call through Asterisk: its channel, the channel of its sound, and the bridge that joins them."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from okno.telephony import causes, driver
from okno.telephony.asterisk.ari import AriRefused
from okno.telephony.leg import By, Caller, Ending, Gone, Kind, Outcome

if TYPE_CHECKING:
    from okno.telephony.asterisk.driver import AsteriskDriver, Media

OURS = "okno-"
"""How the names of channels begin that we make."""
_STATUSES = {
    "BUSY": Kind.BUSY,
    "NOANSWER": Kind.NO_ANSWER,
    "CONGESTION": Kind.FAILED,
    "CHANUNAVAIL": Kind.UNREACHABLE,
}


class AsteriskLeg:
    """See `driver.DriverLeg`."""

    def __init__(self, line: "AsteriskDriver", *, channel: str = "", caller: Caller | None = None) -> None:
        self.caller = caller
        self.channel = channel or f"{OURS}{uuid4()}"
        self._line = line
        self._media = line.media()
        self._bridge = f"{OURS}b-{uuid4()}"
        self._listener: Callable[[driver.Event], None] | None = None
        self._unheard: list[driver.Event] = []
        self._rang = self._early = self._answered = self._over = self._ours = False
        self._dial_status = ""
        self._decided: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

    @property
    def sound(self) -> "Media":
        return self._media

    def listen(self, listener: Callable[[driver.Event], None]) -> None:
        self._listener = listener
        unheard, self._unheard = self._unheard, []
        for event in unheard:
            listener(event)

    async def dial(self, address: str, *, timeout: float, headers: Mapping[str, str]) -> Outcome:
        try:
            endpoint = self._line.settings.dialled(address)
        except ValueError as error:
            return Outcome(kind=Kind.INVALID_NUMBER, words=str(error))
        try:
            await self._prepare(endpoint, headers)
            await self._line.ari.ask("POST", f"/channels/{self.channel}/dial", timeout=int(timeout) + 5)
        except AriRefused as refused:
            await self.hang_up()
            if not self._decided.done():
                self._decided.set_result(Outcome(kind=Kind.FAILED, words=str(refused)))
            self._close(None, str(refused))
            return self._decided.result()
        try:
            async with asyncio.timeout(timeout):
                return await asyncio.shield(self._decided)
        except TimeoutError:
            rang = self._rang or self._early
            if not self._decided.done():
                self._decided.set_result(causes.nothing_came(words=f"no answer in {timeout:g} s", rang=rang))
            await self.hang_up()
            return self._decided.result()
        except asyncio.CancelledError:
            await asyncio.shield(self.hang_up())
            raise

    async def answer(self) -> None:
        await self._do(self._join())
        await self._do(self._line.ari.ask("POST", f"/channels/{self.channel}/answer"))

    async def hang_up(self) -> None:
        self._ours = True
        with suppress(AriRefused):
            await self._line.ari.ask("DELETE", f"/channels/{self.channel}")

    async def hold(self, held: bool) -> None:
        await self._do(self._line.ari.ask("POST" if held else "DELETE", f"/channels/{self.channel}/hold"))

    async def refer(self, address: str, *, timeout: float) -> Outcome:
        """ARI's redirect never tells whether anybody took the call, so both legs are joined in our pump instead."""
        return Outcome(kind=Kind.FAILED, words="ARI does not tell what became of a redirect")

    async def send_keys(self, keys: str) -> None:
        await self._do(self._line.ari.ask("POST", f"/channels/{self.channel}/dtmf", dtmf=keys))

    def on_ari(self, event: dict[str, Any]) -> None:
        """An event about this call's channel."""
        match event["type"]:
            case "Dial":
                self._on_dial(str(event.get("dialstatus", "")))
            case "ChannelStateChange" if event["channel"]["state"] == "Up":
                self._establish()
            case "ChannelDtmfReceived":
                self._tell(driver.Pressed(str(event["digit"])))
            case "ChannelHold" | "ChannelUnhold" as which:
                self._tell(driver.HeldByFar(which == "ChannelHold"))
            case "ChannelDestroyed":
                self._close(event.get("cause"), str(event.get("cause_txt", "")))

    def lost(self) -> None:
        """Asterisk no longer knows the channel."""
        self._close(None, "Asterisk lost the call", fault=not self._ours)

    async def _prepare(self, endpoint: str, headers: Mapping[str, str]) -> None:
        ari, settings = self._line.ari, self._line.settings
        await ari.ask("POST", "/channels/create", endpoint=endpoint, app=settings.app, channelId=self.channel)
        if settings.caller:
            await self._set("CALLERID(num)", settings.caller)
        for name, value in headers.items():
            await self._set(f"PJSIP_HEADER(add,{name})", value)
        await self._join()

    async def _join(self) -> None:
        """Make the channel of our sound and put both into one bridge."""
        ari = self._line.ari
        sound = f"{OURS}m-{self.channel}"
        await self._media.request(ari, sound)
        await ari.ask("POST", "/bridges", type="mixing", bridgeId=self._bridge)
        await ari.ask("POST", f"/bridges/{self._bridge}/addChannel", channel=f"{self.channel},{sound}")

    async def _set(self, variable: str, value: str) -> None:
        await self._line.ari.ask("POST", f"/channels/{self.channel}/variable", variable=variable, value=value)

    def _on_dial(self, status: str) -> None:
        self._dial_status = status or self._dial_status
        if status == "RINGING" and not self._rang:
            self._rang = True
            self._tell(driver.Rang())
        elif status == "PROGRESS" and not self._early:
            self._early = True
            self._tell(driver.EarlySound())
        elif status == "ANSWER":
            self._establish()

    def _establish(self) -> None:
        if self.caller is not None:
            return
        self._answered = True
        if not self._decided.done():
            self._decided.set_result(Outcome(kind=Kind.ANSWERED, rang=self._rang))

    def _close(self, cause: int | None, words: str, *, fault: bool = False) -> None:
        if self._over:
            return
        self._over = True
        if not self._decided.done():
            self._decided.set_result(self._unanswered(cause, words))
        if self._answered or self.caller is not None:
            by = By.FAULT if fault else By.US if self._ours else By.FAR
            self._tell(driver.Over(Ending(by=by, q850=cause, words=words)))
        self._line.forget(self, self._clean())

    def _unanswered(self, cause: int | None, words: str) -> Outcome:
        if self._ours:
            return Outcome(kind=Kind.CANCELLED, q850=cause, words=words, rang=self._rang)
        outcome = causes.from_q850(cause, words=words, rang=self._rang)
        status = _STATUSES.get(self._dial_status)
        if status is not None and cause in {None, 0, 16, 31}:
            return Outcome(kind=status, q850=cause, words=words or self._dial_status, rang=self._rang)
        return outcome

    async def _clean(self) -> None:
        """The sound's channel and the bridge are of no use to anybody now."""
        await self._media.close()
        for path in (f"/channels/{OURS}m-{self.channel}", f"/bridges/{self._bridge}"):
            with suppress(AriRefused):
                await self._line.ari.ask("DELETE", path)

    async def _do(self, action: Coroutine[Any, Any, object]) -> None:
        try:
            await action
        except AriRefused as error:
            raise Gone(str(error)) from error

    def _tell(self, event: driver.Event) -> None:
        if self._listener is None:
            self._unheard.append(event)
        else:
            self._listener(event)
