"""A file to read: a path on the disk or bytes already in memory."""

import io
from pathlib import Path
from typing import IO

Source = Path | bytes


def open_source(source: Source) -> IO[bytes]:
    """Open for reading bytes; the caller closes."""
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def open_text(source: Source, encoding: str) -> IO[str]:
    """Open as text with line ends as they are. What cannot be decoded becomes U+FFFD, which `fields` reports by row."""
    return io.TextIOWrapper(open_source(source), encoding=encoding, errors="replace", newline="")


def size_of(source: Source) -> int:
    """The size in bytes."""
    return len(source) if isinstance(source, bytes) else source.stat().st_size
