"""Keeping Okno running: a process that dies is started again, and the desk's end is everybody's."""

import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from okno.cli import serving

DIES = "import sys; open(sys.argv[1], 'a').write('started\\n'); sys.exit(3)"
STAYS = "import time; time.sleep(60)"


@pytest.fixture(autouse=True)
def _signals():
    """The tests' own way of being stopped is put back."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def process(code: str, *words: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", code, *words])


def test_what_dies_beside_the_desk_is_started_again_and_ends_with_it(tmp_path: Path, monkeypatch, capfd) -> None:
    monkeypatch.setattr(serving, "AGAIN", (0.05,))
    starts = tmp_path / "starts"
    desk, worker = process(STAYS), process(STAYS)

    def until_thrice() -> None:
        while not starts.exists() or starts.read_text().count("started") < 3:
            time.sleep(0.05)
        desk.kill()

    watching = threading.Thread(target=until_thrice, daemon=True)
    watching.start()
    serving.wait_for([desk, worker, process(DIES, str(starts))])
    watching.join(10)
    assert starts.read_text().count("started") >= 3
    assert worker.poll() is not None
    assert "остановился (код 3)" in capfd.readouterr().err


@pytest.mark.parametrize("sort", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_port_that_another_demo_holds_is_passed_over(sort: socket.SocketKind) -> None:
    with socket.socket(type=sort) as held:
        held.bind(("127.0.0.1", 0))
        taken = held.getsockname()[1]
        if sort == socket.SOCK_STREAM:
            held.listen()

        assert serving.free_port(taken) > taken
