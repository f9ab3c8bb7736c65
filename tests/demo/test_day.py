"""The demo from the first command to the second: files in, reminders out, a register that takes the rest back."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from okno.demo.sinks import record

pytestmark = pytest.mark.slow


def demo(folder: Path, *options: str) -> dict:
    """Run `okno demo --once --json` in a process of its own, on the embedded database of its own folder."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OKNO_")}
    command = [sys.executable, "-m", "okno", "demo", "--once", "--json", "--folder", str(folder), *options]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def town(open_folder) -> tuple[Path, dict]:
    folder = open_folder / "town"
    return folder, demo(folder, "--houses", "2", "--months", "4", "--seed", "7")


def test_the_table_holds_what_a_machine_reads(town):
    _folder, told = town
    numbers = ("accounts", "bills", "debtors", "debt_minor", "payments", "violations", "seconds")
    assert all(isinstance(told[name], int | float) for name in numbers)
    assert set(told["contacts"]) == {"permitted", "refused", "sent", "withdrawn"}
    assert told["accounts"] > 100
    assert told["bills"] > told["accounts"] * 3
    assert min(told["contacts"].values()) > 0


def test_the_day_is_clean(town):
    _folder, told = town
    assert told["violations"] == 0
    assert told["differences"] == 0
    assert told["contacts"]["withdrawn"] <= told["paid_during"]


def test_what_the_desk_calls_sent_is_what_the_other_side_got(town):
    folder, told = town
    books = [path.parent for path in folder.glob("sinks/*/*/messages.jsonl")]
    arrivals = [arrival for book in books for arrival in record.read(book)]
    assert len({arrival.message_id or arrival.provider_id for arrival in arrivals}) == len(arrivals)
    taken = sum(arrival.taken for arrival in arrivals)
    refused_outright = len(arrivals) - taken
    assert taken == told["arrived"]
    assert told["contacts"]["sent"] - refused_outright <= taken <= told["contacts"]["sent"]


def test_a_second_start_tells_the_same_and_sends_nothing_more(town):
    folder, told = town
    before = sum(len(record.read(path.parent)) for path in folder.glob("sinks/*/*/messages.jsonl"))
    again = demo(folder, "--houses", "2", "--months", "4", "--seed", "7")
    after = sum(len(record.read(path.parent)) for path in folder.glob("sinks/*/*/messages.jsonl"))
    timed = {"seconds": 0, "steps": {}}
    assert again | timed == told | timed
    assert after == before
