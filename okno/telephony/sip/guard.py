"""Letting SIP in from known addresses only, before the SIP stack reads a byte.

The stack has no list of addresses of its own. The kernel is asked instead: a filter on the listening sockets (classic
BPF, needs no rights) drops packets whose source is not on the list, and counts them. An unknown address gets no answer
at all, so a scanner does not learn that anybody is here.
"""

import ctypes
import ipaddress
import os
import socket
import struct
from collections.abc import Iterable
from pathlib import Path

_ATTACH_FILTER = 26  # SO_ATTACH_FILTER
_LOAD, _AND, _JUMP_EQUAL, _RETURN = 0x20, 0x54, 0x15, 0x06
_SOURCE = -0x100000 + 12  # SKF_NET_OFF + the place of the source in an IPv4 header
_LISTEN = "0A"  # TCP_LISTEN of /proc/net/tcp


def guard(port: int, allowed: Iterable[str]) -> None:
    """Let only these IPv4 addresses and networks reach this process's SIP sockets on `port`, UDP and TCP.

    Raises `ValueError` for what is no IPv4 address or network, `OSError` when there is no such socket.
    """
    program = _program([ipaddress.IPv4Network(one, strict=False) for one in allowed])
    buffer = ctypes.create_string_buffer(program)
    filter_ = struct.pack("HL", len(program) // 8, ctypes.addressof(buffer))
    guarded = 0
    for descriptor in _descriptors(port):
        own = socket.socket(fileno=os.dup(descriptor))
        with own:
            own.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, filter_)
            guarded += 1
    if not guarded:
        raise OSError(f"nothing listens on port {port}")


def turned_away(port: int) -> int:
    """How many packets the kernel dropped on the UDP port since it was opened."""
    suffix = f":{port:04X}"
    lines = Path("/proc/net/udp").read_text().splitlines()[1:]
    return sum(int(fields[-1]) for line in lines if (fields := line.split())[1].endswith(suffix))


def _program(networks: list[ipaddress.IPv4Network]) -> bytes:
    """Accept when the source lies in any of the networks: load, mask, compare, accept; else drop."""
    steps = []
    for network in networks:
        steps += [
            _step(_LOAD, 0, 0, _SOURCE),
            _step(_AND, 0, 0, int(network.netmask)),
            _step(_JUMP_EQUAL, 0, 1, int(network.network_address)),
            _step(_RETURN, 0, 0, 0xFFFF),
        ]
    return b"".join([*steps, _step(_RETURN, 0, 0, 0)])


def _step(code: int, true: int, false: int, value: int) -> bytes:
    return struct.pack("HBBI", code, true, false, value & 0xFFFFFFFF)


def _descriptors(port: int) -> list[int]:
    """Our own sockets bound to the port. The stack opens them itself and tells nobody their numbers."""
    inodes = _inodes("/proc/net/udp", port) | _inodes("/proc/net/tcp", port, state=_LISTEN)
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{name}")
        except FileNotFoundError:
            continue
        if target.startswith("socket:[") and target[8:-1] in inodes:
            found.append(int(name))
    return found


def _inodes(table: str, port: int, *, state: str | None = None) -> set[str]:
    suffix = f":{port:04X}"
    rows = (line.split() for line in Path(table).read_text().splitlines()[1:])
    return {row[9] for row in rows if row[1].endswith(suffix) and (state is None or row[3] == state)}
