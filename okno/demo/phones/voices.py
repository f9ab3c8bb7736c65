"""The residents' voices: lines said by festival into a folder, once; "" where there is no festival."""

import hashlib
import shutil
import subprocess
import wave
from collections.abc import Callable
from pathlib import Path

_VOICE = "(voice_msu_ru_nsh_clunits)"
_SECONDS = 30


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
            sound: bytes = file.readframes(file.getnframes())
        return sound

    return say
