"""A page as a printer and a phone see it: rendered by another program than the one that made it."""

from dataclasses import dataclass
from pathlib import Path

import pypdfium2
import zxingcpp

from okno.exchange.paper.contents import PrintedBill
from okno.exchange.paper.layout import Page, bill_page
from okno.exchange.paper.press import Press
from okno.exchange.paper.wording import wording

#: Points an inch; the page's margins in points, without the foot at the bottom.
INCH = 72
FOOT = 10 * INCH / 25.4 + 2


@dataclass(frozen=True)
class Rendered:
    """Pages of a PDF file."""

    file: Path

    @property
    def pages(self) -> int:
        with pypdfium2.PdfDocument(self.file) as document:
            return len(document)

    def text(self, number: int = 0) -> str:
        """What the page says, with common spaces."""
        with pypdfium2.PdfDocument(self.file) as document:
            return " ".join(document[number].get_textpage().get_text_bounded().split())

    def lowest(self, number: int = 0, *, above: str) -> float:
        """How far from the bottom of the page its lowest letter stands, in points, the line with `above` left out."""
        with pypdfium2.PdfDocument(self.file) as document:
            words = document[number].get_textpage()
            boxes = [words.get_rect(place) for place in range(words.count_rects())]
            return min(
                bottom
                for left, bottom, right, top in boxes
                if above not in words.get_text_bounded(left, bottom, right, top)
            )

    def rightmost(self, number: int = 0) -> float:
        """Where the page's text ends on the right, in points."""
        with pypdfium2.PdfDocument(self.file) as document:
            words = document[number].get_textpage()
            return max(words.get_rect(place)[2] for place in range(words.count_rects()))

    def codes(self, number: int = 0, *, dpi: int = 200) -> list[bytes]:
        """The codes a phone reads off the printed page."""
        with pypdfium2.PdfDocument(self.file) as document:
            picture = document[number].render(scale=dpi / INCH, grayscale=True).to_pil()
        return [found.bytes for found in zxingcpp.read_barcodes(picture)]

    def picture(self, path: Path, number: int = 0, *, dpi: int = 110) -> None:
        with pypdfium2.PdfDocument(self.file) as document:
            document[number].render(scale=dpi / INCH, grayscale=True).to_pil().save(path, optimize=True)


def printed(bills: list[PrintedBill], folder: Path) -> Rendered:
    """Bills through the press, as a run prints them."""
    return pressed([bill_page(bill) for bill in bills], folder, country=bills[0].country)


def pressed(pages: list[Page], folder: Path, *, template: str = "bill.typ", country: str = "ru") -> Rendered:
    out = folder / "pages.pdf"
    with Press() as press:
        language = wording(country).languages[0]
        press.pages(template, pages, out, title="Счета", author="УК", language=language).result()
    return Rendered(out)
