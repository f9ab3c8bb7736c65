"""The residents' voices: lines said by festival into a folder, once; "" where there is no festival."""

import hashlib
import shutil
import subprocess
import wave
from collections.abc import Callable
from pathlib import Path

import numpy

_VOICE = "(voice_msu_ru_nsh_clunits)"
_SECONDS = 30
_LOUD = 300


def sayer(folder: Path) -> Callable[[str], bytes] | None:
    """A function from a line to 8 kHz sound; None when this machine has no festival."""
    if shutil.which("text2wave") is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)

    def say(text: str) -> bytes:
        path = folder / f"{hashlib.sha256(text.encode()).hexdigest()[:24]}.wav"
        if not path.exists():
            fresh = path.with_suffix(".part")
            command = ["text2wave", "-F", "8000", "-eval", _VOICE, "-o", str(fresh)]
            subprocess.run(command, input=text.encode(), check=True, timeout=_SECONDS, capture_output=True)
            fresh.rename(path)
        with wave.open(str(path)) as file:
            return _trimmed(file.readframes(file.getnframes()))

    return say


def _trimmed(pcm: bytes) -> bytes:
    """Without the silence at both ends, so that an answer begins and ends when it is heard to."""
    loud = numpy.flatnonzero(numpy.abs(numpy.frombuffer(pcm, dtype="<i2").astype(numpy.int32)) > _LOUD)
    return pcm[int(loud[0]) * 2 : int(loud[-1]) * 2 + 2] if len(loud) else pcm
