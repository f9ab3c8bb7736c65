"""The icon sprite: only the drawings named in `icons.txt`, each a `<symbol>` of one file."""

import re
from pathlib import Path

from okno.web.frontend.building import FRONTEND, STATIC

NAMES = FRONTEND / "icons.txt"
_DRAWING = re.compile(r"<svg[^>]*>(?P<shapes>.*)</svg>", re.DOTALL)
_HEAD = '<!-- lucide-static, ISC: LICENSES/lucide-ISC.txt -->\n<svg xmlns="http://www.w3.org/2000/svg">\n'


class NoSuchIcon(Exception):
    """A name of `icons.txt` has no drawing in the package."""


def names() -> list[str]:
    """The names of the drawings in the sprite, in order."""
    return NAMES.read_text(encoding="utf-8").split()


def symbol(*, name: str, drawing: str) -> str:
    """One drawing as a `<symbol>`; colour and stroke come from the style sheet. Raises NoSuchIcon."""
    found = _DRAWING.search(drawing)
    if found is None:
        raise NoSuchIcon(f"{name}: в файле нет рисунка")
    shapes = re.sub(r"\s*\n\s*", "", found["shapes"]).replace(" />", "/>")
    return f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>'


def draw_sprite(*, source: Path, target: Path = STATIC / "icons.svg") -> Path:
    """Write the sprite out of the folder with `NAME.svg` files. Raises NoSuchIcon."""
    symbols = []
    for name in names():
        path = source / f"{name}.svg"
        if not path.exists():
            raise NoSuchIcon(f"{name}: в {source} нет такого значка")
        symbols.append(symbol(name=name, drawing=path.read_text(encoding="utf-8")))
    target.write_text(_HEAD + "\n".join(symbols) + "\n</svg>\n", encoding="utf-8")
    return target
