"""Engines that are tried for real: the model is joined once a run."""

import pytest

from okno.speech.recogniser.whisper import Whisper


@pytest.fixture(scope="session")
def speech_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("speech")


@pytest.fixture(scope="session")
def whisper(speech_folder):
    return Whisper(folder=str(speech_folder))
