"""Which database Okno talks to: the server of `OKNO_DATABASE_URL`, or the embedded one."""

from __future__ import annotations

import os
from pathlib import Path

from okno.database import address
from okno.database.address import Address
from okno.database.cluster import DATABASE, OWNER, Cluster, NeverStarted
from okno.database.folder import FolderClosed, default_folder

VARIABLE = "OKNO_DATABASE_URL"


def external_url() -> str | None:
    """The address the operator named, or None when the embedded server is to be used."""
    return os.environ.get(VARIABLE) or None


def connect_url(*, named: str | None = None, folder: Path | None = None) -> str:
    """The URL of a database that answers now; starts the embedded server when no other is named.

    `named` and `folder` stand for the environment's OKNO_DATABASE_URL and OKNO_DATA_DIR where the caller keeps
    its settings elsewhere. Raises ServerTooOld, ServerEncoding and ServerUnreachable for a named server, the
    refusals of Cluster for the embedded one.
    """
    url = named or external_url()
    if url is not None:
        address.check_server(url)
        return url
    cluster = Cluster(folder or default_folder())
    cluster.start()
    return cluster.url()


def settings_url(*, folder: Path | None = None) -> str:
    """The URL for settings, which are read by many commands that need no database: starts nothing.

    Before the first start of the embedded server it is an address where nobody answers yet.
    """
    url = external_url()
    if url is not None:
        return url
    cluster = Cluster(folder or default_folder())
    try:
        return cluster.url()
    except (NeverStarted, FolderClosed):
        return Address(user=OWNER, host=str(cluster.socket_folder), database=DATABASE).url
