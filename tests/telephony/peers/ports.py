"""Ports of the loopback that nobody holds at this moment."""

import os
import random
import socket
from itertools import cycle

_RANGE = range(9_000, 16_000)
"""Below the ports the kernel gives away by itself and below those of RTP, so that nobody takes one meanwhile."""
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))


def _own() -> list[int]:
    """Those of this worker, in an order of its own; the port above each is nobody's (SIP over TLS may listen there)."""
    ports = list(_RANGE[2 * _WORKER :: 2 * _WORKERS])
    random.SystemRandom().shuffle(ports)
    return ports


_NEXT = cycle(_own())


def free_port() -> int:
    """A port free for both UDP and TCP, given to nobody else in this run for as long as there are others."""
    while True:
        port = next(_NEXT)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            try:
                udp.bind(("127.0.0.1", port))
                tcp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
