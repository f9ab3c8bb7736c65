"""The account of the operating system that owns the data files and runs the server."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from okno.database.refusal import DatabaseRefusal

SERVICE_NAME = "okno"


class NoAccount(DatabaseRefusal):
    """Started by root, and there is no unprivileged account to hand the server to."""


@dataclass(frozen=True)
class Account:
    """PostgreSQL refuses to run as root, so root hands the server to one of these."""

    name: str
    uid: int
    gid: int

    @property
    def is_current(self) -> bool:
        return self.uid == os.geteuid()

    @property
    def popen(self) -> dict[str, Any]:
        """Arguments that make `subprocess` start a program as this account.

        The kernel's own change of user between fork and exec: no PAM, no login shell, no signal relay of
        `runuser` or `su` in between.
        """
        if self.is_current:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def may_enter(self, folder: Path) -> bool:
        """Whether the account can walk into the folder; asked of the kernel, so access lists count too."""
        probe = ["/bin/sh", "-c", 'test -x "$1"', "sh", str(folder)]
        return subprocess.run(probe, check=False, cwd="/", timeout=30, **self.popen).returncode == 0

    def closed_folder(self, folder: Path) -> Path | None:
        """The topmost folder on the way that the account cannot enter, or None when the way is free."""
        if self.may_enter(folder):
            return None
        way = [*reversed(folder.parents), folder]
        return next((step for step in way if not self.may_enter(step)), folder)


def _of(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def current() -> Account:
    """The account this process runs as."""
    return with_uid(os.geteuid())


def with_uid(uid: int) -> Account:
    """The account of a number; a number without a name (usual in containers) keeps its number for a name."""
    try:
        return _of(pwd.getpwuid(uid))
    except KeyError:
        return Account(str(uid), uid, os.getegid() if uid == os.geteuid() else uid)


def named(name: str) -> Account | None:
    """The account of that name, if the machine has one."""
    try:
        return _of(pwd.getpwnam(name))
    except KeyError:
        return None


def for_server() -> Account:
    """Who shall run a new cluster: ourselves, or, when we are root, `okno` (made if need be), or `nobody`.

    Raises NoAccount.
    """
    if os.geteuid() != 0:
        return current()
    found = named(SERVICE_NAME) or _create() or named("nobody")
    if found is None or found.uid == 0:
        raise NoAccount(
            "База не запускается от root, а обычного пользователя для неё нет. "
            f"Создайте его: useradd --system {SERVICE_NAME}"
        )
    return found


def _create() -> Account | None:
    useradd = shutil.which("useradd", path="/usr/sbin:/usr/bin:/sbin:/bin")
    if useradd is None:
        return None
    command = [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    command += ["--shell", "/usr/sbin/nologin", SERVICE_NAME]
    # The exit code says nothing we need: a second launcher may have created the account meanwhile.
    subprocess.run(command, check=False, capture_output=True, timeout=60)
    return named(SERVICE_NAME)
