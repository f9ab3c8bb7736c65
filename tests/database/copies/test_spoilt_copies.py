"""A copy that was cut, changed or forged puts nothing anywhere."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from okno.database import archive
from okno.database.archive import ArchiveDamaged
from okno.database.files import Entry
from okno.database.placing import LinkInTheWay
from tests.database.copies.keeping import (
    NOISE,
    put_back,
    renamed,
    rewrite,
)


def test_every_cut_and_every_changed_byte_of_a_file_is_refused(copy: Path, tmp_path: Path) -> None:
    whole = bytearray(copy.read_bytes())
    spoilt = tmp_path / "spoilt.okno"
    end = whole.rindex(b"files.json\n")
    for size in [*range(whole.index(b"PGDMP"), end, 300_007), end]:
        spoilt.write_bytes(whole[:size])
        with pytest.raises(ArchiveDamaged, match="возьмите другую копию"):
            archive.unpack(spoilt, None)
    for place in [whole.index(NOISE[:100]) + 5000, whole.index(b"\x1f\x8b") + 40, whole.index(b'"absent"') + 1]:
        whole[place] ^= 1
        spoilt.write_bytes(whole)
        with pytest.raises(ArchiveDamaged):
            archive.unpack(spoilt, None)
        whole[place] ^= 1


def test_a_spoilt_file_is_never_put_in_place(copy: Path, tmp_path: Path) -> None:
    whole = bytearray(copy.read_bytes())
    whole[whole.index(NOISE[:100]) + 5000] ^= 1
    (tmp_path / "spoilt.okno").write_bytes(whole)
    with pytest.raises(ArchiveDamaged, match=r"noise\.bin"):
        put_back(tmp_path / "spoilt.okno", tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "name",
    [
        "files/files/../../outside",
        "files/../outside",
        "files//etc/outside",
        "files/files//etc/outside",
        "files/files/./outside",
        "files/files",
        "files/files/",
        "files/../files/files/outside",
        "/outside",
        "outside",
        "files/other/outside",
    ],
)
def test_a_path_that_leads_outside_is_refused(copy: Path, tmp_path: Path, name: str) -> None:
    forged = rewrite(copy, tmp_path / "forged.okno", lambda member, content: (renamed(member, name), content))
    with pytest.raises(ArchiveDamaged):
        put_back(forged, tmp_path / "deep" / "new")
    assert not (tmp_path / "deep").exists()
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_only_plain_files_come_out_of_a_copy(copy: Path, tmp_path: Path, kind: bytes) -> None:
    def swap(member: tarfile.TarInfo, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
        if not member.name.endswith("empty"):
            return member, content
        member.type, member.linkname = kind, "/etc/passwd"
        return member, b""

    with pytest.raises(ArchiveDamaged):
        put_back(rewrite(copy, tmp_path / "forged.okno", swap), tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_link_planted_in_the_folder_leads_nowhere(copy: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "1").symlink_to(outside)
    with pytest.raises(LinkInTheWay, match="Уберите"):
        put_back(copy, tmp_path / "new")
    assert list(outside.iterdir()) == []


def test_a_file_that_unpacks_to_more_than_it_says_is_cut_off(copy: Path, tmp_path: Path) -> None:
    def swell(member: tarfile.TarInfo, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
        if member.name.endswith(".gz"):
            member.pax_headers["OKNO.size"] = "10"
        return member, content

    got = 0

    def take(entry: Entry, pieces: Iterator[bytes]) -> None:
        nonlocal got
        got += sum(len(piece) for piece in pieces) if entry.packed else 0

    with pytest.raises(ArchiveDamaged, match="не тот"):
        archive.unpack(rewrite(copy, tmp_path / "forged.okno", swell), None, take=take)
    assert got <= 10


@pytest.mark.parametrize("told", ["", "много", "-1", "1e9"])
def test_a_header_that_makes_no_sense_is_refused(copy: Path, tmp_path: Path, told: str) -> None:
    def confuse(member: tarfile.TarInfo, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
        if member.name.startswith("files/"):
            member.pax_headers["OKNO.size"] = told
        return member, content

    with pytest.raises(ArchiveDamaged):
        archive.unpack(rewrite(copy, tmp_path / "forged.okno", confuse), None)
