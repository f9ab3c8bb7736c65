"""Words into Whisper's tokens and back: byte pairs, read from the files that lie beside every such model."""

import itertools
import json
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from okno.speech.trouble import Unavailable

_PIECE = re.compile(r" ?[^\W\d_]+| ?\d+| ?[^\s\w]+|\s+")


def _letters() -> dict[int, str]:
    """The visible letter that stands for each byte in the files."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    return {byte: chr(byte) for byte in plain} | {byte: chr(256 + place) for place, byte in enumerate(others)}


_LETTER = _letters()
_BYTE = {letter: byte for byte, letter in _LETTER.items()}


class Tokens:
    """The tokens of the model in `folder`. Raises `Unavailable` when it has no readable `tokenizer.json`."""

    def __init__(self, folder: Path) -> None:
        try:
            told: dict[str, Any] = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
            merges = told["model"]["merges"]
            self._numbers: dict[str, int] = told["model"]["vocab"]
            added = {str(one["content"]): int(one["id"]) for one in told["added_tokens"]}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Unavailable(f"в папке модели {folder} нет годного tokenizer.json") from error
        self._special = added
        self._pieces = {number: piece for piece, number in self._numbers.items() if piece not in added}
        self._ranks = {
            (pair[0], pair[1]): place
            for place, pair in enumerate(merge.split(" ") if isinstance(merge, str) else merge for merge in merges)
        }
        self._cut = lru_cache(maxsize=4096)(self._cut_piece)

    def special(self, name: str) -> int | None:
        """The number of `<|name|>`; None when the model does not know it."""
        return self._special.get(f"<|{name}|>", self._numbers.get(f"<|{name}|>"))

    def is_special(self, number: int) -> bool:
        return number not in self._pieces

    def numbers(self, text: str) -> list[int]:
        """The tokens of a text."""
        return [number for piece in _PIECE.findall(text) for number in self._cut(piece)]

    def text(self, numbers: Iterable[int]) -> str:
        """The text of tokens; special ones say nothing."""
        letters = "".join(self._pieces.get(number, "") for number in numbers)
        return bytes(_BYTE[letter] for letter in letters if letter in _BYTE).decode("utf-8", "replace").strip()

    def _cut_piece(self, piece: str) -> Sequence[int]:
        parts = [_LETTER[byte] for byte in piece.encode()]
        while len(parts) > 1:
            pairs = [self._ranks.get(pair, -1) for pair in itertools.pairwise(parts)]
            known = [rank for rank in pairs if rank >= 0]
            if not known:
                break
            place = pairs.index(min(known))
            parts[place : place + 2] = [parts[place] + parts[place + 1]]
        return [self._numbers[part] for part in parts if part in self._numbers]
