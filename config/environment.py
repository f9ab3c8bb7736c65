"""The few settings an installer chooses, each with its origin.

A value is taken from the environment (`OKNO_…`), else from a file named by `OKNO_…_FILE` (secrets),
else from the configuration file (`OKNO_CONFIG`, by default /etc/okno/okno.toml), else it is the default.
`okno config show` prints what is in force and where it came from.
"""

import os
import secrets
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path


class Misconfigured(Exception):
    """A setting has a value that cannot be used; the message says which and what is expected."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """One setting: its name without the prefix, what it is for, its default, whether it is a secret."""

    name: str
    help: str
    default: str = ""
    secret: bool = False

    @property
    def variable(self) -> str:
        return f"OKNO_{self.name}"


@dataclass(frozen=True, kw_only=True)
class Setting:
    """The value in force and where it came from."""

    option: Option
    value: str
    origin: str

    @property
    def shown(self) -> str:
        return "••••••" if self.option.secret and self.value else self.value


OPTIONS: dict[str, Option] = {
    option.name: option
    for option in (
        Option(name="DATA_DIR", help="Папка данных: встроенная база, загруженные файлы, журналы, ключи"),
        Option(
            name="DATABASE_URL",
            help="Адрес сервера PostgreSQL 15+; пусто — встроенная база на этой машине",
            secret=True,
        ),
        Option(name="SECRET_KEY", help="Ключ подписи сеансов; пусто — создаётся в папке данных", secret=True),
        Option(name="URL", help="Адрес, по которому открывают рабочий стол", default="http://127.0.0.1:8000"),
        Option(name="TIME_ZONE", help="Часовой пояс сервера", default="Europe/Moscow"),
        Option(name="SMTP_URL", help="Почтовый сервер: smtp://имя:пароль@узел:порт?per_second=20", secret=True),
        Option(name="MAIL_FROM", help="Обратный адрес писем", default="okno@localhost"),
        Option(name="SMPP_URL", help="СМС-центр: smpp://имя:пароль@узел:порт?per_second=10", secret=True),
        Option(name="SMS_SENDER", help="Имя отправителя СМС", default="OKNO"),
        Option(name="SMS_HTTP_URL", help="Адрес HTTP-службы СМС (вместо SMPP)", secret=True),
        Option(
            name="TRUNK_URL",
            help="Телефонная линия: sip://имя:пароль@узел:порт?register=1 или asterisk://имя:пароль@узел:8088",
            secret=True,
        ),
        Option(name="RECOGNISER", help="Распознаватель речи: пусто — свой, иначе папка модели, onnx:ИМЯ или адрес"),
        Option(name="RECOGNISER_KEY", help="Ключ службы распознавания, если распознаватель — адрес", secret=True),
        Option(name="VOICES", help="Голоса по языкам, если не свои: ru=festival,kk=espeak,uk=http://…"),
        Option(name="VOICE_KEY", help="Ключ службы голоса, если голос — адрес", secret=True),
        Option(name="ANNOUNCER_DIR", help="Папка фраз, начитанных диктором"),
        Option(name="RECORDINGS_DAYS", help="Сколько дней хранить записи разговоров", default="180"),
        Option(name="TRANSCRIPTS_DAYS", help="Сколько дней хранить слова разговоров", default="365"),
        Option(name="DEMO", help="1 — демонстрационный город: наружу ничего не уходит", default="0"),
        Option(name="DEBUG", help="1 — подробные ошибки; только на своей машине", default="0"),
    )
}


@cache
def _configuration_file() -> dict[str, str]:
    path = Path(os.environ.get("OKNO_CONFIG", "/etc/okno/okno.toml"))
    try:
        with path.open("rb") as stream:
            values = tomllib.load(stream)
    except FileNotFoundError:
        return {}
    except PermissionError as error:
        raise Misconfigured(f"Нет права читать {path}: запустите от имени владельца файла") from error
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"{path}: ошибка в файле настроек: {error}") from error
    unknown = sorted(key for key in values if key.upper() not in OPTIONS)
    if unknown:
        raise Misconfigured(f"{path}: неизвестные настройки: {', '.join(unknown)}")
    return {key.upper(): str(value) for key, value in values.items()}


def setting(name: str) -> Setting:
    """The value of one option and its origin.

    Raises Misconfigured when a secret's file cannot be read.
    """
    option = OPTIONS[name]
    if option.variable in os.environ:
        return Setting(option=option, value=os.environ[option.variable], origin=option.variable)
    file_variable = f"{option.variable}_FILE"
    if file_variable in os.environ:
        path = Path(os.environ[file_variable])
        try:
            return Setting(option=option, value=path.read_text().strip(), origin=str(path))
        except OSError as error:
            raise Misconfigured(f"{file_variable}: не прочесть {path}: {error}") from error
    if name in _configuration_file():
        return Setting(option=option, value=_configuration_file()[name], origin="okno.toml")
    return Setting(option=option, value=option.default, origin="по умолчанию")


def value(name: str) -> str:
    return setting(name).value


def flag(name: str) -> bool:
    """A yes/no setting; anything but 0, 1 and the empty word is refused."""
    text = value(name).strip()
    if text not in {"", "0", "1"}:
        raise Misconfigured(f"{OPTIONS[name].variable}={text}: допустимы только 0 и 1")
    return text == "1"


def all_settings() -> Iterable[Setting]:
    return [setting(name) for name in OPTIONS]


def data_dir() -> Path:
    """The data folder: as told, else /var/lib/okno for root, else in the user's own share folder."""
    told = value("DATA_DIR")
    if told:
        return Path(told).expanduser().resolve()
    if os.geteuid() == 0:
        return Path("/var/lib/okno")
    return Path.home() / ".local" / "share" / "okno"


def secret_key() -> str:
    """The signing key: as told, else kept in the data folder (0600), made at the first start."""
    told = value("SECRET_KEY")
    if told:
        return told
    path = data_dir() / "secret-key"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    key = secrets.token_urlsafe(48)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(key)
    return key
