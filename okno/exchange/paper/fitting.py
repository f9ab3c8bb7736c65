"""How large the letters of a bill may be so that it stays on one page.

Measuring a page in typst costs twice what setting it does. Here its height is told from the number of its lines, in em,
always a little too high: a page for which there is room here has room on paper.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

#: Sizes of the letters in points with the side of the code in millimetres, the largest first.
SIZES = ((12.0, 46.0), (11.0, 45.0), (10.2, 43.0), (9.4, 42.0), (8.6, 40.0), (7.8, 38.0), (7.0, 36.0), (6.3, 34.0))

#: Millimetres between the margins of a page: across, and down to the foot.
WIDTH, HEIGHT = 184.0, 270.0

_MILLIMETRES = 0.3528
#: The mean width of a letter as a share of its size, and how much of the page's width each column has.
_LETTER = 0.61
_LEFT, _RIGHT = (WIDTH - 7) * 1.25 / 2.25, (WIDTH - 7) / 2.25

Said = Sequence[str]


def fitting_size(page: dict[str, Any]) -> tuple[float, float] | None:
    """The largest of `SIZES` that the page fits at; None when it fits at none."""
    for size, side in SIZES:
        if _Ruler(size, side).height(page) <= HEIGHT:
            return size, side
    return None


@dataclass(frozen=True, slots=True)
class _Ruler:
    """Heights in em at a size of letters (points) and a side of the code (millimetres)."""

    size: float
    side: float

    @property
    def em(self) -> float:
        return self.size * _MILLIMETRES

    def height(self, page: dict[str, Any]) -> float:
        """Of the whole page, in millimetres."""
        parts = self._top(page) + self._people(page) + 0.8 + self._pay(page["pay"], len(page["title"])) + 0.9
        parts += max(self._services(page["services"]), self._aside(page))
        if page["penalty"]:
            parts += self._penalty(page["penalty"])
        return (parts + self._information(page["information"])) * self.em

    def _lines(self, text: str, width: float, share: float = 1) -> int:
        """How many lines a text takes in so many millimetres at this share of the size."""
        return max(1, ceil(len(text) * _LETTER * share * self.em / max(width, self.em)))

    def _top(self, page: dict[str, Any]) -> float:
        second = 1.5 * (len(page["title"]) - 1)
        return 4.0 + second + 1.1 * (self._lines(_both(page["subtitle"]), WIDTH, 0.85) - 1)

    def _people(self, page: dict[str, Any]) -> float:
        flat, executor = page["flat"], page["executor"]
        left = 1.4 * self._lines(_both(flat["name"]), 95, 1.1) + 1.3 * self._lines(flat["address"], 95)
        left += 1.3 * (1 + len(flat["facts"]))
        right = 1.4 * self._lines(executor["name"], 82, 1.1)
        right += 1.3 * sum(self._lines(value, 45) for _word, value in executor["facts"])
        return 1.0 + max(left, right)

    def _pay(self, pay: dict[str, Any], languages: int) -> float:
        alone = len(pay["parts"]) == 1
        width = WIDTH - 6.4 - self.side - 5 if alone else 97
        sums = 1.4 + sum(self._row(_both(row[0]), row[1], width - 3) for row in pay["sums"])
        head = 4.8 + 1.6 * languages
        if pay["advance"]:
            head += 0.6 + 1.3 * self._lines(_both(pay["advance"]), width if alone else 80)
        if alone:
            part = pay["parts"][0]
            body = max(head + sums + 0.6, self._code(part["code"], self.side)) + 0.8 + self._details(part, WIDTH - 7)
        else:
            body = max(head, sums) + 0.9
            pairs = [pay["parts"][start : start + 2] for start in range(0, len(pay["parts"]), 2)]
            body += sum(max(self._part(part, languages) for part in pair) + 3 / self.em for pair in pairs)
        return body + 6.4 / self.em

    def _code(self, code: dict[str, Any], side: float) -> float:
        captions = sum(self._lines(caption, side * 0.8, 0.72) for caption in code["caption"])
        return side / self.em + 1 + 0.95 * captions

    def _part(self, part: dict[str, Any], languages: int) -> float:
        side = self.side * 0.85
        width = (WIDTH - 7) / 2 - side - 6
        said = 1.3 * sum(self._lines(text, width) for text in part["covers"])
        said += 3.2 + 1.3 * self._lines(_both(part["by"]), width) + self._details(part, width)
        return max(self._code(part["code"], side), said)

    def _details(self, part: dict[str, Any], width: float) -> float:
        payee = self._lines(_both(part["payee_word"]) + part["payee"], width, 0.85)
        rows = "   ".join(f"{_both(word)} {value}" for word, value in part["details"])
        # A word and its value stand together, so that lines end before the margin.
        return 1.15 * (payee + self._lines(rows, width * 0.8, 0.85))

    def _row(self, text: str, figure: str, width: float) -> float:
        room = width - (len(figure) * _LETTER + 0.8) * self.em
        return 1.33 + 1.22 * (self._lines(text, room) - 1)

    def _services(self, services: dict[str, Any]) -> float:
        return 3.0 + sum(self._row(name, figure, _LEFT) for name, figure in services["rows"])

    def _aside(self, page: dict[str, Any]) -> float:
        receipts, recalculations = page["receipts"], page["recalculations"]
        if receipts["rows"]:
            height = self._listed(receipts)
        else:
            height = 1.7 + 1.25 * self._lines(_both(receipts["none"]), _RIGHT)
        if recalculations:
            height += 2.8 + (1.4 if recalculations["more"] else 0)
            height += sum(self._recalculation(*row) for row in recalculations["rows"])
        if page["debt"]:
            height += 1.1 + self._listed(page["debt"])
        return height

    def _listed(self, told: dict[str, Any]) -> float:
        rows = sum(self._row(_both(row[0]), row[1], _RIGHT) for row in told["rows"])
        return 1.7 + rows + (1.4 if told.get("more") else 0)

    def _recalculation(self, month: Said | None, why: str, figure: str) -> float:
        room = _RIGHT - (len(figure) * _LETTER + 1) * self.em
        named = 1.25 * self._lines(_both(month), room) if month else 0
        return 0.65 + named + 1.1 * self._lines(why, room, 0.88)

    def _penalty(self, told: dict[str, Any]) -> float:
        height = 2.5 + 1.25 * len(told["sums"])
        if told["rows"]:
            height += 1.5 * len(told["columns"][0]) + 1.15 * len(told["rows"])
            height += 1.1 * self._lines("; ".join(told["norms"]), WIDTH, 0.85)
        return height + sum(0.3 + 1.0 * self._lines(_both(note), WIDTH, 0.88) for note in told["notes"])

    def _information(self, told: dict[str, Any]) -> float:
        height = 2.4
        if told["meters"]:
            height += 0.2 + len(told["meter_columns"][0]) + 1.1 * len(told["meters"])
            height += 1.4 if told["meters_note"] else 0
        for note in told["notes"]:
            said = f"{_both(note['words'])}: {_both(note['value'])}{_both(note['mark'] or ())}"
            height += 0.35 + 1.0 * self._lines(said, WIDTH, 0.88)
        return height


def _both(said: Said | str) -> str:
    return said if isinstance(said, str) else " / ".join(said)
