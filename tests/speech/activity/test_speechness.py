"""The models of voice activity are lent: none is ever used after it was taken apart, and none is lost for good."""

import gc

import numpy
import pytest

from benchmarks import talking
from okno.speech.activity import speechness
from okno.speech.activity.speechness import Speechness
from okno.speech.sound import FRAME_BYTES, pcm_of

SPOKEN = pcm_of(numpy.concatenate([talking.tone(300, 0.2), talking.said("Слушаю вас", "ru")]))
FRAMES = [SPOKEN[place : place + FRAME_BYTES] for place in range(0, len(SPOKEN) - FRAME_BYTES + 1, FRAME_BYTES)]


class Call:
    """Whoever hears something, in a circle of references, as a conversation and its tasks are."""

    def __init__(self) -> None:
        self.hears = Speechness()
        self.myself = self


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch) -> speechness._Models:
    made = speechness._Models()
    monkeypatch.setattr(speechness, "_models", made)
    return made


def hear(stream: Speechness) -> bool:
    return sum(stream.feed(frame) for frame in FRAMES) > 0


def test_a_model_forgotten_together_with_its_call_is_given_to_nobody(models):
    for _call in range(5):
        assert hear(Call().hears)
        gc.collect()
    stream = Speechness()
    assert hear(stream)
    stream.close()


def test_models_forgotten_with_their_calls_make_room_for_others(models, monkeypatch):
    monkeypatch.setattr(speechness, "_MOST_MODELS", 1)
    for _call in range(3):
        call = Call()
        call.hears.feed(FRAMES[-1])
        assert models.borrow() is None
        del call
        gc.collect()
        model = models.borrow()
        assert model is not None
        del model
        gc.collect()


def test_a_stream_that_was_closed_lends_its_model_to_the_next(models, monkeypatch):
    monkeypatch.setattr(speechness, "_MOST_MODELS", 1)
    for _call in range(3):
        stream = Speechness()
        assert hear(stream)
        stream.close()
    assert models.borrow() is not None
