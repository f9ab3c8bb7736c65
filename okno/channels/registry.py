"""Which channels there are. A new one is a folder and a line here."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

from okno.channels.base import BadSettings, Channel

CHANNELS: Mapping[str, str] = {
    "email": "okno.channels.email.transport:EmailChannel",
    "sms_smpp": "okno.channels.sms.smpp:SmppChannel",
    "sms_http": "okno.channels.sms.http:HttpSmsChannel",
}


def channel_class(name: str) -> type[Any]:
    """The class behind the name, imported only now: a house without SMPP never loads its library."""
    try:
        module, _, attribute = CHANNELS[name].partition(":")
    except KeyError:
        known = ", ".join(sorted(CHANNELS))
        raise BadSettings(f"Канала «{name}» нет. Есть: {known}.") from None
    return cast("type[Any]", getattr(import_module(module), attribute))


def build(name: str, settings: Mapping[str, object]) -> Channel:
    """A channel, not opened yet, from settings by name; raises `BadSettings`."""
    chosen = channel_class(name)
    try:
        return cast("Channel", chosen(chosen.settings_class(**settings)))
    except TypeError as error:
        raise BadSettings(f"Настройки канала «{name}» не подходят: {error}") from error
