"""Debian's festival with its Russian voice, kept running and spoken to through a pipe.

Not as `festival --server`: any program of the machine could send a server commands of the shell. Runs in a process of
its own (`okno.speech.process`).
"""

import re
import selectors
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from okno.speech import sound as sounds
from okno.speech.trouble import Unavailable
from okno.speech.wire import Values

_VOICE = "msu_ru_nsh_clunits"
_VOICES = Path("/usr/share/festival/voices/russian")
_MISSING = "нет русского голоса: выполните sudo apt-get install festival festvox-ru"
_DONE = b"okno-said"
_ENOUGH_SECONDS = 12.0
_LONGEST = 1_000
"""Letters at once."""
_LETTERS = str.maketrans(
    dict(zip("abcdefghiklmnoprstuvwyzәіңғүұқөһєїґ", "абкдефгхиклмнопрстуввизаингуукохеиг", strict=True))
    | {"j": "дж", "q": "к", "x": "кс"}
)
"""It falls silent at a letter that is not Russian, and names and brands have them."""
_NOT_SPOKEN = re.compile(r"[^а-яё\s.,!?;:+-]")
_ALONE = re.compile(r"\s+([.,!?;:])")
"""A stop that stands alone, as after a closing quotation mark, is a word that festival cannot say."""
_LETTER = re.compile(r"[а-яё]")


class Festival:
    """Raises `Unavailable` when the Debian packages are not installed."""

    def __init__(self) -> None:
        program = shutil.which("festival")
        if program is None or not (_VOICES / _VOICE).is_dir():
            raise Unavailable(_MISSING)
        self._program = program
        self._pipe: subprocess.Popen[bytes] | None = None
        self._folder = Path(tempfile.mkdtemp(prefix="okno-voice-"))
        self._file = self._folder / "said.wav"
        self._say("(fflush nil)")

    def answer(self, values: Values, sound: bytes) -> tuple[Values, bytes]:
        """`text` → the sound."""
        letters = str(values["text"]).lower().translate(_LETTERS)
        text = _ALONE.sub(r"\1", _NOT_SPOKEN.sub(" ", letters))[:_LONGEST].strip()
        if not _LETTER.search(text):
            return {}, b""
        self._file.unlink(missing_ok=True)
        self._say(f'(utt.save.wave (SynthText "{text}") "{self._file}" \'riff)')
        if not self._file.is_file():
            raise Unavailable(f"голос не смог сказать: {text[:40]}")
        return {}, sounds.from_wav(self._file.read_bytes())

    def close(self) -> None:
        """End festival and forget what it wrote."""
        self._end()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __del__(self) -> None:
        if hasattr(self, "_folder"):
            self.close()

    def _say(self, command: str) -> None:
        """One command, and wait until it is done; festival ends at a command it cannot do, and is started again."""
        if self._pipe is None or self._pipe.poll() is not None:
            self._end()
            self._pipe = subprocess.Popen(
                [self._program, "--pipe"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            command = f"(voice_{_VOICE})\n{command}"
        assert self._pipe.stdin is not None
        try:
            self._pipe.stdin.write(f'{command}\n(format t "{_DONE.decode()}\\n")\n(fflush nil)\n'.encode())
            self._pipe.stdin.flush()
        except OSError as error:
            raise Unavailable("голос упал и запускается заново") from error
        if not self._done(self._pipe):
            self._end()

    def _end(self) -> None:
        if self._pipe is None:
            return
        pipe, self._pipe = self._pipe, None
        pipe.kill()
        for end in (pipe.stdin, pipe.stdout):
            with suppress(OSError):
                if end is not None:
                    end.close()
        pipe.wait()

    @staticmethod
    def _done(pipe: "subprocess.Popen[bytes]") -> bool:
        assert pipe.stdout is not None
        until, said = time.monotonic() + _ENOUGH_SECONDS, b""
        with selectors.DefaultSelector() as waiting:
            waiting.register(pipe.stdout, selectors.EVENT_READ)
            while _DONE not in said:
                if not waiting.select(max(0.0, until - time.monotonic())):
                    return False
                piece = pipe.stdout.read1(65_536)  # type: ignore[attr-defined]
                if not piece:
                    return False
                said = said[-len(_DONE) :] + piece
        return True
