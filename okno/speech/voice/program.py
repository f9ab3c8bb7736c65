"""A voice that is a program: it gets a text on its standard input and writes a WAV file on its standard output.

`espeak-ng` speaks Kazakh and Ukrainian in this way; so do piper, RHVoice and a script of the operator's. Runs in a
process of its own (`okno.speech.process`).
"""

import shutil
import subprocess
from collections.abc import Sequence

from okno.speech import sound as sounds
from okno.speech.trouble import Unavailable
from okno.speech.wire import Values

_ENOUGH_SECONDS = 12.0
_LONGEST = 1_000
_PACKAGES = {"espeak-ng": "нет программы espeak-ng: выполните sudo apt-get install espeak-ng"}


class Program:
    """`command` is the program with its arguments. Raises `Unavailable` when there is no such program."""

    def __init__(self, *, command: Sequence[str]) -> None:
        found = shutil.which(command[0])
        if found is None:
            raise Unavailable(_PACKAGES.get(command[0], f"нет программы голоса {command[0]}"))
        self._command = [found, *command[1:]]

    def close(self) -> None:
        """Nothing is left behind."""

    def answer(self, values: Values, sound: bytes) -> tuple[Values, bytes]:
        """`text` → the sound."""
        text = str(values["text"])[:_LONGEST]
        if not any(letter.isalpha() for letter in text):
            return {}, b""
        try:
            done = subprocess.run(
                self._command, input=f"{text}\n".encode(), capture_output=True, timeout=_ENOUGH_SECONDS, check=True
            )
            return {}, sounds.from_wav(done.stdout)
        except (subprocess.SubprocessError, OSError) as error:
            raise Unavailable(f"программа голоса {self._command[0]}: {error}") from error
        except sounds.NotSound as error:
            raise Unavailable(f"программа голоса {self._command[0]} дала не звук: {error}") from error
