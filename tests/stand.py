"""Stands up what a run of the tests needs before the settings are read: a database, a data folder, a profile.

Loaded by `-p tests.stand`: pytest-django reads the settings before any conftest is imported.
"""

import os
import tempfile

import pytest
from hypothesis import settings

from tests import database_server

# A slow machine must not fail a property: time is judged by benchmarks, not here.
settings.register_profile("okno", deadline=None)
settings.load_profile("okno")

os.environ.setdefault("OKNO_DATA_DIR", tempfile.mkdtemp(prefix="okno-test-data-"))
os.environ.setdefault("OKNO_SECRET_KEY", "only-for-tests-" + "0" * 40)
database_server.begin()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        database_server.end()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Nothing is skipped silently: a skipped test fails the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
