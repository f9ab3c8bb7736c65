"""When a person begins and ends to speak."""

import numpy
import pytest

from benchmarks import talking
from okno.speech.activity import Kind, VoiceActivity, speechness
from okno.speech.sound import FRAME_BYTES, FRAME_SECONDS, pcm_of, seconds

_HISS = 0.003


def _heard(*parts, end_pause=0.3):
    """(seconds, activity) of all that was noticed in the parts one after another."""
    whole = numpy.concatenate(parts)
    pcm = pcm_of(whole + talking.hiss(len(whole) / talking.RATE, _HISS, "line"))
    activity = VoiceActivity(end_pause=end_pause)
    found = []
    for place in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES):
        told = activity.feed(pcm[place : place + FRAME_BYTES])
        if told is not None:
            found.append((round((place / FRAME_BYTES + 1) * FRAME_SECONDS, 2), told))
    activity.close()
    return found


def _bounds(wave_form):
    """Seconds from the start to the first and the last loud sample."""
    loud = numpy.flatnonzero(numpy.abs(wave_form) > 0.06)
    return loud[0] / talking.RATE, loud[-1] / talking.RATE


@pytest.mark.parametrize("text", ["Да", "Нет", "Оплачу двадцать пятого ноября"])
def test_an_answer_begins_soon_and_ends_after_the_pause(text):
    speech = talking.said(text, "ru")
    first, last = _bounds(speech)
    (begun, start), (ended, end) = _heard(talking.quiet(1), speech, talking.quiet(1.5))
    assert (start.kind, end.kind, end.cut) == (Kind.STARTED, Kind.ENDED, False)
    assert begun <= 1 + first + 0.25
    assert last + 1 + 0.3 - 0.15 <= ended <= last + 1 + 0.3 + 0.25
    assert seconds(end.speech) >= last - first - 0.05
    assert seconds(end.speech) <= last - first + 0.9


def test_a_longer_pause_keeps_groups_of_figures_together():
    pause = talking.quiet(0.55)
    parts = [talking.quiet(0.5), talking.said("пятьсот", "ru"), pause, talking.said("тридцать", "ru"), talking.quiet(2)]
    kinds = [told.kind for _, told in _heard(*parts, end_pause=1.2)]
    assert kinds == [Kind.STARTED, Kind.ENDED]
    assert len(_heard(*parts, end_pause=0.3)) == 4


def test_a_speaker_who_never_stops_is_cut_and_heard_on():
    speech = numpy.concatenate(
        [wave for _, wave in zip(range(4), (one for _, one in talking.recorded(5, 7)), strict=False)]
    )
    found = _heard(speech, talking.quiet(3), end_pause=2.0)
    cut = [told for _, told in found if told.cut]
    assert cut
    assert all(seconds(told.speech) == pytest.approx(10.0, abs=0.05) for told in cut)
    assert found[-1][1].kind is Kind.ENDED


@pytest.mark.parametrize(
    "noise", [talking.quiet(3), talking.hiss(3, 0.05, "loud"), talking.tone(425, 3), talking.tone(1000, 3)]
)
def test_noise_and_tones_are_no_speech(noise):
    assert _heard(noise) == []


@pytest.fixture
def no_model_free(monkeypatch):
    monkeypatch.setattr(speechness, "_MOST_MODELS", 0)
    monkeypatch.setattr(speechness._models, "_free", [])


@pytest.mark.parametrize("noise", [talking.quiet(3), talking.tone(425, 3), talking.tone(1000, 3)])
def test_without_a_free_model_tones_are_no_speech_either(noise, no_model_free):
    assert _heard(noise) == []


@pytest.mark.parametrize("text", ["Да", "Нет", "Угу", "Оплачу двадцать пятого ноября"])
def test_without_a_free_model_an_answer_is_heard(text, no_model_free):
    kinds = [told.kind for _, told in _heard(talking.quiet(1), talking.said(text, "ru"), talking.quiet(1.5))]
    assert kinds[:2] == [Kind.STARTED, Kind.ENDED]


def test_many_listeners_at_once_hear_alike():
    pcm = pcm_of(numpy.concatenate([talking.quiet(0.5), talking.said("Слушаю вас", "ru"), talking.quiet(1)]))
    listeners = [VoiceActivity() for _ in range(25)]
    heard = [[] for _ in listeners]
    for place in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES):
        for told, listener in zip(heard, listeners, strict=True):
            if (activity := listener.feed(pcm[place : place + FRAME_BYTES])) is not None:
                told.append(activity.kind)
    assert all(told == [Kind.STARTED, Kind.ENDED] for told in heard)
