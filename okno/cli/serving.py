"""Keeping Okno running: the web desk, the worker, or everything at once."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from urllib.parse import urlsplit

import click
import httpx

from config import environment
from okno.cli import start
from okno.cli.operator import operator


@click.group()
def run() -> None:
    """Запустить один процесс; каждый можно запускать много раз на многих машинах."""


@run.command()
@click.option("--host", default=None, help="По умолчанию из OKNO_URL.")
@click.option("--port", type=int, default=None)
@click.option("--workers", type=int, default=1)
def web(host: str | None, port: int | None, workers: int) -> None:
    """Рабочий стол (ASGI)."""
    start.with_database()
    from granian.constants import Interfaces
    from granian.server import Server

    url = urlsplit(environment.value("URL"))
    loopback = "127.0.0.1"
    Server(
        "config.asgi:application",
        address=host or (url.hostname if url.hostname in {loopback, "localhost"} else None) or loopback,
        port=port or url.port or 8000,
        interface=Interfaces.ASGINL,
        workers=workers,
        log_access=False,
        websockets=False,
    ).serve()


@run.command()
@click.option("--once", is_flag=True, help="Сделать всё, что ждёт, и закончить.")
def worker(once: bool) -> None:
    """Отправка, квитанции, задания."""
    start.with_database()
    from okno.jobs import queue
    from okno.outreach.sending import Sender

    sender = Sender()
    if once:
        sender.run(once=True)
        queue.run_worker(wait=False)
        return
    # The jobs' loop takes the signals to stop; the sender finishes what is on the wire after it.
    sending = threading.Thread(target=sender.run, name="sender")
    sending.start()
    try:
        queue.run_worker()
    finally:
        sender.stop()
        sending.join()


run.add_command(operator)


@click.command()
@click.option("--port", type=int, default=None)
def up(port: int | None) -> None:
    """Всё на одной машине: база, рабочий стол, работник и, если есть линия, звонки."""
    start.with_database()
    processes = start_processes(port=port)
    click.echo(f"Окно открыто: {environment.value('URL')}")
    wait_for(processes)


def start_processes(*, port: int | None = None) -> list[subprocess.Popen[bytes]]:
    """The desk, the worker and, where a telephone line is set up, the operator as processes of their own; they end
    when this one does."""
    web_options = ["--port", str(port)] if port else []
    names = [["web", *web_options], ["worker"], *([["operator"]] if environment.value("TRUNK_URL") else [])]
    return [start_process(*name) for name in names]


def start_process(*name: str) -> subprocess.Popen[bytes]:
    """One process of `okno run`."""
    return subprocess.Popen([sys.executable, "-m", "okno", "run", *name], env=os.environ.copy())


def free_port(wanted: int) -> int:
    """The wanted port, or the next one above it that neither TCP nor UDP holds: a second demo must not fail for a
    number, and a telephone listens by both.

    Raises ClickException when fifty in a row are taken.
    """
    for port in range(wanted, wanted + 50):
        if _is_free(port):
            return port
    raise click.ClickException(f"Порты {wanted}–{wanted + 49} заняты: укажите другой (--port)")


def _is_free(port: int) -> bool:
    with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
        # A server that has just gone leaves its streams behind for a minute: they hold nobody up.
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            stream.bind(("127.0.0.1", port))
            datagrams.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def wait_until_open(url: str, *, seconds: float = 60) -> None:
    """Until the desk answers. Raises ClickException when it does not in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/livez", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise click.ClickException(f"Рабочий стол не открылся за {seconds:.0f} с: {url}")


AGAIN = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds before each next start of a process that dies; a minute of life begins the row anew."""
HEALTHY = 60.0


class _Kept:
    """A process that is started again when it dies, later each time."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._deaths = 0
        self._started = time.monotonic()
        self._due: float | None = None

    def look(self) -> None:
        """Start it again if it has died and its pause is over."""
        code, now = self.process.poll(), time.monotonic()
        if code is None:
            return
        if self._due is None:
            self._deaths = 1 if now - self._started > HEALTHY else self._deaths + 1
            pause = AGAIN[min(self._deaths, len(AGAIN)) - 1]
            self._due = now + pause
            name = " ".join(str(part) for part in self.process.args[-2:])  # type: ignore[index]
            click.echo(f"Процесс «{name}» остановился (код {code}), запущу снова через {pause:g} с", err=True)
        elif now >= self._due:
            self.process = subprocess.Popen(self.process.args, env=os.environ.copy())
            self._started, self._due = now, None


def wait_for(processes: list[subprocess.Popen[bytes]]) -> None:
    """Until the first, the desk, ends or a person stops us; then all are asked to stop.

    Another that dies (the robot, the worker) is started again: nobody's desk closes because a call broke.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    desk, others = processes[0], [_Kept(process) for process in processes[1:]]
    try:
        while desk.poll() is None:
            for kept in others:
                kept.look()
            with suppress(subprocess.TimeoutExpired):
                desk.wait(timeout=1)
    except KeyboardInterrupt:
        click.echo("\nОстанавливаю…")
    finally:
        _stop([desk, *(kept.process for kept in others)])


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
