"""The press is apart: it may be late, killed or given nonsense, and nobody else is harmed."""

from pathlib import Path

import psutil
import pytest

from okno.exchange.paper import press as press_room
from okno.exchange.paper.layout import bill_page
from okno.exchange.paper.press import Press, PressFailed
from tests.exchange.paper import samples
from tests.exchange.paper.rendering import Rendered

TOLD = {"title": "Счета", "author": "УК", "language": "ru"}


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


def test_a_page_that_takes_too_long_is_given_up_and_its_process_ended(tmp_path):
    before = children()
    pages = [bill_page(samples.ugly())] * 60
    with Press(patience=0.05) as press, pytest.raises(PressFailed, match="не готовы"):
        press.pages("bill.typ", pages, tmp_path / "out.pdf", **TOLD).result()
    assert children() == before
    assert list(tmp_path.iterdir()) == []


def test_a_process_killed_in_the_middle_is_a_failure_and_the_next_order_is_done(tmp_path):
    page = bill_page(samples.russian())
    before = children()
    with Press() as press:
        press.pages("bill.typ", [page], tmp_path / "first.pdf", **TOLD).result()
        (hand,) = children() - before
        psutil.Process(hand).kill()
        with pytest.raises(PressFailed, match="остановился"):
            press.pages("bill.typ", [page], tmp_path / "second.pdf", **TOLD).result()
        press.pages("bill.typ", [page], tmp_path / "third.pdf", **TOLD).result()
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["first.pdf", "third.pdf"]
    assert children() == before


def test_a_page_that_cannot_be_set_says_why(tmp_path):
    with Press() as press, pytest.raises(PressFailed, match="dictionary"):
        press.pages("bill.typ", [{"pay": {}}], tmp_path / "out.pdf", **TOLD).result()


def test_files_are_joined_in_the_order_they_were_given(tmp_path):
    parts = []
    with Press(hands=2) as press:
        for place in range(3):
            parts.append(tmp_path / f"{place}.pdf")
            flat = samples.russian().flat
            page = bill_page(samples.russian(flat=type(flat)(account=f"лс-{place}", address=flat.address)))
            press.pages("bill.typ", [page], parts[-1], **TOLD).result()
        assert press.join([parts[2], parts[0], parts[1]], tmp_path / "whole.pdf").result() == 3
    whole = Rendered(tmp_path / "whole.pdf")
    assert [next(name for name in ("лс-0", "лс-1", "лс-2") if name in whole.text(at)) for at in range(3)] == [
        "лс-2",
        "лс-0",
        "лс-1",
    ]


def test_the_press_reads_no_fonts_but_the_project_s_and_nothing_from_the_net():
    source = Path(press_room.__file__).with_name("presser.py").read_text("utf-8")
    assert "include_system_fonts=False" in source
    assert all(
        "@preview" not in path.read_text("utf-8") for path in (Path(press_room.__file__).parent / "typst").iterdir()
    )
