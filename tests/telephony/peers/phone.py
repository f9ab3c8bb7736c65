"""The resident's telephone: a second SIP user agent, in a process of its own, driven by lines of JSON.

`python -m tests.telephony.peers.phone PORT [TONE_HZ]`; orders on standard input: {"do": "answer" | "reject" | "hang_up"
| "hold" | "resume" | "keys" | "dial" | "say" | "heard", …}; events on standard output. It talks a tone all the time
(silence at 0 Hz, until it is told what to say) and carries out a transfer it is asked for, as a phone does.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from baresip import Account, AudioNotActive, AudioRestarted, BaresipError, Call, Config, Event, Runtime, UserAgent

from tests.telephony.peers.rtp import tone

_READY = "ready"


class Phone:
    """The side inside the process."""

    def __init__(self, port: int, hertz: float) -> None:
        self._port = port
        self._tone = tone(hertz, 1.0).astype("<i2").tobytes()
        self._call: Call | None = None
        self._heard = bytearray()
        self._words = bytearray()

    async def run(self) -> None:
        runtime = Runtime()
        extra = f"sip_listen 127.0.0.1:{self._port}\nrtp_ports 33000-39000\ncall_hold_other_calls no\n"
        await runtime.start(Config(net_interface="127.0.0.1", max_concurrent_calls=4, extra_config_text=extra))
        account = Account("resident", "127.0.0.1", "", reg_interval=0, extra_params=("catchall=yes",))
        self._agent = await UserAgent.create(runtime, account, transfer_policy="auto")
        self._agent.on_incoming(self._on_call)
        self._agent.on_transfer_call(self._take)
        _tell(_READY)
        talking = asyncio.create_task(self._talk())
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            await self._order(json.loads(line))
        talking.cancel()
        await runtime.close()

    def _on_call(self, call: Call) -> None:
        self._take(call)
        _tell("incoming", peer=call.peer)

    def _take(self, call: Call) -> None:
        self._call = call
        call.on(self._on_event)

    def _on_event(self, event: Any) -> None:
        names = {
            Event.CALL_ESTABLISHED: "established",
            Event.CALL_CLOSED: "closed",
            Event.CALL_HOLD: "held",
            Event.CALL_RESUME: "resumed",
            Event.CALL_LOCAL_SDP: "sdp",
        }
        if event.event is Event.CALL_DTMF_START:
            _tell("key", key=event.text)
        elif event.event in names:
            _tell(names[event.event], text=event.text)

    async def _order(self, values: dict[str, Any]) -> None:
        call = self._call
        if values["do"] == "dial":
            self._take(await self._agent.dial(values["to"], values.get("headers")))
        elif values["do"] == "say":
            self._words += bytes.fromhex(values["pcm"])
        elif values["do"] == "heard":
            _tell("heard", pcm=bytes(self._heard).hex())
            self._heard.clear()
        elif call is not None:
            try:
                await self._in_call(call, values)
            except BaresipError as error:
                _tell("error", text=str(error))

    async def _in_call(self, call: Call, values: dict[str, Any]) -> None:
        match values["do"]:
            case "answer":
                await call.answer(video=True)
            case "reject":
                await call.reject()
            case "hang_up":
                await call.hangup()
            case "hold":
                await _offered(call.hold)
            case "resume":
                await _offered(call.resume)
            case "keys":
                await call.send_dtmf(values["keys"], interdigit_ms=values.get("pause", 60))

    async def _talk(self) -> None:
        at = 0
        while True:
            await asyncio.sleep(0.01)
            if self._call is None:
                continue
            try:
                self._heard += self._call.audio.read(16_000)
                if self._call.audio.info().tx_buffered < 1_280:
                    if self._words:
                        del self._words[: self._call.audio.write(bytes(self._words[:640]))]
                        continue
                    at = at % len(self._tone)
                    at += self._call.audio.write(self._tone[at : at + 640])
            except (AudioNotActive, AudioRestarted):
                continue


async def _offered(offer: Callable[[], Awaitable[Any]]) -> None:
    """Offer anew once the offer before is answered: until then the phone refuses, and nobody would hear of it."""
    for _ in range(50):
        try:
            await offer()
        except BaresipError:
            await asyncio.sleep(0.1)
        else:
            return
    _tell("error", text="the offer before was never answered")


def _tell(event: str, **values: Any) -> None:
    print(json.dumps({"is": event, **values}), flush=True)


class Handset:
    """The side inside the test."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.port = port
        self.pid = process.pid
        self._process = process

    @property
    def address(self) -> str:
        return f"sip:resident@127.0.0.1:{self.port}"

    def do(self, order: str, **values: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": order, **values}).encode() + b"\n")

    async def until(self, event: str, *, seconds: float = 10) -> dict[str, Any]:
        """The next event of this name; those before it are let go."""
        assert self._process.stdout is not None
        async with asyncio.timeout(seconds):
            while True:
                line = await self._process.stdout.readline()
                assert line, "the phone died"
                values: dict[str, Any] = json.loads(line)
                if values["is"] == event:
                    return values

    async def heard(self) -> bytes:
        """All the sound since the last time."""
        self.do("heard")
        return bytes.fromhex((await self.until("heard"))["pcm"])

    def kill(self) -> None:
        """Vanish without a word."""
        self._process.kill()


@asynccontextmanager
async def handset(port: int, hertz: float = 700) -> AsyncIterator[Handset]:
    """A telephone that listens on this port."""
    command = [sys.executable, "-m", "tests.telephony.peers.phone", str(port), str(hertz)]
    process = await asyncio.create_subprocess_exec(
        *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, limit=64 * 1024 * 1024
    )
    phone = Handset(process, port)
    try:
        await phone.until(_READY)
        yield phone
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        # The pipes' transports are closed before the loop is, or their destructors complain.
        process._transport.close()  # type: ignore[attr-defined]


if __name__ == "__main__":
    asyncio.run(Phone(int(sys.argv[1]), float(sys.argv[2])).run())
