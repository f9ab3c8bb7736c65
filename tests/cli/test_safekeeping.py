"""The whole installation goes into a copy and comes back from it on an empty machine."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import uuid
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from okno.access.actor import process
from okno.cli import safekeeping
from okno.dialogs.live import recordings
from okno.dialogs.models import Call
from okno.exchange.formats.limits import Limits
from okno.exchange.paper import runs
from okno.exchange.paper.models import PrintRun
from okno.exchange.receiving import path_of, receive
from tests.cli.conftest import Installation

FILES = Path(__file__).resolve().parent.parent / "exchange" / "files"
RECORDING = "recordings/2026/11/18/call.wav"


def put(folder: Path, name: str, content: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(content)


def contents(folder: Path) -> dict[str, bytes]:
    kept = [folder / name for name in ("files", "recordings", "announcer")]
    return {
        str(path.relative_to(folder)): path.read_bytes() for one in kept for path in one.rglob("*") if path.is_file()
    }


@pytest.fixture(scope="module")
def lived_in(installation):
    """An installation with a file from the accountants, a recording, a bill, a phrase and what can be made again."""
    installation.run("import", str(FILES / "property.xlsx"), "--yes")
    data = installation.folder / "data"
    put(data, RECORDING, "RIFF")
    put(data, "announcer/ru/phrases.csv", "file,text")
    put(data, "files/bills/1/1/1.pdf", "%PDF")
    put(data, "files/bills/1/2/part-1.pdf", "half of a print")
    put(data, "speech/whisper/model.bin", "comes with the program")
    return installation


@pytest.mark.slow
def test_one_copy_brings_everything_back_on_an_empty_machine(lived_in, tmp_path):
    told = json.loads(lived_in.run("backup", "--to", str(lived_in.folder / "whole.okno"), "--json"))
    assert (told["files"], told["missing"], told["missing_files"]) == (4, 0, [])
    assert "файлов в ней 4" in lived_in.run("verify-backup", told["path"])
    with tarfile.open(told["path"]) as tar:
        names = tar.getnames()
    assert not [name for name in names if any(word in name for word in ("secret", "password", "speech", "part-1"))]

    empty = Installation(lived_in.folder / "second")
    empty.folder.mkdir()
    try:
        said = empty.run("restore", told["path"])
        assert "Восстановлено и сверено" in said
        assert "Файлов возвращено: 4" in said
        before = contents(lived_in.folder / "data")
        before.pop("files/bills/1/2/part-1.pdf")
        assert contents(empty.folder / "data") == before
        empty.run("migrate", "--check")
        # The very file is known again, so the installation knows its own past.
        (again,) = json.loads(empty.run("import", str(FILES / "property.xlsx"), "--json"))
        assert again["repeated"]
    finally:
        from okno.database.cluster import Cluster

        Cluster(empty.folder / "data").stop()


@pytest.mark.slow
def test_recordings_can_be_kept_elsewhere(lived_in):
    told = lived_in.run("backup", "--to", str(lived_in.folder / "small.okno"), "--without-recordings")
    assert "Записей разговоров в копии нет" in told
    with tarfile.open(lived_in.folder / "small.okno") as tar:
        assert not [name for name in tar.getnames() if "recordings" in name]
    assert "восстанавливается" in lived_in.run("verify-backup", str(lived_in.folder / "small.okno"))


@pytest.mark.slow
def test_a_lost_file_is_told_loudly_and_files_come_back_alone(lived_in):
    copy = str(lived_in.folder / "before.okno")
    lived_in.run("backup", "--to", copy)
    kept = lived_in.folder / "data" / "files" / "imports"
    shutil.rmtree(kept)
    told = json.loads(lived_in.run("backup", "--to", str(lived_in.folder / "after.okno"), "--json"))
    assert told["missing"] == 1
    assert told["missing_files"][0]["path"].startswith("files/imports/")
    assert told["missing_files"][0]["why"] == "нет на диске"
    said = lived_in.run("restore", copy, "--files-only")
    assert "Файлов возвращено: 1, уже были на месте: 3" in said
    assert len([path for path in kept.rglob("*") if path.is_file()]) == 1
    assert json.loads(lived_in.run("backup", "--to", str(lived_in.folder / "after.okno"), "--json"))["missing"] == 0
    assert "не касается" in lived_in.run("restore", copy, "--files-only", "--replace", fails=True)


@pytest.mark.slow
def test_only_so_many_copies_are_kept_and_other_files_are_left_alone(lived_in):
    place = lived_in.folder / "copies"
    put(place, "okno-20200101-000000.okno", "old")
    put(place, "okno-20210101-000000.okno", "old")
    put(place, "notes.txt", "записки")
    told = json.loads(lived_in.run("backup", "--to", str(place), "--keep", "2", "--json"))
    assert sorted(path.name for path in place.iterdir()) == sorted(
        ["notes.txt", "okno-20210101-000000.okno", Path(told["path"]).name]
    )


@pytest.mark.slow
def test_a_copy_that_is_told_to_stop_leaves_nothing(lived_in):
    place = lived_in.folder / "stopped"
    place.mkdir()
    command = [sys.executable, "-m", "okno", "backup", "--to", str(place)]
    with (lived_in.folder / "data" / "recordings" / "long.wav").open("wb") as file:
        file.truncate(4 * 2**30)
    try:
        with subprocess.Popen(command, env=lived_in.environment) as child:
            while not list(place.glob(".okno-copy-*/copy")):
                assert child.poll() is None
            child.send_signal(signal.SIGTERM)
            assert child.wait(60) == 128 + signal.SIGTERM
    finally:
        os.unlink(lived_in.folder / "data" / "recordings" / "long.wav")
    assert list(place.iterdir()) == []


def named(part: str) -> set[str]:
    (query,) = [each.named for each in safekeeping.parts() if each.name == part]
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {row[0] for row in cursor.fetchall()}


def test_the_database_names_every_file_where_it_lies(organisation):
    actor = process(organisation, "okno test", "проба")
    (receipt,) = receive(actor, "начисления.csv", b"1;2\n")
    receive(actor, "огромный.csv", b"1;2\n" * 1000, limits=Limits(max_bytes=1000))
    day, now = date(2026, 10, 1), datetime(2026, 11, 18, tzinfo=UTC)
    run = PrintRun(organisation=organisation, month=day, issued_on=day, title="дом", accounts=[1], created_at=now)
    run.state, run.files = "done", [{"pages": 1, "bytes": 1}, {"pages": 1, "bytes": 1}]
    run.save()
    PrintRun.objects.create(
        organisation=organisation,
        month=day,
        issued_on=day,
        title="убранная",
        accounts=[1],
        created_at=now,
        state="done",
        files=[{"pages": 1, "bytes": 1}],
        removed_at=now,
    )
    # A file over the limit is not kept, so nobody may miss it.
    expected = {path_of(receipt.source), runs.file_of(run, 1), runs.file_of(run, 2)}
    assert {Path(settings.MEDIA_ROOT) / name for name in named("files")} == expected


@pytest.mark.parametrize(
    ("more", "expected"), [({}, True), ({"recording_cut": "disk full"}, False), ({"recording_deleted_at": True}, False)]
)
def test_a_recording_is_awaited_until_it_is_deleted(organisation, more, expected):
    now = datetime(2026, 11, 18, tzinfo=UTC)
    call = Call.objects.create(
        organisation=organisation, uid=uuid.uuid4(), direction="in", language="ru", scenario="incoming", started_at=now
    )
    told = {**more, "recording": recordings.place(call)}
    if "recording_deleted_at" in told:
        told["recording_deleted_at"] = now
    Call.objects.filter(pk=call.pk).update(**told)
    where = safekeeping.places()["recordings"]
    assert {where / name for name in named("recordings")} == (
        {recordings.path(told["recording"])} if expected else set()
    )
