"""The desk as people meet it: a real server of pages and signals on the test's own database, and a browser."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page

from okno.cli.serving import free_port, wait_until_open
from okno.common import clock
from okno.database.address import Address
from tests.browser import faults

__all__ = ["faults"]

PASSWORD = "Очень длинный пароль 2026"


@dataclass
class Desk:
    """A running desk. `enter` opens a browser of its own for a person and signs in as people do."""

    url: str
    browser: Browser
    complaints: list[str]

    def enter(self, email: str, *, path: str = "/", width: int = 1280, theme: str = "light") -> Page:
        context = self.browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,  # type: ignore[arg-type]
            locale="ru-RU",
            reduced_motion="reduce",
        )
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if "Content Security" in said.text else None)
        page.goto(f"{self.url}/accounts/login/?next={path}")
        page.fill("[name=login]", email)
        page.fill("[name=password]", PASSWORD)
        page.get_by_role("button", name="Войти", exact=True).click()
        page.wait_for_url(lambda address: "/accounts/" not in address)
        return page


@pytest.fixture
def desk(transactional_db: Any, chromium: Browser, tmp_path: Any) -> Iterator[Desk]:
    """Serve the test's database; the server's clock stands where this process's does when the fixture is asked for."""
    told = connection.get_connection_params()
    address = Address(
        host=str(told.get("host", "")),
        port=str(told.get("port", "")),
        user=str(told.get("user", "")),
        password=str(told.get("password") or ""),
        database=str(told["dbname"]),
    )
    port = free_port(8300)
    url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "OKNO_DATABASE_URL": address.url,
        "OKNO_URL": url,
        clock.OFFSET_VARIABLE: str(clock.offset().total_seconds()),
    }
    with (tmp_path / "web.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "okno", "run", "web", "--port", str(port)],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    complaints: list[str] = []
    try:
        wait_until_open(url)
        yield Desk(url, chromium, complaints)
        for context in chromium.contexts:
            context.close()
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            # A stream of signals that notices late that nobody listens: it holds connections to the test's database.
            # Its workers are killed with it, or they would serve on with nobody to stop them.
            os.killpg(server.pid, signal.SIGKILL)
            server.wait(20)
    assert complaints == []
