"""How far the references of a sheet reach: the `r` of its rows ("17") and of its cells ("AB17").

Half a million rows hold some four million references. They are found and read all at once, as columns of letters: one
by one they took longer than the reader of workbooks itself.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

_LONGEST = 18
"""Letters of a reference looked at; whatever is longer lies beyond every limit."""
_BEYOND = 2**62
_IN_WORDS = np.zeros(256, bool)
"""What may stand in a name before an `r` that is only its last letter."""
for _letter in b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:":
    _IN_WORDS[_letter] = True


class Reach(NamedTuple):
    """The furthest row and the furthest column, from 1; 0 where no reference names one."""

    row: int
    column: int


def reach(xml: bytes) -> Reach:
    """How far the references in a piece of a sheet go. A reference cut by the end of the piece counts as it stands."""
    letters = np.frombuffer(xml, np.uint8)
    starts = _starts(letters)
    if not len(starts):
        return Reach(0, 0)
    rows, columns = np.zeros(len(starts), np.int64), np.zeros(len(starts), np.int64)
    naming_column = np.ones(len(starts), bool)
    going_on = naming_column.copy()
    for place in range(_LONGEST):
        letter = letters[np.minimum(starts + place, len(letters) - 1)].astype(np.int64)
        going_on &= starts + place < len(letters)
        capital = letter & ~0x20
        in_column = going_on & naming_column & (capital >= ord("A")) & (capital <= ord("Z"))
        in_row = going_on & ~in_column & (letter >= ord("0")) & (letter <= ord("9"))
        columns = np.where(in_column, np.minimum(columns, _BEYOND // 100) * 26 + capital - ord("@"), columns)
        rows = np.where(in_row, np.minimum(rows, _BEYOND // 100) * 10 + letter - ord("0"), rows)
        naming_column, going_on = in_column, in_column | in_row
        if not going_on.any():
            return Reach(int(rows.max()), int(columns.max()))
    return Reach(_BEYOND, _BEYOND)


def _starts(letters: npt.NDArray[np.uint8]) -> npt.NDArray[np.intp]:
    """Where the values of attributes named `r` begin."""
    at = np.flatnonzero((letters[1:-2] == ord("r")) & (letters[2:-1] == ord("="))) + 1
    quote = letters[at + 2]
    starts: npt.NDArray[np.intp] = at[((quote == ord('"')) | (quote == ord("'"))) & ~_IN_WORDS[letters[at - 1]]] + 3
    return starts
