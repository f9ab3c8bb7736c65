"""An engine's process: one engine, one request at a time, nothing else.

Started by `crew.Crew` as `python -m okno.speech.process FD`, where FD is its end of the pair of sockets (`wire`). Ends
when the other end does.
"""

import os
import signal
import socket
import sys
from contextlib import closing
from typing import Any, Protocol

from okno.speech.trouble import Unavailable
from okno.speech.wire import Values, packed, receive

_POLITENESS = 5
"""Sound on the line must never wait for an engine."""


class Engine(Protocol):
    def answer(self, values: Values, sound: bytes) -> tuple[Values, bytes]:
        """Do one request; raises `Unavailable` when this one cannot be done. Any other exception ends the process."""

    def close(self) -> None:
        """Leave nothing behind."""


def engine_of(name: str, settings: dict[str, Any]) -> Engine:
    """The engine of this name; raises `Unavailable` when what it needs is not there."""
    if name == "whisper":
        from okno.speech.recogniser.whisper import Whisper

        return Whisper(**settings)
    if name == "onnx":
        from okno.speech.recogniser.onnx import Onnx

        return Onnx(**settings)
    if name == "festival":
        from okno.speech.voice.festival import Festival

        return Festival(**settings)
    if name == "program":
        from okno.speech.voice.program import Program

        return Program(**settings)
    raise Unavailable(f"нет движка речи «{name}»")


def serve(end: socket.socket) -> None:
    """Until the other end is gone."""
    values, _ = receive(end)
    try:
        engine = engine_of(values["engine"], values["settings"])
    except Unavailable as error:
        end.sendall(packed({"refused": str(error)}))
        return
    with closing(engine):
        end.sendall(packed({"ready": True}))
        while True:
            values, sound = receive(end)
            try:
                reply = packed(*engine.answer(values, sound))
            except Unavailable as error:
                reply = packed({"failed": str(error)})
            end.sendall(reply)


def main() -> None:
    # Ctrl+C goes to the whole group of the terminal; the operator's process ends us in its own order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_POLITENESS)
    with socket.socket(fileno=int(sys.argv[1])) as end:
        try:
            serve(end)
        except (EOFError, ConnectionError):
            return


if __name__ == "__main__":
    main()
