"""The tone after which a machine records: one pure steady frequency for a fifth of a second or longer."""

import numpy

from okno.speech.sound import FRAME_BYTES, RATE, samples

_LOWEST, _HIGHEST = 380.0, 2_200.0
_PURE = 0.85
"""The share of the energy that lies in the tone."""
_LOUD = 0.004
"""Root mean square, of full scale: what is quieter is the line's hum."""
_STEADY_HERTZ = 30.0
_LEAST_FRAMES, _MOST_FRAMES = 9, 60
"""180 ms to 1.2 s: a longer tone is the network's."""
_NETWORK = (410.0, 440.0)
"""Hertz of the dialling, ringing and busy tones in all three countries."""
_WINDOW = numpy.hanning(2 * FRAME_BYTES // 2)


class Beep:
    """Listens to one stream of frames."""

    def __init__(self) -> None:
        self._before = bytes(FRAME_BYTES)
        self._tone = 0.0
        self._frames = 0

    @property
    def tone(self) -> bool:
        """True while some steady tone sounds, a beep or not: it is no speech."""
        return self._frames >= 3

    def feed(self, frame: bytes) -> bool:
        """True once, when a beep has just ended."""
        hertz = self._pure(self._before + frame)
        self._before = frame
        if hertz and (not self._frames or abs(hertz - self._tone) <= _STEADY_HERTZ):
            self._tone = (self._tone * self._frames + hertz) / (self._frames + 1)
            self._frames += 1
            return False
        ended, tone = self._frames, self._tone
        self._frames, self._tone = (1, hertz) if hertz else (0, 0.0)
        return _LEAST_FRAMES <= ended <= _MOST_FRAMES and not _NETWORK[0] <= tone <= _NETWORK[1]

    @staticmethod
    def _pure(sound: bytes) -> float:
        """The frequency of the only tone in 40 ms; 0 when there is none."""
        wave_form = samples(sound)
        if numpy.sqrt(numpy.mean(wave_form**2)) < _LOUD:
            return 0.0
        power = numpy.abs(numpy.fft.rfft(wave_form * _WINDOW)) ** 2
        power[:3] = 0.0
        top = int(power.argmax())
        near = power[max(0, top - 2) : top + 3]
        if near.sum() < _PURE * power.sum():
            return 0.0
        place = float((near * numpy.arange(max(0, top - 2), max(0, top - 2) + len(near))).sum() / near.sum())
        hertz = place * RATE / len(wave_form)
        return hertz if _LOWEST <= hertz <= _HIGHEST else 0.0
