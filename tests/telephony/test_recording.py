"""Recordings on disk."""

import os
import resource
import subprocess
import sys
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from okno.telephony.frames import FRAME_BYTES
from okno.telephony.recording import Recorder

pytestmark = pytest.mark.anyio
FAR, NEAR = b"\x01\x02" * (FRAME_BYTES // 2), b"\x03\x04" * (FRAME_BYTES // 2)


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    one = Recorder()
    yield one
    one.close()


@pytest.fixture
def small_disk() -> Iterator[None]:
    """No file may grow beyond 100,000 bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_the_far_side_is_left_and_we_are_right(recorder: Recorder, tmp_path: Path) -> None:
    recording = recorder.start(tmp_path / "a.wav")
    for _ in range(120):
        recording.add(FAR, NEAR)
    result = await recording.finish()
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (2, 8_000, 120 * 160)
        assert file.readframes(1) == b"\x01\x02\x03\x04"
    assert (result.seconds, result.cut) == (2.4, "")


async def test_only_its_owner_may_read_it(recorder: Recorder, tmp_path: Path) -> None:
    await recorder.start(tmp_path / "a.wav").finish()
    assert (tmp_path / "a.wav").stat().st_mode & 0o777 == 0o600


async def test_a_full_disk_cuts_the_recording_and_says_so(recorder: Recorder, tmp_path: Path, small_disk: None) -> None:
    recording = recorder.start(tmp_path / "a.wav")
    for _ in range(500):
        recording.add(FAR, NEAR)
    result = await recording.finish()
    assert result.cut
    assert 2 < result.seconds < 4
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert file.getnframes() == result.seconds * 8_000


async def test_a_folder_that_is_not_there_and_a_file_that_is_are_told_and_harm_nothing(
    recorder: Recorder, tmp_path: Path
) -> None:
    (tmp_path / "old.wav").write_bytes(b"kept")
    for path in (tmp_path / "no" / "a.wav", tmp_path / "old.wav"):
        recording = recorder.start(path)
        recording.add(FAR, NEAR)
        result = await recording.finish()
        assert (bool(result.cut), result.seconds) == (True, 0)
    assert (tmp_path / "old.wav").read_bytes() == b"kept"


def test_a_killed_process_leaves_all_but_the_last_second_readable(tmp_path: Path) -> None:
    path = tmp_path / "killed.wav"
    script = (
        "import sys, time; from pathlib import Path; from okno.telephony.recording import Recorder\n"
        "recording = Recorder().start(Path(sys.argv[1]))\n"
        "while True: recording.add(bytes(320), bytes(320)); time.sleep(0.001)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script, str(path)])
    while not path.exists() or os.path.getsize(path) < 200_000:
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.wait()
    with wave.open(str(path)) as file:
        frames = file.getnframes()
        assert len(file.readframes(frames)) == frames * 4
    assert frames * 4 >= os.path.getsize(path) - 44 - 2 * 32_000
