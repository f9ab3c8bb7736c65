"""An installation of its own, as an installer makes one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


class Installation:
    """A folder with an installation of its own; commands run as processes, as an installer runs them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("OKNO_")} | {
            "OKNO_DATA_DIR": str(folder / "data"),
            "OKNO_CONFIG": str(folder / "okno.toml"),
        }

    def run(self, *words: str, fails: bool = False) -> str:
        command = [sys.executable, "-m", "okno", *words]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=180, check=False)
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout + done.stderr if fails else done.stdout


@pytest.fixture(scope="module")
def installation(open_folder):
    new = Installation(open_folder)
    told = new.run(
        *("init", "--country", "ru", "--name", "УК «Проба»", "--url", "http://127.0.0.1:8000"),
        *("--admin-email", "admin@example.org", "--file", str(new.folder / "okno.toml"), "--json"),
    )
    assert json.loads(told)["login"] == "admin@example.org"
    yield new
    from okno.database.cluster import Cluster

    Cluster(new.folder / "data").stop()
