"""The press: pages of words become files, in processes of its own that are killed when they take too long."""

import json
import os
import selectors
import subprocess
import sys
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any

from okno.exchange.paper.layout import Page

#: Pages in one order: enough that starting a file costs nothing, few enough that its memory does not matter.
PAGES_AT_ONCE = 100

#: How long an order may take, in seconds. A hundred of the fullest pages take about three on a slow machine.
PATIENCE = 120.0


class PressFailed(Exception):
    """The pages were not set: the message says why."""


class _Hand:
    """One process of the press, started when it is first needed."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._process: subprocess.Popen[str] | None = None
        self._dismissed = False

    def order(self, told: dict[str, Any]) -> int:
        """Have an order done. Raises PressFailed; a process that is late or dead is put away and started anew later."""
        if self._dismissed:
            raise PressFailed("печать прервана")
        process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(told, ensure_ascii=False) + "\n")
            process.stdin.flush()
            answer = self._answer(process)
        except (OSError, ValueError) as error:
            self.stop()
            raise PressFailed(f"процесс печати остановился: {error}") from error
        if "failed" in answer:
            raise PressFailed(answer["failed"])
        return int(answer["made"])

    def dismiss(self) -> None:
        """Have the order in hand fail and take no other; may be called while another thread waits for the answer.

        Only the process is ended here: its pipes belong to the thread that reads them until `stop`.
        """
        self._dismissed = True
        process = self._process
        if process is not None:
            process.kill()

    def stop(self) -> None:
        """Put the process away; called by the thread that orders, or when no thread does."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _start(self) -> "subprocess.Popen[str]":
        # One thread each: the press has as many hands as it was given, and they are not alone on the machine.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "okno.exchange.paper.presser"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env={**os.environ, "RAYON_NUM_THREADS": "1", "PYTHONUTF8": "1"},
        )
        return self._process

    def _answer(self, process: "subprocess.Popen[str]") -> dict[str, Any]:
        assert process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            if not selector.select(self._patience):
                self.stop()
                raise PressFailed(f"страницы не готовы за {self._patience:g} с")
        line = process.stdout.readline()
        if not line:
            raise OSError("без ответа")
        found: dict[str, Any] = json.loads(line)
        return found


class Press:
    """So many processes at work; orders are answered as futures, a file that is there is whole."""

    def __init__(self, *, hands: int = 1, patience: float = PATIENCE) -> None:
        self._hands = [_Hand(patience) for _ in range(hands)]
        self._free: SimpleQueue[_Hand] = SimpleQueue()
        for hand in self._hands:
            self._free.put(hand)
        self._pool = ThreadPoolExecutor(max_workers=hands, thread_name_prefix="press")

    def __enter__(self) -> "Press":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            # Nobody waits for what is still in hand: a person pressed Ctrl+C, or the run failed.
            for hand in self._hands:
                hand.dismiss()
        self._pool.shutdown(cancel_futures=True)
        for hand in self._hands:
            hand.stop()

    def pages(
        self, template: str, pages: list[Page], out: Path, *, title: str, author: str, language: str, tags: bool = False
    ) -> "Future[int]":
        """Set pages by a template into a PDF file. `tags` make it readable aloud and three times larger."""
        data = {"title": title, "author": author, "language": language, "pages": pages}
        return self._order(do="set", template=template, data=data, out=str(out), format="pdf", tags=tags)

    def picture(self, template: str, page: Page, out: Path, *, language: str, ppi: int = 144) -> "Future[int]":
        """Set one page as a PNG picture."""
        data = {"title": "", "author": "", "language": language, "pages": [page]}
        return self._order(do="set", template=template, data=data, out=str(out), format="png", ppi=ppi, tags=False)

    def join(self, parts: list[Path], out: Path) -> "Future[int]":
        """Join PDF files into one in their order; the answer is how many pages it has."""
        return self._order(do="join", parts=[str(part) for part in parts], out=str(out))

    def _order(self, **told: Any) -> "Future[int]":
        return self._pool.submit(self._with_a_hand, told)

    def _with_a_hand(self, told: dict[str, Any]) -> int:
        hand = self._free.get()
        try:
            return hand.order(told)
        finally:
            self._free.put(hand)


def at_once(template: str, page: Page, *, title: str, author: str, language: str) -> bytes:
    """One page (or one document) as a PDF while a person waits. Raises PressFailed."""
    with tempfile.TemporaryDirectory(prefix="okno-paper-") as folder, Press(patience=30) as press:
        out = Path(folder) / "page.pdf"
        press.pages(template, [page], out, title=title, author=author, language=language, tags=True).result()
        return out.read_bytes()


def picture(template: str, page: Page, *, language: str, ppi: int = 144) -> bytes:
    """One page as a PNG picture while a person waits. Raises PressFailed."""
    with tempfile.TemporaryDirectory(prefix="okno-paper-") as folder, Press(patience=30) as press:
        out = Path(folder) / "page.png"
        press.picture(template, page, out, language=language, ppi=ppi).result()
        return out.read_bytes()
