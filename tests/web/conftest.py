"""A browser and the accessibility checker for pages."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from okno.web.frontend.building import STATIC, build_styles

CHROMIUM = os.environ.get("OKNO_CHROMIUM", "/usr/bin/chromium")
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
_AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def styles() -> Path:
    """The style sheet, built anew: pages without it would be judged bare."""
    return build_styles(target=STATIC / "okno.css")


@pytest.fixture(scope="session")
def chromium(styles: Path) -> Iterator[Browser]:
    # The browser's driver keeps an event loop in this thread; Django would take every query for one made inside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_QUIET))
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def site(live_server: Any) -> str:
    """The address of the running server; its database is emptied after each test."""
    return str(live_server.url)


@pytest.fixture
def open_page(chromium: Browser, site: str) -> Iterator[Any]:
    """`open_page("/path/", width=390, theme="dark")` → a page; errors of its scripts and of its policy fail the test.

    With `quiet=False` what the console says is let pass.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opened(path: str, *, width: int = 1280, height: int = 900, theme: str = "light", quiet: bool = True) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=theme,  # type: ignore[arg-type]
            locale="ru-RU",
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if quiet:
            page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto(site + path)
        page.wait_for_load_state("networkidle")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def faults(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA, serious and critical, each as one line."""
    # Given to the browser's own side, the checker is not a script of the page and the page's policy stands.
    page.evaluate(_AXE)
    found = page.evaluate(
        """() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})
        .then(told => told.violations.flatMap(rule => rule.nodes.map(node => ({
            rule: rule.id, impact: node.impact || rule.impact, where: node.target.join(' '),
            why: (node.any[0] || node.all[0] || node.none[0] || {}).message || rule.help}))))"""
    )
    return [f"{one['rule']}: {one['where']}: {one['why']}" for one in found if one["impact"] in {"serious", "critical"}]
