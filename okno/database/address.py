"""Where a PostgreSQL answers: libpq addresses, taken apart and put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from okno.database.refusal import DatabaseRefusal

OLDEST_SERVER = 150000
"""The oldest server_version_num Okno works with: PostgreSQL 15."""

_CONNECT_SECONDS = 10


class BadAddress(DatabaseRefusal):
    """The text is no address of a PostgreSQL database."""


class ServerUnreachable(DatabaseRefusal):
    """Nobody answered at the address, or the answer was a refusal to let us in."""


class ServerTooOld(DatabaseRefusal):
    """The server is older than `OLDEST_SERVER`."""


class ServerEncoding(DatabaseRefusal):
    """The database does not keep text in UTF-8."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """One database on one server. `host` may be a folder with a unix socket; `options` are libpq's own."""

    database: str
    user: str = ""
    password: str = field(default="", repr=False)
    host: str = ""
    port: str = ""
    options: Mapping[str, str] = field(default_factory=dict)

    def named(self, database: str) -> Address:
        """The same server and role, another database."""
        return replace(self, database=database)

    @property
    def url(self) -> str:
        """A libpq URL. A socket folder goes into the query, where both libpq and people can read it."""
        query = dict(self.options)
        authority = quote(self.user, safe="")
        if self.password:
            authority += ":" + quote(self.password, safe="")
        if authority:
            authority += "@"
        if self.host.startswith("/") or "," in self.host:
            query = {"host": self.host, **({"port": self.port} if self.port else {}), **query}
        else:
            authority += f"[{self.host}]" if ":" in self.host else quote(self.host, safe="")
            authority += f":{self.port}" if self.port else ""
        tail = "?" + urlencode(query, safe="/", quote_via=quote) if query else ""
        return f"postgresql://{authority}/{quote(self.database, safe='')}{tail}"

    @property
    def conninfo_without_password(self) -> str:
        """For command lines, which every user can read; the password goes by the environment."""
        given = {"user": self.user, "host": self.host, "port": self.port}
        return make_conninfo("", dbname=self.database, **{k: v for k, v in given.items() if v}, **self.options)

    def __str__(self) -> str:
        """For messages: without the password."""
        return replace(self, password="").url


def parse(url: str) -> Address:
    """Take a libpq URL (or a `key=value` line) apart with libpq's own parser.

    Raises BadAddress; the message does not repeat the text, which may hold a password.
    """
    try:
        parts = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    except psycopg.ProgrammingError:
        raise BadAddress("Адрес базы не разобрать. Он пишется так: postgresql://имя:пароль@сервер:5432/база") from None
    if not parts.get("dbname"):
        raise BadAddress("В адресе базы не названа сама база: postgresql://имя:пароль@сервер:5432/база")
    return Address(
        database=parts.pop("dbname"),
        user=parts.pop("user", ""),
        password=parts.pop("password", ""),
        host=parts.pop("host", ""),
        port=parts.pop("port", ""),
        options=parts,
    )


def as_django(url: str) -> dict[str, Any]:
    """The entry of Django's `DATABASES` for a libpq URL; libpq's own options go to `OPTIONS`."""
    address = parse(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": address.database,
        "USER": address.user,
        "PASSWORD": address.password,
        "HOST": address.host,
        "PORT": address.port,
        "OPTIONS": dict(address.options),
    }


def connect(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    """An autocommit connection for the work of this room. Raises ServerUnreachable or BadAddress."""
    address = parse(url)
    options = {"connect_timeout": str(_CONNECT_SECONDS), **address.options}
    try:
        return psycopg.connect(replace(address, options=options).url, autocommit=True)
    except psycopg.OperationalError as error:
        raise ServerUnreachable(
            f"База {address} не отвечает. Проверьте адрес, имя и пароль и работает ли сервер.\n"
            f"Ответ: {str(error).strip()}"
        ) from error


def refuse_old(server_version_num: int) -> None:
    """Raise ServerTooOld when the server is older than PostgreSQL 15; the number is the server's own."""
    if server_version_num < OLDEST_SERVER:
        raise ServerTooOld(
            f"Сервер PostgreSQL {spoken_version(server_version_num)} слишком стар: Окну нужен 15 или новее. "
            "Обновите сервер или уберите OKNO_DATABASE_URL, тогда Окно запустит свой."
        )


def spoken_version(server_version_num: int) -> str:
    """'18.6' out of 180006; '9.6.24' out of 90624, as such servers called themselves."""
    if server_version_num >= 100000:
        return f"{server_version_num // 10000}.{server_version_num % 10000}"
    return f"{server_version_num // 10000}.{server_version_num // 100 % 100}.{server_version_num % 100}"


def check_server(url: str) -> int:
    """Connect and see that Okno can live there; returns server_version_num.

    Raises ServerUnreachable, ServerTooOld, ServerEncoding, BadAddress.
    """
    with connect(url) as connection:
        version = connection.info.server_version
        encoding = connection.info.parameter_status("server_encoding")
    refuse_old(version)
    if encoding != "UTF8":
        raise ServerEncoding(
            f"База хранит текст в кодировке {encoding}, а нужна UTF8. "
            "Создайте базу заново: CREATE DATABASE okno ENCODING 'UTF8' TEMPLATE template0."
        )
    return version
