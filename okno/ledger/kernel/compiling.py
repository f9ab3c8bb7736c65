"""Functions that numba turns into machine code once and keeps on disk for the processes to come.

A compiled function lives in one file with every compiled function it calls: what is kept is told apart by the text of
that file, so a new version of Okno never runs the code of an old one.
"""

import hashlib
import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

from okno.database.folder import default_folder

Function = TypeVar("Function", bound=Callable[..., object])


class NoCompiler(RuntimeError):
    """The compiler of the bulk counting is not installed."""


def compiled(function: Function) -> Function:
    """Compile at the first call; the lock of the interpreter is let go meanwhile. Raises NoCompiler."""
    try:
        import numba
    except ImportError as error:
        raise NoCompiler(
            "Для счёта по всем лицевым счетам нужен пакет numba: переустановите Окно (make install)."
        ) from error
    numba.config.CACHE_DIR = str(_kept_in(Path(inspect.getfile(function))))  # type: ignore[attr-defined]
    return cast(Function, numba.njit(cache=True, nogil=True)(function))


def _kept_in(source: Path) -> Path:
    """Beside the source where that may be written, as Python keeps its own; else in the data folder."""
    beside = source.parent / "__pycache__"
    writable = os.access(beside if beside.is_dir() else source.parent, os.W_OK)
    folder = beside if writable else default_folder() / "compiled"
    return folder / f"{source.stem}-{hashlib.sha256(source.read_bytes()).hexdigest()[:16]}"
