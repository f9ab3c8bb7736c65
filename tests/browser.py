"""The run's one browser and its accessibility checker: two drivers in one process would quarrel over the event loop."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = os.environ.get("OKNO_CHROMIUM", "/usr/bin/chromium")
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
_AXE = Path(__file__).parent / "web" / "vendor" / "axe.min.js"


@pytest.fixture(scope="session")
def styles() -> Path:
    """The style sheet, built anew: pages without it would be judged bare."""
    from okno.web.frontend.building import STATIC, build_styles

    return build_styles(target=STATIC / "okno.css")


@pytest.fixture(scope="session")
def chromium(styles: Path) -> "Iterator[Browser]":
    from playwright.sync_api import sync_playwright

    # The browser's driver keeps an event loop in this thread; Django would take every query for one made inside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_QUIET))
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def faults(page: "Page") -> list[str]:
    """What axe finds against WCAG 2.2 A and AA, serious and critical, each as one line."""
    # Given to the browser's own side, the checker is not a script of the page and the page's policy stands.
    page.evaluate(_AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        """() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})
        .then(told => told.violations.flatMap(rule => rule.nodes.map(node => ({
            rule: rule.id, impact: node.impact || rule.impact, where: node.target.join(' '),
            why: (node.any[0] || node.all[0] || node.none[0] || {}).message || rule.help}))))"""
    )
    return [f"{one['rule']}: {one['where']}: {one['why']}" for one in found if one["impact"] in {"serious", "critical"}]
