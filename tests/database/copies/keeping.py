"""Taking a copy with files, putting it back, and forging one."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from okno.database import backup, files
from okno.database.archive import Inside
from okno.database.cluster import Cluster
from okno.database.files import Entry, Listing, Part
from okno.database.placing import Placing

PASSPHRASE = "шесть слов на листке в сейфе"
NAMED = "SELECT name FROM pictures"

TABLE = "Счёт;Сумма\n" * 20_000
NOISE = random.Random(18).randbytes(3 * files.BLOCK + 17)


def part(folder: Path, **more: Any) -> Part:
    return Part(**{"name": "files", "root": folder, "named": NAMED, "passed_by": ("coming-*",), **more})


def taken(cluster: Cluster, folder: Path, to: Path, **more: Any) -> Inside:
    return backup.dump(cluster.url(), to, parts=(part(folder),), **more)


def put_back(copy: Path, root: Path, **more: Any) -> Placing:
    placing = Placing({"files": root}, **more)
    backup.restore_files(copy, placing)
    return placing


def tree(folder: Path) -> dict[str, bytes]:
    return {
        os.fsdecode(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


Change = Callable[[tarfile.TarInfo, bytes], tuple[tarfile.TarInfo, bytes] | None]


def renamed(member: tarfile.TarInfo, name: str) -> tarfile.TarInfo:
    """The file `empty` under another name, the others as they are."""
    if member.name.endswith("empty"):
        member.name = name
        member.pax_headers.pop("path", None)
    return member


def rewrite(source: Path, target: Path, change: Change) -> Path:
    """A copy changed by somebody who also mended every sum."""
    listing, texts, members = Listing(), {}, []
    with tarfile.open(source) as tar:
        for member in tar:
            content = tar.extractfile(member).read()  # type: ignore[union-attr]
            changed = change(member, content) if member.name not in ("files.json", "SHA256SUMS") else (member, content)
            if changed is None:
                continue
            if member.name not in ("files.json", "SHA256SUMS", "manifest.json", "database.dump"):
                listing.add(_believed(*changed))
            else:
                texts[member.name] = changed[1]
            members.append(changed)
    said = {**json.loads(texts["files.json"]), "files": listing.files, "size": listing.size, "listing": listing.digest}
    texts["files.json"] = json.dumps(said).encode()
    names = ("manifest.json", "database.dump", "files.json")
    texts["SHA256SUMS"] = "".join(f"{hashlib.sha256(texts[name]).hexdigest()}  {name}\n" for name in names).encode()
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as tar:
        for member, content in members:
            content = texts.get(member.name, content)
            member.size = len(content) if member.isreg() else 0
            tar.addfile(member, io.BytesIO(content))
    return target


def _believed(member: tarfile.TarInfo, content: bytes) -> Entry:
    """What a reader that believed the header would make of it."""
    told = member.pax_headers.get("OKNO.size", "")
    packed = "OKNO.packing" in member.pax_headers
    return Entry(
        path=member.name.removeprefix("files/").removesuffix(".gz" if packed else ""),
        size=int(told) if told.isdigit() else len(content),
        sha256=member.pax_headers["OKNO.sha256"],
        mode=member.mode,
        mtime=int(member.mtime),
        packed=packed,
    )
