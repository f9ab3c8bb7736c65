"""Phrases that an announcer has recorded, found in what is to be said."""

import csv
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from okno.speech import sound

_log = structlog.get_logger("okno.speech")
_WORD = re.compile(r"[^\W_]+(?:['’ʼ-][^\W_]+)*")
_LIST = "phrases.csv"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a phrase: recorded when `recorded` is set, else to be synthesised."""

    text: str
    recorded: bytes | None = None


def key(text: str) -> str:
    """The name of a recording's file when it is not in the list: 16 figures of the SHA-256 of the words in small
    letters with one blank between them."""
    return hashlib.sha256(" ".join(_words(text)).encode()).hexdigest()[:16]


class Recordings:
    """The announcer's folder: a folder a language (`ru`, `kk`, `uk`) with WAV files and `phrases.csv` of `file,text`.

    A file that is not listed is known by its name, which is `key` of its text. What cannot be read is left out and
    written to the log.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._listed: dict[str, dict[tuple[str, ...], Path]] = {}
        self._read: dict[Path, bytes] = {}

    def pieces(self, text: str, language: str) -> list[Piece]:
        """The text in pieces, as much as possible of it recorded: the longest phrases first, from the left."""
        listed = self._of(language)
        whole = self._path(language, key(text)) if self._folder is not None else None
        if whole is not None and (said := self._sound(whole)) is not None:
            return [Piece(text, said)]
        if not listed:
            return [Piece(text)]
        return list(_mixed(text, self._cut(text, listed)))

    def _cut(self, text: str, listed: "dict[tuple[str, ...], Path]") -> Iterator[tuple[int, int, bytes]]:
        """Where recorded phrases stand in the text: beginning, end, sound."""
        found = list(_WORD.finditer(text))
        words = [_plain(one.group()) for one in found]
        longest, place = max(len(one) for one in listed), 0
        while place < len(words):
            for length in range(min(longest, len(words) - place), 0, -1):
                path = listed.get(tuple(words[place : place + length]))
                said = self._sound(path) if path is not None else None
                if said is not None:
                    yield found[place].start(), found[place + length - 1].end(), said
                    place += length
                    break
            else:
                place += 1

    def _of(self, language: str) -> "dict[tuple[str, ...], Path]":
        if language not in self._listed:
            self._listed[language] = dict(self._rows(language)) if self._folder is not None else {}
        return self._listed[language]

    def _rows(self, language: str) -> Iterator[tuple[tuple[str, ...], Path]]:
        assert self._folder is not None
        folder = self._folder / language
        try:
            rows = list(csv.reader((folder / _LIST).read_text(encoding="utf-8-sig").splitlines()))
        except FileNotFoundError:
            return
        except (OSError, ValueError, csv.Error) as error:
            _log.warning("recorded phrases cannot be read", folder=str(folder), error=str(error))
            return
        for row in rows:
            # A name is a name of this folder: no way out of it.
            if len(row) >= 2 and Path(row[0]).name == row[0] and (words := _words(row[1])):
                yield tuple(words), folder / row[0]

    def _path(self, language: str, name: str) -> Path | None:
        assert self._folder is not None
        path = self._folder / language / f"{name}.wav"
        return path if path.is_file() else None

    def _sound(self, path: Path) -> bytes | None:
        if path not in self._read:
            try:
                self._read[path] = sound.from_wav(path.read_bytes())
            except (OSError, sound.NotSound) as error:
                _log.warning("a recording cannot be read", file=str(path), error=str(error))
                self._read[path] = b""
        return self._read[path] or None


def _mixed(text: str, found: Iterator[tuple[int, int, bytes]]) -> Iterator[Piece]:
    end = 0
    for begin, finish, said in found:
        if _words(text[end:begin]):
            yield Piece(text[end:begin].strip())
        yield Piece(text[begin:finish], said)
        end = finish
    if _words(text[end:]):
        yield Piece(text[end:].strip())


def _words(text: str) -> Sequence[str]:
    return [_plain(found.group()) for found in _WORD.finditer(text)]


def _plain(word: str) -> str:
    return word.lower().replace("ё", "е")
