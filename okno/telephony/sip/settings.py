"""What a SIP trunk needs to be told."""

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, kw_only=True)
class SipSettings:
    """A trunk by registration (`register=True`, `password`) or by address (`register=False`).

    `domain` is the trunk's host, with a port when it is not 5060; `proxy` another host to send through. `listen` is our
    own "host:port" for SIP, `interface` the name or address sound leaves from (loopback must be named). `allowed` are
    IPv4 addresses or networks SIP is taken from; empty means those of `domain` and `proxy` alone.
    `plus` is whether the trunk wants phones with "+". `refer` is whether it may be asked to transfer.
    `lost_after` seconds without sound end an answered call; 0 waits for ever.
    """

    user: str
    domain: str
    password: str = field(default="", repr=False)
    auth_user: str | None = None
    proxy: str | None = None
    register: bool = False
    register_every: int = 600
    transport: Literal["udp", "tcp", "tls"] = "udp"
    codecs: tuple[str, ...] = ("pcma", "pcmu")
    keys: Literal["rtpevent", "info", "auto"] = "rtpevent"
    listen: str = "0.0.0.0:5060"
    interface: str | None = None
    rtp_ports: str = "16384-32767"
    allowed: tuple[str, ...] = ()
    calls: int = 100
    plus: bool = True
    refer: bool = True
    lost_after: int = 30
    trace: bool = False

    @classmethod
    def read(cls, values: dict[str, Any]) -> "SipSettings":
        """From JSON, where tuples are lists; an unknown or missing name raises `TypeError`."""
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        return cls(**given)

    def uri(self, address: str) -> str:
        """The SIP address of a phone in E.164 or of a `sip:` address; anything else raises `ValueError`."""
        if address.startswith(("sip:", "sips:")):
            if any(sign in address for sign in ' \r\n"<>'):
                raise ValueError(f"not a SIP address: {address!r}")
            return address
        digits = address.removeprefix("+")
        if not digits.isascii() or not digits.isdigit() or not 2 <= len(digits) <= 15:
            raise ValueError(f"not a phone: {address!r}")
        return f"sip:{'+' if self.plus and address.startswith('+') else ''}{digits}@{self.domain}"
