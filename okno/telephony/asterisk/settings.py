"""What the driver needs to be told of an Asterisk."""

from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit


@dataclass(frozen=True, kw_only=True)
class AsteriskSettings:
    """`url` is Asterisk's HTTP server, "http://pbx:8088"; `user`, `password` those of ari.conf; `app` our Stasis
    application.

    `endpoint` makes a channel of a phone: "PJSIP/{number}@trunk". `media` is how sound goes: "websocket", or
    "audiosocket", which Asterisk opens towards us: `listen` is our "host:port", `reach` the one Asterisk sees us by (""
    when the same), `allowed` the addresses it comes from (empty: those of `url`).
    """

    url: str
    user: str
    password: str = field(repr=False)
    endpoint: str
    app: str = "okno"
    media: Literal["websocket", "audiosocket"] = "websocket"
    listen: str = "127.0.0.1:9092"
    reach: str = ""
    allowed: tuple[str, ...] = ()
    caller: str = ""

    @classmethod
    def read(cls, values: dict[str, Any]) -> "AsteriskSettings":
        """From JSON, where tuples are lists; an unknown or missing name raises `TypeError`."""
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        return cls(**given)

    @property
    def web_socket(self) -> str:
        """The same server for web sockets."""
        return "ws" + self.url.removeprefix("http")

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    def dialled(self, address: str) -> str:
        """The channel to be made for a phone; an Asterisk endpoint ("PJSIP/101") is left as it is. Else
        `ValueError`."""
        if address.startswith(("PJSIP/", "SIP/", "Local/")):
            return address
        digits = address.removeprefix("+")
        if not digits.isascii() or not digits.isdigit() or not 2 <= len(digits) <= 15:
            raise ValueError(f"not a phone: {address!r}")
        return self.endpoint.format(number=address)
