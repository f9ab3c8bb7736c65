"""The media process: at most a hundred legs, their signalling and their sound, and nothing else.

Started by `Supervisor` as `python -m okno.telephony.process FD`, where FD is its end of the pair of sockets (`wire`).
Orders to the process (call 0): `open` (driver, settings), `ping`, `close`. Events: `open`, `refused` (words), `trunk`
(up, words), `pong` (load: legs, late_ms, sound dropped, turned_away). When the operator's process is gone, all calls
are hung up, their recordings are finished and the process ends.
"""

import asyncio
import signal
import socket
import sys
from contextlib import suppress
from typing import Any

from okno.telephony.driver import Driver, DriverLeg, DriverRefused
from okno.telephony.media import Pump
from okno.telephony.recording import Recorder
from okno.telephony.served import ServedCall
from okno.telephony.wire import Wire

_FAREWELL_SECONDS = 2.0


def driver_of(name: str, settings: dict[str, Any]) -> Driver:
    """The driver of this name; `ValueError` when there is none, `TypeError` for settings it does not know."""
    if name == "sip":
        from okno.telephony.sip.driver import SipDriver
        from okno.telephony.sip.settings import SipSettings

        return SipDriver(SipSettings.read(settings))
    if name == "asterisk":
        from okno.telephony.asterisk.driver import AsteriskDriver
        from okno.telephony.asterisk.settings import AsteriskSettings

        return AsteriskDriver(AsteriskSettings.read(settings))
    raise ValueError(f"no such driver: {name}")


class MediaProcess:
    """See `served.Host`."""

    def __init__(self) -> None:
        self.pump = Pump()
        self.recorder = Recorder()
        self.wire = Wire(self._on_values, self._on_sound, self.close)
        self._driver: Driver | None = None
        self._calls: dict[int, ServedCall] = {}
        self._incoming = 0
        self._closing = asyncio.Event()
        self._opening: asyncio.Task[None] | None = None

    async def run(self, end: socket.socket) -> None:
        """Serve until the operator's process closes its end or is gone."""
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self.wire, sock=end)
        beating = loop.create_task(self.pump.run())
        closing = loop.create_task(self._closing.wait())
        await asyncio.wait((beating, closing), return_when=asyncio.FIRST_COMPLETED)
        if beating.done():
            beating.result()
        await self._farewell()
        beating.cancel()
        if self._driver is not None:
            await self._driver.close()
        self.wire.close()
        await asyncio.to_thread(self.recorder.close)

    def close(self) -> None:
        """Hang up, finish the recordings and end."""
        self._closing.set()

    def leg(self) -> DriverLeg:
        assert self._driver is not None
        return self._driver.leg()

    def call(self, number: int) -> ServedCall | None:
        return self._calls.get(number)

    def tell(self, call: int, **values: Any) -> None:
        self.wire.send(call, **values)

    def tell_sound(self, call: int, pcm: bytes) -> None:
        self.wire.send_sound(call, pcm)

    def forget(self, call: int) -> None:
        self._calls.pop(call, None)

    async def _farewell(self) -> None:
        """Hang up what still talks and let the far sides and the recordings have their end."""
        await asyncio.gather(*(call.hang_up() for call in tuple(self._calls.values())))
        with suppress(TimeoutError):
            async with asyncio.timeout(_FAREWELL_SECONDS):
                while self._calls:
                    await asyncio.sleep(0.02)

    def _on_values(self, call: int, values: dict[str, Any]) -> None:
        if call:
            self._order(call, values)
        elif values["do"] == "open":
            self._opening = asyncio.get_running_loop().create_task(self._open(values["driver"], values["settings"]))
        elif values["do"] == "ping":
            self.tell(0, **{"is": "pong", "load": self._load()})
        elif values["do"] == "close":
            self.close()

    def _order(self, number: int, values: dict[str, Any]) -> None:
        call = self._calls.get(number)
        if call is None and values["do"] == "dial":
            call = self._calls[number] = ServedCall(self, number, self.leg())
        if call is not None:
            call.order(values)

    def _on_sound(self, number: int, pcm: bytes) -> None:
        if call := self._calls.get(number):
            call.say(pcm)

    async def _open(self, name: str, settings: dict[str, Any]) -> None:
        try:
            self._driver = driver_of(name, settings)
            self._driver.on_incoming = self._on_incoming
            self._driver.on_trunk = lambda up, words: self.tell(0, **{"is": "trunk", "up": up, "words": words})
            await self._driver.open()
        except (DriverRefused, ValueError, TypeError) as refused:
            self.tell(0, **{"is": "refused", "words": str(refused)})
            self._driver = None
        else:
            self.tell(0, **{"is": "open"})

    def _on_incoming(self, leg: DriverLeg) -> None:
        self._incoming += 2
        call = self._calls[self._incoming] = ServedCall(self, self._incoming, leg)
        call.offer()

    def _load(self) -> dict[str, Any]:
        late, self.pump.latest = self.pump.latest, 0.0
        return {
            "legs": len(self._calls),
            "late_ms": round(late * 1000, 1),
            "sound_dropped": self.wire.dropped + sum(stream.dropped for stream in self.pump.streams),
            "turned_away": self._driver.turned_away() if self._driver is not None else 0,
        }


async def _main() -> None:
    process = MediaProcess()
    # Ctrl-C reaches the whole group: the operator's process decides, and its end is ours.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, process.close)
    await process.run(socket.socket(fileno=int(sys.argv[1])))


if __name__ == "__main__":
    asyncio.run(_main())
