"""The settings an installer chooses: what reaches the engines of speech, and how many there are to know."""

from pathlib import Path

import pytest

from config.environment import OPTIONS, setting
from okno.dialogs.engine_settings import engine_settings
from okno.speech.spoken.numerals import cardinal

README = Path(__file__).parents[2] / "README.md"


def test_keys_of_speech_services_reach_the_engines_from_the_environment_or_a_file(monkeypatch, tmp_path):
    monkeypatch.setenv("OKNO_RECOGNISER_KEY", "hears")
    tmp_path.joinpath("key").write_text("speaks\n")
    monkeypatch.setenv("OKNO_VOICE_KEY_FILE", str(tmp_path / "key"))
    settings = engine_settings()
    assert (settings.recogniser_key, settings.voice_key) == ("hears", "speaks")


@pytest.mark.parametrize("name", ["RECOGNISER_KEY", "VOICE_KEY"])
def test_keys_of_speech_services_are_shown_to_nobody(monkeypatch, name):
    monkeypatch.setenv(f"OKNO_{name}", "hears")
    assert "hears" not in setting(name).shown


def test_the_front_page_names_how_many_settings_there_are():
    assert f"Их {cardinal(len(OPTIONS), 'ru', gender='f')}." in README.read_text()
