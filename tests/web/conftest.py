"""A server of pages and a browser that opens them."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import faults

__all__ = ["faults"]


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

    def opened(
        path: str,
        *,
        width: int = 1280,
        height: int = 900,
        theme: str = "light",
        quiet: bool = True,
        locale: str = "ru-RU",
    ) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=theme,  # type: ignore[arg-type]
            locale=locale,
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
