"""A port for a process that is told its number before it binds."""

from __future__ import annotations

import itertools
import os
import socket

FIRST, EACH = 20_000, 500
"""Below the range (32768 and up) that Linux takes the local end of outgoing connections from: between the choice and the
bind, any connection of any test could otherwise sit on it. Every pytest worker has numbers of its own."""

_worker = int("".join(filter(str.isdigit, os.environ.get("PYTEST_XDIST_WORKER", ""))) or 0)
_next = itertools.count(os.getpid())


def free_port() -> int:
    for _ in range(EACH):
        port = FIRST + EACH * (_worker % 20) + next(_next) % EACH
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that was just given back is free
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no port is free")
