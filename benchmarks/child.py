"""Processes of their own beside a benchmark: a command of Okno with its peak memory, and readers that only read."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg

from okno.database import connection

ROOT = Path(__file__).resolve().parent.parent


def okno(*arguments: str) -> tuple[Any, float]:
    """Run `okno …` against the database of the benchmark; its JSON and the peak of its memory in MiB."""
    running = subprocess.Popen(
        [sys.executable, "-m", "okno", *arguments, "--json"], stdout=subprocess.PIPE, cwd=ROOT, text=True
    )
    assert running.stdout is not None
    told = running.stdout.read()
    _pid, status, usage = os.wait4(running.pid, 0)
    if status:
        raise RuntimeError(f"okno {' '.join(arguments)}: {told}")
    return json.loads(told), usage.ru_maxrss / 1024


def drained(queries: Sequence[str], *, hands: int = 1) -> float:
    """Seconds in which the rows of these queries come out by COPY BINARY and are thrown away, by so many processes."""
    shares = [list(queries[number::hands]) for number in range(hands)]
    began = time.perf_counter()
    running = [
        subprocess.Popen([sys.executable, "-m", "benchmarks.child", json.dumps(share)], cwd=ROOT) for share in shares
    ]
    if any(one.wait() for one in running):
        raise RuntimeError("a reader failed")
    return time.perf_counter() - began


def _drain(queries: Sequence[str]) -> None:
    """Row by row, by the driver's lowest call: as cheap as a client of rows gets in Python."""
    with psycopg.connect(connection.connect_url(), autocommit=True) as own:
        for query in queries:
            own.pgconn.send_query(f"COPY ({query}) TO STDOUT (FORMAT BINARY)".encode())
            own.pgconn.get_result()
            while own.pgconn.get_copy_data(0)[0] > 0:
                pass
            while own.pgconn.get_result():
                pass


if __name__ == "__main__":
    _drain(json.loads(sys.argv[1]))
