"""The recogniser that comes with Okno, on sound as a telephone carries it."""

import numpy
import pytest

from benchmarks import talking
from okno.speech.recogniser import expected, model
from okno.speech.recogniser.snapping import ranked
from okno.speech.recogniser.tokens import Tokens
from okno.speech.sound import pcm_of
from okno.speech.trouble import Unavailable
from okno.speech.understanding import Expect


def _answer(whisper, wave_form, expect=None, language="ru"):
    vocabulary = expected(expect, "ru") if expect else ()
    quiet = talking.quiet(0.2)
    pcm = pcm_of(numpy.concatenate([quiet, wave_form, quiet]))
    told, _ = whisper.answer({"language": language, "vocabulary": list(vocabulary)}, pcm)
    return {**told, "text": ranked(told.get("ways") or [("", 0.0)], vocabulary, "ru")[0]}


@pytest.mark.parametrize(
    ("said", "expect", "words"),
    [
        ("да, конечно", Expect.YESNO, "да конечно"),
        ("двадцать пятого ноября", Expect.DATE, "двадцать пятого ноября"),
        ("вы робот", Expect.INTENT, "вы робот"),
    ],
)
def test_a_short_answer_is_recognised(whisper, said, expect, words):
    told = _answer(whisper, talking.said(said, "ru"), expect)
    assert told["rejected"] == ""
    assert " ".join(told["text"].lower().replace(",", " ").replace(".", " ").split()) == words
    assert 0.3 < told["confidence"] <= 1


def test_a_reader_is_recognised_nearly_to_the_letter(whisper):
    text, wave_form = next(talking.recorded(2, 5))
    told = _answer(whisper, wave_form)
    said = {word.strip(".,-!?").lower() for word in text.split()}
    found = {word.strip(".,-!?").lower() for word in told["text"].split()}
    assert len(said & found) >= len(said) * 0.6


@pytest.mark.parametrize("wave_form", [talking.quiet(2), talking.hiss(2, 0.02, "hiss"), talking.tone(425, 2)])
def test_what_is_expected_is_not_made_out_of_nothing(whisper, wave_form):
    assert _answer(whisper, wave_form, Expect.YESNO)["rejected"]


def test_a_language_the_model_does_not_know_is_refused(whisper):
    with pytest.raises(Unavailable, match="не знает языка"):
        _answer(whisper, talking.said("да, конечно", "ru"), language="xx")


def test_tokens_say_the_same_text_again(whisper, speech_folder):
    tokens = Tokens(model.shipped(speech_folder))
    for text in ("Оплачу двадцать пятого.", "Ні, не треба — 123,5 ₴!", "Иә, төлеп қойдым"):
        assert tokens.text(tokens.numbers(text)) == text


def test_a_damaged_model_is_refused_and_leaves_nothing(monkeypatch, tmp_path):
    halves = tmp_path / "halves"
    halves.mkdir()
    for name in ("model.bin.part1", "model.bin.part2", "config.json", "vocabulary.txt", "tokenizer.json"):
        (halves / name).write_bytes(b"damaged")
    monkeypatch.setattr(model, "_data", lambda package: halves)
    with pytest.raises(Unavailable, match="повреждена"):
        model.shipped(tmp_path / "joined")
    assert list((tmp_path / "joined").iterdir()) == []


def test_a_model_of_the_operators_that_is_no_model_is_refused(tmp_path):
    from okno.speech.recogniser.whisper import Whisper

    with pytest.raises(Unavailable, match=r"tokenizer\.json"):
        Whisper(folder=str(tmp_path), model=str(tmp_path))


def test_a_model_of_another_kind_says_which_package_it_needs():
    from okno.speech.recogniser.onnx import Onnx

    with pytest.raises(Unavailable, match="onnx-asr"):
        Onnx(model="gigaam-v2-ctc")
