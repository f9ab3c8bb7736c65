"""Addresses of databases, and the servers that others run."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict

from okno.database import address, backup, configuration, connection
from okno.database.address import Address, BadAddress, ServerEncoding, ServerTooOld, ServerUnreachable
from okno.database.cluster import Cluster
from tests.database.conftest import MakeCluster

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
NAMES = WORDS.filter(bool)
HOSTS = st.sampled_from(["", "localhost", "10.0.0.7", "::1", "db.example.org", "/run/okno", "/tmp/дом 1"])


@given(database=NAMES, user=NAMES, password=WORDS, host=HOSTS, port=st.sampled_from(["", "5433"]))
def test_libpq_reads_an_address_as_it_was_meant(database: str, user: str, password: str, host: str, port: str) -> None:
    meant = Address(database=database, user=user, password=password, host=host, port=port)
    assert address.parse(meant.url) == meant
    bare = {"dbname": database, "user": user, "host": host, "port": port}
    assert conninfo_to_dict(meant.conninfo_without_password) == {k: v for k, v in bare.items() if v}


def test_django_gets_the_socket_folder_as_host_and_the_rest_as_options() -> None:
    url = "postgresql://okno:s%40crt@/okno?host=/var/lib/okno/run&port=5433&sslmode=disable"
    assert address.as_django(url) == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "okno",
        "USER": "okno",
        "PASSWORD": "s@crt",
        "HOST": "/var/lib/okno/run",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "disable"},
    }


@pytest.mark.parametrize("text", ["mysql://root:s3cret@db/okno", "postgresql://okno:s3cret@db:5432/", "s3cret", ""])
def test_what_is_no_address_is_refused_without_repeating_its_password(text: str) -> None:
    with pytest.raises(BadAddress, match="postgresql://") as refusal:
        address.parse(text)
    assert "s3cret" not in str(refusal.value)


def test_an_address_in_a_message_shows_no_password() -> None:
    shown = address.parse("postgresql://okno:s3cret@db:5432/okno")
    assert str(shown) == "postgresql://okno@db:5432/okno"
    assert "s3cret" not in repr(shown)


@pytest.mark.parametrize(("number", "spoken"), [(90624, "9.6.24"), (140023, "14.23"), (149999, "14.9999")])
def test_a_server_before_15_is_refused(number: int, spoken: str) -> None:
    with pytest.raises(ServerTooOld, match=spoken):
        address.refuse_old(number)


@pytest.mark.parametrize("number", [150000, 150018, 180006, 190000])
def test_a_server_from_15_on_is_welcome(number: int) -> None:
    address.refuse_old(number)


@pytest.fixture
def external(make_cluster: MakeCluster) -> Cluster:
    """A server that somebody else runs, on a port of the loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = make_cluster(Path("external"), port=port)
    made.start()
    return made


def test_a_named_server_is_used_and_none_is_started(
    external: Cluster, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OKNO_DATABASE_URL", external.url())
    monkeypatch.setenv("OKNO_DATA_DIR", str(place / "unused"))
    assert "@127.0.0.1:" in external.url()
    assert connection.connect_url() == external.url() == connection.settings_url()
    assert address.check_server(external.url()) >= 150000
    assert not (place / "unused").exists()


def test_a_named_server_is_copied_and_proved_on_the_embedded_one(
    external: Cluster, make_cluster: MakeCluster, tmp_path: Path
) -> None:
    with psycopg.connect(external.url()) as database:
        database.execute("CREATE TABLE payments AS SELECT 120050 AS amount")
    backup.dump(external.url(), tmp_path / "copy.okno", totals={"сумма": "SELECT sum(amount) FROM payments"})
    scratch = make_cluster(Path("scratch"))
    scratch.start()
    assert backup.verify(tmp_path / "copy.okno", scratch.url()).is_good


def test_a_server_that_does_not_answer_is_named_without_its_password(
    external: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    external.stop()
    monkeypatch.setenv("OKNO_DATABASE_URL", external.url())
    with pytest.raises(ServerUnreachable, match=r"127\.0\.0\.1") as refusal:
        connection.connect_url()
    assert address.parse(external.url()).password not in str(refusal.value)


def test_a_database_that_is_not_in_utf_8_is_refused(external: Cluster) -> None:
    with psycopg.connect(external.url(), autocommit=True) as database:
        database.execute("CREATE DATABASE koi TEMPLATE template0 ENCODING 'KOI8R' LOCALE 'C' LOCALE_PROVIDER libc")
    with pytest.raises(ServerEncoding, match="KOI8R"):
        address.check_server(external.url("koi"))


@pytest.mark.parametrize(
    ("gigabytes", "shared_buffers"), [(0.125, "64MB"), (1, "256MB"), (4, "1024MB"), (24, "2048MB")]
)
def test_the_server_takes_a_quarter_of_the_memory_within_bounds(gigabytes: float, shared_buffers: str) -> None:
    settings = configuration.memory_settings(int(gigabytes * 1024**3))
    assert settings["shared_buffers"] == shared_buffers


def test_the_memory_of_the_machine_bounds_the_count() -> None:
    assert 0 < configuration.machine_memory() <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
