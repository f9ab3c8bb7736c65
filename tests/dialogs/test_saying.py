"""A phrase is said by the voice the installer chose, once; when the voice is missing, the reason is told in words."""

import io
import sys
import wave
from pathlib import Path

import pytest

from okno.dialogs import saying
from okno.speech.sound import silence, to_wav
from okno.speech.trouble import Unavailable
from tests.speech.services import service

SPEAKER = """#!{python}
import sys, wave
sys.stdin.read()
open({log!r}, "a").write("said\\n")
with wave.open(sys.stdout.buffer, "wb") as file:
    file.setnchannels(1); file.setsampwidth(2); file.setframerate(8000)
    file.writeframes(b"\\x10\\x20" * 1600)
"""


@pytest.fixture
def speaker(tmp_path: Path, monkeypatch) -> Path:
    """A program that says everything as a fifth of a second of the same, and writes down that it was run."""
    program, log = tmp_path / "speaker", tmp_path / "log"
    program.write_text(SPEAKER.format(python=sys.executable, log=str(log)))
    program.chmod(0o755)
    log.touch()
    monkeypatch.setenv("OKNO_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("OKNO_VOICES", f"ru={program}")
    return log


def test_a_phrase_is_a_file_that_plays_and_is_made_once(speaker):
    first = saying.say("Добрый день.", "ru")
    with wave.open(io.BytesIO(first)) as file:
        assert (file.getframerate(), file.getnchannels()) == (8000, 1)
        assert file.getnframes() > 0
    assert saying.say("Добрый день.", "ru") == first
    assert speaker.read_text().count("said") == 1


@pytest.mark.parametrize("language", ["de", ""])
def test_a_language_without_a_voice_is_told_so(speaker, language):
    with pytest.raises(Unavailable, match="нет голоса"):
        saying.say("Guten Tag", language)


def test_a_voice_that_is_not_installed_says_so(speaker, monkeypatch):
    monkeypatch.setenv("OKNO_VOICES", "ru=/nowhere/speaker")
    with pytest.raises(Unavailable, match="/nowhere/speaker"):
        saying.say("Добрый день.", "ru")


def test_voices_that_cannot_be_read_are_told_with_the_setting(speaker, monkeypatch):
    monkeypatch.setenv("OKNO_VOICES", "festival")
    with pytest.raises(Unavailable, match="OKNO_VOICES"):
        saying.say("Добрый день.", "ru")


def test_a_voice_behind_a_url_gets_the_installers_key(speaker, monkeypatch):
    monkeypatch.setenv("OKNO_VOICE_KEY", "speaks")
    with service(lambda: (200, to_wav(silence(0.5)))) as told:
        monkeypatch.setenv("OKNO_VOICES", f"ru={told.url}")
        saying.say("Добрый день.", "ru")
    assert [headers["Authorization"] for headers, _body in told.asked] == ["Bearer speaks"]


@pytest.mark.parametrize("text", ["", "  ", "я" * (saying.LONGEST + 1)])
def test_nothing_and_a_book_are_not_said(speaker, text):
    with pytest.raises(ValueError, match="letters"):
        saying.say(text, "ru")
