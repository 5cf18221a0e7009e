"""A receiver on loopback: a real HTTP server that keeps what it was sent and answers as a test wants."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from core.app import Studio
from core.hooks.signing import verified
from tests import scripted
from tests.servers import both_databases


@dataclass
class Received:
    headers: dict[str, str]
    body: bytes
    path: str


@dataclass
class Receiver:
    url: str = ""
    answers: list[int] = field(default_factory=list)
    """Statuses in order; the last repeats, none means 204."""
    received: list[Received] = field(default_factory=list)
    before: Callable[[], None] = lambda: None
    body: bytes = b""
    extra: dict[str, str] = field(default_factory=dict)

    def good(self, secret: str) -> bool:
        return bool(self.received) and all(verified(secret, each.headers, each.body) for each in self.received)

    def until(self, count: int, timeout_s: float = 30) -> None:
        deadline = time.monotonic() + timeout_s
        while len(self.received) < count:
            assert time.monotonic() < deadline, f"{len(self.received)} of {count} arrived"
            time.sleep(0.01)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            number = len(state.received)
            state.received.append(Received({k.lower(): v for k, v in self.headers.items()}, body, self.path))
            state.before()
            status = state.answers[min(number, len(state.answers) - 1)] if state.answers else 204
            self.send_response(status)
            for name, value in state.extra.items():
                self.send_header(name, value)
            if state.body:
                self.send_header("Content-Length", str(len(state.body)))
            self.end_headers()
            with contextlib.suppress(OSError):  # a sender may hang up when it has read enough
                self.wfile.write(state.body)

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    state.url = f"http://127.0.0.1:{server.server_port}/hook?channel=7"
    yield state
    server.shutdown()
    server.server_close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    yield from both_databases(request)


@pytest.fixture
def studio(home: Path, database_url: str) -> Iterator[Studio]:
    """One that may call its own network, as STUDIO_ALLOW_PRIVATE_URLS=1 allows."""
    built = scripted.build(home, database_url=database_url, allow_private_urls=True)
    yield built
    built.close()
