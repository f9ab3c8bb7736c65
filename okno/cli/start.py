"""Starting what a command needs: the database, then Django."""

import os

import django
from django.db import connection as django_connection
from django.db.migrations.executor import MigrationExecutor

from config import environment
from okno.database import connection
from okno.database.cluster import Cluster, NeverStarted
from okno.database.folder import FolderClosed, default_folder
from okno.database.refusal import DatabaseRefusal


class Unmigrated(DatabaseRefusal):
    """The tables are older (or newer) than the program."""


def settings_only() -> None:
    """Make Django know its settings and tables without touching the database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    told = environment.value("DATABASE_URL")
    if told:
        os.environ[connection.VARIABLE] = told
    django.setup()


def with_database(*, migrated: bool = True) -> None:
    """Start the embedded server unless another is named, then Django.

    Raises Unmigrated when the tables do not fit the program, and the database's own refusals.
    """
    told = environment.value("DATABASE_URL")
    if told:
        os.environ[connection.VARIABLE] = told
    os.environ[connection.VARIABLE] = connection.connect_url()
    settings_only()
    if migrated:
        require_migrated()


def without_database() -> str | None:
    """Why there is no database to ask, in words; None when there is one and Django is ready with it.

    For commands that can do without: an embedded server that was never set up is not set up for their sake.
    """
    if not environment.value("DATABASE_URL"):
        try:
            Cluster(default_folder()).url()
        except (NeverStarted, FolderClosed):
            return "базы ещё нет, её создаёт okno init"
    try:
        with_database()
    except DatabaseRefusal as refusal:
        return str(refusal)
    return None


def require_migrated() -> None:
    executor = MigrationExecutor(django_connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        raise Unmigrated(f"База не обновлена: {len(plan)} изменений ждут. Выполните: okno migrate")
    unknown = set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations)
    ours = sorted(f"{app}.{name}" for app, name in unknown if app in executor.loader.migrated_apps)
    if ours:
        raise Unmigrated(f"База новее программы ({ours[-1]}): обновите Окно, прежде чем запускать")
