"""The picture of sound that Whisper looks at: 100 columns a second of the logarithm of loudness on the mel scale."""

from functools import lru_cache
from typing import Any

import numpy
import numpy.typing

from okno.speech.sound import RATE, Samples

COLUMNS_A_SECOND = 100
_STEP = RATE // COLUMNS_A_SECOND
_WINDOW = RATE // 40
"""25 ms, as the model was taught with 400 samples at 16 kHz; the bins of both are 40 Hz wide."""
_TOP = 8_000.0
_BINS = 201
"""Of the 16 kHz picture; ours has the lower half of them, above 4 kHz a telephone carries nothing."""
_BEND, _SLOPE = 1_000.0, numpy.log(6.4) / 27
"""Slaney's scale: straight to 1 kHz, logarithmic above."""

Picture = numpy.typing.NDArray[numpy.float32]


def picture(wave_form: Samples, *, columns: int, bands: int) -> Picture:
    """The first `columns` hundredths of a second, silence after the sound's end; `bands`: 80 or 128."""
    wanted = columns * _STEP
    padded = numpy.zeros(wanted, dtype=numpy.float32)
    padded[: min(len(wave_form), wanted)] = wave_form[:wanted]
    padded = numpy.pad(padded, _WINDOW // 2, mode="reflect")
    windows = numpy.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_STEP][:columns]
    # Twice as many samples in the window at 16 kHz make every bin twice as loud.
    power = numpy.abs(numpy.fft.rfft(windows * _hann(), axis=1) * 2) ** 2
    loud = numpy.log10(numpy.maximum(_filters(bands) @ power.T, 1e-10))
    loud = numpy.maximum(loud, loud.max() - 8.0)
    return numpy.ascontiguousarray((loud + 4.0) / 4.0, dtype=numpy.float32)


@lru_cache(maxsize=1)
def _hann() -> "numpy.typing.NDArray[Any]":
    return numpy.hanning(_WINDOW + 1)[:-1]


@lru_cache(maxsize=4)
def _filters(bands: int) -> "numpy.typing.NDArray[Any]":
    """How much of each bin each band takes."""
    edges = _hertz(numpy.linspace(0.0, float(_mel(numpy.array(_TOP))), bands + 2))
    bins = numpy.linspace(0.0, _TOP, _BINS)
    widths, away = numpy.diff(edges), edges[:, None] - bins[None]
    weights = numpy.maximum(0, numpy.minimum(-away[:-2] / widths[:-1, None], away[2:] / widths[1:, None]))
    weights *= (2.0 / (edges[2:] - edges[:-2]))[:, None]
    return numpy.asarray(weights[:, : _WINDOW // 2 + 1])


def _mel(hertz: "numpy.typing.NDArray[Any]") -> "numpy.typing.NDArray[Any]":
    logarithmic = 15.0 + numpy.log(numpy.maximum(hertz, 1e-9) / _BEND) / _SLOPE
    return numpy.where(hertz >= _BEND, logarithmic, hertz * 3 / 200)


def _hertz(mel: "numpy.typing.NDArray[Any]") -> "numpy.typing.NDArray[Any]":
    return numpy.where(mel >= 15.0, _BEND * numpy.exp(_SLOPE * (mel - 15.0)), mel * 200 / 3)
