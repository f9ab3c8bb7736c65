"""Speech for the benchmarks of speech: synthesised phrases in many voices, a person's recordings, noise, tones.

Everything is 8 kHz as a telephone carries it and repeats from run to run.
"""

import hashlib
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy

from okno.speech import sound
from okno.speech.sound import RATE, Samples
from okno.speech.spoken import aloud
from okno.speech.spoken.numerals import Language
from okno.speech.voice.festival import Festival
from okno.speech.voice.program import Program

CORPUS = Path("/usr/share/festival/voices/russian/msu_ru_nsh_clunits")
_LINE = re.compile(r'\( (\S+) "(.*)" \)')
_MU = 255.0


@lru_cache(maxsize=1)
def _festival() -> Festival:
    return Festival()


@lru_cache(maxsize=512)
def said(text: str, language: Language, voice: str = "", *, pace: int = 160, pitch: int = 50) -> Samples:
    """`text` by festival ("") or by a variant of espeak-ng ("m3", "f2", …), as a telephone carries it."""
    words = aloud(text, language)
    if not voice:
        return telephone(sound.samples(_festival().answer({"text": words}, b"")[1]))
    command = ["espeak-ng", "-v", f"{language}+{voice}", "-s", str(pace), "-p", str(pitch), "--stdin", "--stdout"]
    return telephone(sound.samples(Program(command=command).answer({"text": words}, b"")[1]))


def recorded(least: float, most: float) -> Iterator[tuple[str, Samples]]:
    """A reader's sentences (text, sound) of `least` to `most` seconds, in the order of the corpus."""
    for line in (CORPUS / "etc" / "txt.done.data").read_text(encoding="utf-8").splitlines():
        found = _LINE.match(line)
        path = CORPUS / "wav" / f"{found.group(1)}.wav" if found else None
        if found is None or path is None or not path.is_file():
            continue
        if least <= (path.stat().st_size - 44) / 32_000 <= most:
            yield found.group(2).replace("+", ""), telephone(sound.samples(sound.from_wav(path.read_bytes())))


def telephone(wave_form: Samples) -> Samples:
    """300–3400 Hz, and µ-law there and back; what no voice can say stays no sound."""
    if not len(wave_form):
        return wave_form
    spectrum = numpy.fft.rfft(wave_form)
    hertz = numpy.arange(len(spectrum)) * RATE / max(1, len(wave_form))
    spectrum[(hertz < 300) | (hertz > 3_400)] = 0
    narrow = numpy.clip(numpy.fft.irfft(spectrum, len(wave_form)), -1, 1)
    steps = numpy.round(numpy.sign(narrow) * numpy.log1p(_MU * numpy.abs(narrow)) / numpy.log1p(_MU) * 127) / 127
    return numpy.asarray(numpy.sign(steps) * numpy.expm1(numpy.abs(steps) * numpy.log1p(_MU)) / _MU)


def noisy(wave_form: Samples, decibels: float, seed: str) -> Samples:
    """The sound in white noise so many decibels below it."""
    power = float(numpy.mean(wave_form**2)) / 10 ** (decibels / 10)
    return wave_form + hiss(len(wave_form) / RATE, power**0.5, seed)


def hiss(seconds: float, loudness: float, seed: str) -> Samples:
    """White noise; `loudness` is its root mean square."""
    chance = numpy.random.default_rng(int(hashlib.sha256(seed.encode()).hexdigest()[:8], 16))
    return chance.standard_normal(round(seconds * RATE)) * loudness


def slower(wave_form: Samples, times: float) -> Samples:
    """The same sound so many times as long, and as much lower."""
    if not len(wave_form):
        return wave_form
    places = numpy.arange(0, len(wave_form) - 1, 1 / times)
    return numpy.interp(places, numpy.arange(len(wave_form)), wave_form)


def tone(hertz: float, seconds: float, loudness: float = 0.3) -> Samples:
    return loudness * numpy.sin(2 * numpy.pi * hertz * numpy.arange(round(seconds * RATE)) / RATE)


def quiet(seconds: float) -> Samples:
    return numpy.zeros(round(seconds * RATE))
