"""Who picked up: by the sound of the first seconds, by the words in it, and by both."""

from pathlib import Path

import numpy
import pytest
import yaml

from benchmarks import talking
from okno.speech.answering import By, Listener, Verdict, Who, settled, verdict_of_words
from okno.speech.sound import FRAME_BYTES, pcm_of, seconds
from okno.speech.understanding.lexicon import UnknownLanguage

WORDS = yaml.safe_load(Path(__file__).with_name("words.yaml").read_text(encoding="utf-8"))
MACHINE = "Здравствуйте, вы позвонили Ивану, сейчас я не могу ответить на ваш звонок, оставьте сообщение."


def _verdicts(*parts):
    pcm = pcm_of(numpy.concatenate(parts))
    listener = Listener()
    frames = (pcm[place : place + FRAME_BYTES] for place in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES))
    return [told for told in map(listener.feed, frames) if told is not None]


@pytest.mark.parametrize("text", ["Алло", "Да, слушаю вас"])
def test_who_says_a_word_and_waits_is_a_person(text):
    (told,) = _verdicts(talking.quiet(0.5), talking.said(text, "ru"), talking.quiet(3))
    assert (told.who, told.by) == (Who.PERSON, By.GREETING)
    assert 0.3 < seconds(told.speech) < 3.5


def test_who_reads_a_greeting_is_a_machine_and_its_beep_is_told_later():
    beep = talking.tone(1000, 0.4)
    greeting, after = _verdicts(
        talking.quiet(0.4), talking.said(MACHINE, "ru"), talking.quiet(0.3), beep, talking.quiet(1)
    )
    assert (greeting.who, greeting.by, greeting.beeped) == (Who.MACHINE, By.GREETING, False)
    assert (after.who, after.by, after.beeped) == (Who.MACHINE, By.BEEP, True)


def test_a_beep_alone_is_a_machine():
    (told,) = _verdicts(talking.quiet(0.5), talking.tone(800, 0.5), talking.quiet(1))
    assert (told.who, told.beeped) == (Who.MACHINE, True)


@pytest.mark.parametrize(("hertz", "length"), [(425, 1.0), (425, 0.35), (1000, 0.08), (1000, 2.0)])
def test_a_tone_of_the_network_a_click_and_a_long_tone_are_no_beep(hertz, length):
    told = _verdicts(talking.tone(hertz, length), talking.quiet(0.6))
    assert not any(one.beeped for one in told)


def test_who_says_nothing_is_unknown_after_four_seconds():
    (told,) = _verdicts(talking.hiss(6, 0.004, "line"))
    assert (told.who, told.by, told.speech) == (Who.UNKNOWN, By.SILENCE, b"")


@pytest.mark.parametrize(("language", "text"), [(language, text) for language in WORDS for text in WORDS[language]])
def test_the_first_words_tell_who_speaks(language, text):
    told = verdict_of_words(text, language)
    assert (told.who.value if told else None) == WORDS[language][text]


def test_a_person_who_says_many_greetings_is_no_machine():
    words = verdict_of_words("Да, алло, слушаю, кто это говорит?", "ru")
    assert settled(_told(Who.MACHINE, By.GREETING), words).who is Who.PERSON


def test_words_of_a_language_nobody_wrote_down_are_refused():
    with pytest.raises(UnknownLanguage):
        verdict_of_words("hello", "en")


def _told(who, by):
    return Verdict(who=who, by=by, confidence=0.8, speech=b"12" if by is By.GREETING else b"", beeped=by is By.BEEP)


@pytest.mark.parametrize(
    ("sound", "words", "who"),
    [
        (_told(Who.PERSON, By.GREETING), None, Who.PERSON),
        (_told(Who.PERSON, By.GREETING), _told(Who.MACHINE, By.WORDS), Who.MACHINE),
        (_told(Who.MACHINE, By.GREETING), _told(Who.SCREENING, By.WORDS), Who.SCREENING),
        # A machine that says "алло" first and reads on is a machine.
        (_told(Who.MACHINE, By.GREETING), _told(Who.PERSON, By.WORDS), Who.MACHINE),
        (_told(Who.MACHINE, By.BEEP), _told(Who.PERSON, By.WORDS), Who.MACHINE),
        (_told(Who.MACHINE, By.GREETING), None, Who.MACHINE),
    ],
)
def test_words_and_sound_are_settled(sound, words, who):
    told = settled(sound, words)
    assert told.who is who
    assert (told.speech, told.beeped) == (sound.speech, sound.beeped)
