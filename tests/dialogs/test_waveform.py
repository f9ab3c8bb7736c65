"""The picture of a recording has the loud where the loud was."""

import wave
from pathlib import Path

import numpy
import pytest

from okno.dialogs import waveform


def write(path: Path, far: list[int], near: list[int], *, width: int = 2, channels: int = 2) -> Path:
    both = numpy.array([far, near], dtype="<i2").T.copy()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(8000)
        file.writeframes(both.tobytes())
    return path


def test_peaks_of_each_side_stand_in_their_time(tmp_path):
    told = waveform.of(write(tmp_path / "a.wav", [0, 16384, 0, 0], [0, 0, -32768, 0]), columns=4)
    assert told.far == (0.0, 0.5, 0.0, 0.0)
    assert told.near == (0.0, 0.0, 1.0, 0.0)
    assert told.seconds == 4 / 8000


def test_a_long_recording_has_as_many_columns_as_asked(tmp_path):
    told = waveform.of(write(tmp_path / "a.wav", [100] * 80_001, [0] * 80_001))
    assert len(told.far) == len(told.near) == 400
    assert set(told.near) == {0.0}


def test_a_short_recording_has_a_column_a_sample_and_an_empty_one_none(tmp_path):
    assert len(waveform.of(write(tmp_path / "a.wav", [1, 2], [3, 4])).far) == 2
    assert waveform.of(write(tmp_path / "b.wav", [], [])).far == ()


def test_a_recording_that_grew_is_drawn_anew(tmp_path):
    path = write(tmp_path / "a.wav", [0] * 8, [0] * 8)
    assert waveform.of(path).seconds == 8 / 8000
    assert waveform.of(write(path, [0] * 16, [0] * 16)).seconds == 16 / 8000


@pytest.mark.parametrize("content", [b"", b"RIFF", b"\x00" * 100, b"ID3" + b"x" * 500])
def test_what_is_no_recording_is_told_so(tmp_path, content):
    path = tmp_path / "x.wav"
    path.write_bytes(content)
    with pytest.raises(waveform.Unreadable):
        waveform.of(path)


def test_one_side_alone_is_no_recording_of_ours(tmp_path):
    with pytest.raises(waveform.Unreadable):
        waveform.of(write(tmp_path / "a.wav", [1, 2], [1, 2], channels=1))
