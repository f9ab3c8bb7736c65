"""The database of the run and the standing four persons.

`manager` runs the organisation, `colleague` works beside with a narrowed sight, `outsider` works for another
organisation, `resident` lives in flat 12.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from hypothesis import settings

from okno.database.address import parse
from tests import emptying
from tests.browser import chromium, styles

__all__ = ["chromium", "styles"]

# Everybody tries the same examples, so a run says of a change what it said before; new ones are looked for on purpose,
# by `make test ARGS=--hypothesis-profile=search`.
settings.register_profile("same", derandomize=True)
settings.register_profile("search", derandomize=False)
settings.load_profile("same")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup):
    with emptying.allowed_between_tests():
        yield
    # Threads of workers that were tried may still hold a session; the database could not be dropped under them.
    name = str(connection.settings_dict["NAME"])
    with psycopg.connect(parse(os.environ["OKNO_DATABASE_URL"]).url, autocommit=True) as server:
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
            " AND backend_type = 'client backend'",
            (name,),
        )


def _walks_in_the_browser(item: pytest.Item) -> bool:
    return "chromium" in getattr(item, "fixturenames", ())


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]):
    """Browser tests are marked, so that a parallel run leaves them to a process of their own (no two desks on a port),
    and come last: the browser's driver leaves an event loop running in the process that used it."""
    for item in items:
        if _walks_in_the_browser(item):
            item.add_marker(pytest.mark.browser)
    yield
    items.sort(key=_walks_in_the_browser)


TODAY = date(2026, 11, 18)


@pytest.fixture
def today() -> date:
    """The day the tests live in: a Wednesday."""
    return TODAY


@pytest.fixture
def noon() -> Iterator[datetime]:
    """Noon of that day in Moscow, for this process and for the server of pages."""
    from okno.common import clock

    clock.shift_to(datetime(2026, 11, 18, 9, tzinfo=UTC))
    yield clock.now()
    clock.reset()


@pytest.fixture
def organisation(db: None):
    from okno.access.models import Organisation

    return Organisation.objects.create(
        name="УК «Наш дом»",
        country="ru",
        currency="RUB",
        time_zone="Europe/Moscow",
        languages=["ru", "kk", "uk", "en"],
        default_language="ru",
        residents_phone="+7 495 000-00-00",
        residents_email="dom@example.org",
        payment_url="https://pay.example.org/",
    )


@pytest.fixture
def other_organisation(db: None):
    from okno.access.models import Organisation

    return Organisation.objects.create(
        name="ОСИ «Соседи»",
        country="kz",
        currency="KZT",
        time_zone="Asia/Almaty",
        languages=["ru", "kk"],
        default_language="ru",
    )


def _member(organisation, role: str, email: str, name: str, *, all_houses: bool = True):
    from okno.access.models import Membership, User

    user = User.objects.create_user(email, "Очень длинный пароль 2026", name=name)
    return Membership.objects.create(user=user, organisation=organisation, role=role, all_houses=all_houses)


@pytest.fixture
def manager(organisation):
    return _member(organisation, "director", "manager@example.org", "Мария Управляева")


@pytest.fixture
def colleague(organisation):
    return _member(organisation, "debt_specialist", "colleague@example.org", "Кирилл Коллегин", all_houses=False)


@pytest.fixture
def outsider(other_organisation):
    return _member(other_organisation, "director", "outsider@example.org", "Олжас Соседов")


@pytest.fixture
def resident(organisation):
    return _member(organisation, "resident", "resident@example.org", "Раиса Жильцова", all_houses=False)


@pytest.fixture(scope="module")
def open_folder():
    """A folder that the account of the embedded server may enter too; pytest's own are closed to it."""
    folder = Path(tempfile.mkdtemp(prefix="okno-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def artefacts() -> Path:
    """Where screenshots and other proofs of a run are kept."""
    folder = Path(__file__).resolve().parent.parent / "artefacts"
    folder.mkdir(exist_ok=True)
    return folder
