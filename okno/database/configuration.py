"""What the embedded server is told: its settings, fitted to the memory of the machine, and who may enter."""

from __future__ import annotations

import os
from pathlib import Path

_MIB = 1024 * 1024
_CGROUP_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)

_STEADY = {
    "max_connections": "100",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "lc_messages": "C",
    "log_timezone": "UTC",
    # Compiling a query costs more than it saves on the short queries of a desk.
    "jit": "off",
    "random_page_cost": "1.1",
    "checkpoint_timeout": "15min",
    "max_wal_size": "2GB",
    "min_wal_size": "128MB",
    "wal_compression": "pglz",
    "idle_in_transaction_session_timeout": "10min",
    # A week of logs under seven names; the launcher's own postgres.log holds what comes before the collector.
    "logging_collector": "on",
    "log_filename": "postgres-%a.log",
    "log_file_mode": "0600",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_line_prefix": "%m [%p] %d ",
    "log_min_duration_statement": "-1",
    # Statements and their details carry names, phones and debts of residents; the log must not.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}

_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def machine_memory() -> int:
    """Bytes this process may count on: the machine's memory or the container's limit, whichever is less."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in _CGROUP_LIMITS:
        if limit.is_file() and (text := limit.read_text().strip()).isdigit():
            memory = min(memory, int(text))
    return memory


def memory_settings(memory: int) -> dict[str, str]:
    """Shares of the memory, in MiB; a quarter for shared buffers, between 64 MiB and 2 GiB."""

    def share(part: int, least: int, most: int) -> str:
        return f"{max(least, min(most, memory // part // _MIB))}MB"

    return {
        "shared_buffers": share(4, 64, 2048),
        "effective_cache_size": share(2, 128, 65536),
        "work_mem": share(512, 4, 32),
        "maintenance_work_mem": share(16, 64, 512),
    }


def server_settings(
    *,
    title: str,
    socket_folder: Path,
    log_folder: Path,
    hba_file: Path,
    port: int,
    tcp: bool,
    durable: bool,
    memory: int,
) -> str:
    """The text of postgresql.conf. `tcp` opens the port on 127.0.0.1; the socket is always there."""
    settings = {
        # Stands in the title of every process of this server.
        "cluster_name": title,
        "listen_addresses": "127.0.0.1" if tcp else "",
        "port": str(port),
        "unix_socket_directories": _list_item(str(socket_folder)),
        "unix_socket_permissions": "0700",
        "hba_file": str(hba_file),
        "log_directory": str(log_folder),
        "dynamic_shared_memory_type": _shared_memory_type(),
        **_STEADY,
        **memory_settings(memory),
        **(_DURABLE if durable else _FORGETFUL),
    }
    lines = [f"{name} = {_quoted(value)}" for name, value in settings.items()]
    head = "# Written by Okno at every start. For settings of your own use ALTER SYSTEM SET.\n"
    return head + "\n".join(lines) + "\n"


def admission(*, tcp: bool) -> str:
    """The text of pg_hba.conf: a password always, by socket and by loopback; nobody from outside."""
    rules = ["local all all scram-sha-256", "local replication all scram-sha-256"]
    if tcp:
        rules.append("host all all 127.0.0.1/32 scram-sha-256")
    return "# Written by Okno at every start.\n" + "\n".join(rules) + "\n"


def _shared_memory_type() -> str:
    """Files instead of /dev/shm where that is small or may be swept away.

    Containers give /dev/shm 64 MB, and systemd removes what a login user left there when the user logs out;
    either would break parallel queries of a running server.
    """
    try:
        room = os.statvfs("/dev/shm")
    except OSError:
        return "mmap"
    roomy = room.f_bavail * room.f_frsize >= 512 * _MIB
    return "posix" if roomy and os.geteuid() < 1000 else "mmap"


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _list_item(path: str) -> str:
    """One element of a comma-separated list of folders, as the server's own parser reads it."""
    return '"' + path.replace('"', '""') + '"'
