"""The hands of the press: a process that sets pages in type and joins files, one order a line on its input.

It knows typst, the codes and nothing else of Okno, so that it starts at once, may be killed at any moment and keeps the
memory of typesetting out of the desk. Run as `python -m okno.exchange.paper.presser`; it ends with its input.
"""

import json
import os
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any

import pypdfium2
import typst

from okno.exchange.paper import qr

FOLDER = Path(__file__).parent

#: typst keeps what it has laid out for as many compilations as this; a run never sees the same page twice, so after
#: each order the memory is given back by as many compilations of nothing.
_FORGETS_AFTER = 11
_NOTHING = b" "


class Hands:
    """The compiler with the fonts of the project and no others; nothing is fetched from anywhere."""

    def __init__(self) -> None:
        fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FOLDER / "fonts")]
        )
        self._compiler = typst.Compiler(root=str(FOLDER / "typst"), font_paths=fonts, ignore_system_fonts=True)

    def set_pages(self, order: dict[str, Any]) -> int:
        """Set the pages of an order into its file; how many bytes it has."""
        data = order["data"]
        for page in data["pages"]:
            _draw_codes(page)
        made = self._compiler.compile(
            input=str(FOLDER / "typst" / order["template"]),
            format=order["format"],
            ppi=order.get("ppi"),
            sys_inputs={"data": json.dumps(data, ensure_ascii=False), "tags": "yes" if order["tags"] else "no"},
            pdf_tags=order["tags"],
        )
        content = made[0] if isinstance(made, list) else made
        assert isinstance(content, bytes)
        _write(Path(order["out"]), content)
        return len(content)

    def forget(self) -> None:
        for _ in range(_FORGETS_AFTER):
            self._compiler.compile(input=_NOTHING, format="pdf", sys_inputs={})


def _draw_codes(page: dict[str, Any]) -> None:
    for part in page.get("pay", {}).get("parts", ()):
        code = part["code"]
        if code["payload"] is not None:
            drawing = qr.draw(b64decode(code["payload"]), with_disc=code["hryvnia"])
            code["png"], code["quiet"], code["disc"] = list(drawing.png), drawing.quiet, drawing.disc


def join(order: dict[str, Any]) -> int:
    """Join files into one, page after page; how many pages it has."""
    whole = pypdfium2.PdfDocument.new()
    for path in order["parts"]:
        with pypdfium2.PdfDocument(path) as part:
            whole.import_pages(part)
    pages = len(whole)
    out = Path(order["out"])
    beside = out.with_name(out.name + ".part")
    whole.save(str(beside))
    whole.close()
    os.replace(beside, out)
    return pages


def _write(path: Path, content: bytes) -> None:
    """At once or not at all: a file that is there is whole."""
    beside = path.with_name(path.name + ".part")
    beside.write_bytes(content)
    os.replace(beside, path)


def main() -> None:
    hands = Hands()
    for line in sys.stdin:
        order = json.loads(line)
        try:
            told: dict[str, int | str] = {"made": join(order) if order["do"] == "join" else hands.set_pages(order)}
        except Exception as error:  # whatever it is, the one who ordered must hear it and not a broken pipe
            told = {"failed": f"{type(error).__name__}: {error}"}
        print(json.dumps(told, ensure_ascii=False), flush=True)
        if order["do"] == "set":
            hands.forget()


if __name__ == "__main__":
    main()
