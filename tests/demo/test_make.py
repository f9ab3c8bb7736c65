"""`make demo` brings the robot's voices when it can, and opens without them when it cannot."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OLD, NEW = 1_000_000_000, 4_000_000_000


@pytest.fixture
def copy(tmp_path):
    """The project as `make` sees it after an installation, with programs that only say that they ran."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in (
        "requirements.lock",
        "pyproject.toml",
        "okno/web/x.html",
        "locale/x.po",
        ".venv/installed",
        ".venv/made",
    ):
        tmp_path.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
        tmp_path.joinpath(name).touch()
    program(tmp_path / ".venv/bin/python", "")
    program(tmp_path / ".venv/bin/okno", "echo opened $@")
    for path in tmp_path.rglob("*"):
        stamp = NEW if path.parent.name == ".venv" and path.is_file() else OLD
        os.utime(path, (stamp, stamp))
    return tmp_path


def program(path: Path, does: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{does}\n")
    path.chmod(0o755)


def made(copy: Path) -> tuple[list[str], str]:
    # As a person types it, whichever make runs the tests.
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "ARGS"))}
    done = subprocess.run(["make", "demo"], cwd=copy, env=plain, capture_output=True, text=True, timeout=60, check=True)
    return [line for line in done.stdout.splitlines() if not line.startswith(".venv")], done.stderr


def test_voices_are_brought_while_the_town_is_built(copy):
    program(copy / ".ci/need-festival", "touch brought")
    assert made(copy)[0] == ["opened demo"]
    assert (copy / "brought").exists()


def test_a_demo_without_voices_opens_and_says_that_the_robot_is_silent(copy):
    program(copy / ".ci/need-festival", "exit 1")
    said, warned = made(copy)
    assert said == ["opened demo"]
    assert "робот никому не позвонит" in warned
