"""An operator's own model through onnx-asr (GigaAM, Vosk, T-one, Parakeet and others), if that package is installed.

Runs in a process of its own (`okno.speech.process`).
"""

import math
from typing import Any

from okno.speech.recogniser.presence import Presence
from okno.speech.sound import RATE, samples
from okno.speech.trouble import Unavailable
from okno.speech.wire import Values

_LEAST_SPEECH = 0.09
_UNSURE = -1.5
_UNTOLD = 0.6
"""The confidence in a model that tells none."""


class Onnx:
    """`model` is a name that onnx-asr knows; `path` the folder with its files, which are not fetched from anywhere when
    it is given. Raises `Unavailable`."""

    def __init__(self, *, model: str, path: str = "", threads: int = 2) -> None:
        try:
            import onnx_asr
            import onnxruntime
        except ImportError as error:
            raise Unavailable("для своей модели ONNX выполните pip install «onnx-asr[cpu]»") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        try:
            loaded = onnx_asr.load_model(model, path or None, sess_options=options)
        except Exception as error:  # each kind of model fails in a way of its own
            raise Unavailable(f"модель ONNX {path or model} не читается: {error}") from error
        self._model: Any = loaded.with_timestamps()
        self._presence = Presence()

    def close(self) -> None:
        """Nothing is left behind."""

    def answer(self, values: Values, sound: bytes) -> tuple[Values, bytes]:
        """The same as `whisper.Whisper.answer`; what is expected does not help such a model while it listens."""
        wave_form = samples(sound)
        if self._presence.seconds(wave_form) < _LEAST_SPEECH:
            return {"text": "", "confidence": 0.0, "rejected": "silence"}, b""
        found = self._model.recognize(wave_form, sample_rate=RATE, language=values["language"])
        score = sum(found.logprobs) / len(found.logprobs) if getattr(found, "logprobs", None) else math.log(_UNTOLD)
        text = str(found.text).strip()
        rejected = "noise" if not text else "unsure" if score < _UNSURE else ""
        return {"text": text, "confidence": round(min(1.0, math.exp(score)), 3), "rejected": rejected}, b""
