"""Ports of the loopback that nobody holds at this moment."""

import random
import socket

_RANGE = range(9_000, 16_000)
"""Below the ports the kernel gives away by itself and below those of RTP, so that nobody takes one meanwhile."""
_CHANCE = random.SystemRandom()


def free_port() -> int:
    """A port free for both UDP and TCP."""
    while True:
        port = _CHANCE.choice(_RANGE)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            try:
                udp.bind(("127.0.0.1", port))
                tcp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
