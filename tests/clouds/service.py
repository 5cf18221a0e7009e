"""What the stand-ins for services of music share: a server on loopback, the faults it is told to have, and what was asked
of it. Each is written from its contract sheet, and proves that the studio agrees with the sheet, not with the service."""

from __future__ import annotations

import io
import json
import threading
from collections import defaultdict, deque
from dataclasses import dataclass, field
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import soundfile

from tests.clouds.elevenlabs_cloning import form

RATE = 22_050


@dataclass(frozen=True)
class Fault:
    """What happens to one request instead of an ordinary answer. `made`: the service does its work, and counts it, first."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    act: str = ""
    """cut (half of a good answer, then the end), closed (not a word), slow (a good answer in pieces), held (half of one,
    and no more until the asker has gone), silent (no word until then)"""
    made: bool = False


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: dict[str, Any]
    query: dict[str, str] = field(default_factory=dict)
    raw_query: str = ""
    """As it was sent: whether a blank came as + or %20 is seen here alone."""


HTML = Fault(200, "<html>welcome to the hotel wifi</html>", {"content-type": "text/html"}, made=True)
BARE_HTML = Fault(200, "<html>welcome to the hotel wifi</html>", {"content-type": "audio/mpeg"}, made=True)
NOTHING = Fault(200, b"", made=True)
GARBAGE = Fault(200, b"no sound at all " * 200, {"content-type": "audio/mpeg"}, made=True)
GATEWAY = Fault(504, "<html>504 Gateway Time-out</html>", {"content-type": "text/html"}, made=True)


class Service:
    """`with Service() as cloud:` then `base_url=cloud.url`. `faults[where]` are taken one per request: create (the one
    that is billed), poll, file. A subclass says by where() what a request is, and by answer() what comes of it."""

    KEY = "key-0123456789abcdef"

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self.made = 0
        """Pieces that it would bill."""
        self.polls_until_done = 1
        self.lock = threading.Lock()
        self._polled: defaultdict[str, int] = defaultdict(int)

    def where(self, asked: Asked) -> str:
        raise NotImplementedError

    def answer(self, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        raise NotImplementedError

    def seen(self) -> int:
        return len(self.asked)

    def creates(self) -> list[Asked]:
        return [each for each in self.asked if self.where(each) == "create"]

    def count(self) -> int:
        """The number of the piece that is being made now."""
        with self.lock:
            self.made += 1
            return self.made

    def ready(self, name: str) -> bool:
        with self.lock:
            self._polled[name] += 1
            return self._polled[name] > self.polls_until_done

    def __enter__(self) -> Self:
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"cloud": self}))
        self._http.daemon_threads = True
        self._http.handle_error = lambda request, address: None  # type: ignore[method-assign]
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(timeout=5)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"


@lru_cache(maxsize=64)
def tone(seconds: float, container: str = "MP3") -> bytes:
    """A real stereo file: 220 Hz for so long."""
    one = 0.2 * np.sin(2 * np.pi * 220 * np.arange(round(seconds * RATE)) / RATE)
    out = io.BytesIO()
    soundfile.write(out, np.stack([one, one], axis=1).astype(np.float32), RATE, format=container)
    return out.getvalue()


class _Handler(BaseHTTPRequestHandler):
    cloud: Service
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None: ...

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        parts = urlsplit(self.path)
        asked = Asked(
            self.command, parts.path, headers, form(headers.get("content-type", ""), body),
            dict(parse_qsl(parts.query, keep_blank_values=True)), parts.query,
        )  # fmt: skip
        cloud = self.cloud
        with cloud.lock:
            cloud.asked.append(asked)
            waiting = cloud.faults[cloud.where(asked)]
            fault = waiting.popleft() if waiting else None
        if fault is None:
            self._reply(*cloud.answer(asked))
            return
        answer = cloud.answer(asked) if fault.made or fault.act else (200, b"", {})
        if fault.act in ("closed", "silent"):
            self.close_connection = True
            if fault.act == "silent":
                self.rfile.read(1)  # whoever gave up waiting closes the connection, and that ends it
        elif fault.act:
            self._reply(*answer, act=fault.act)
        else:
            self._reply(fault.status, fault.body, fault.headers)

    def _reply(self, status: int, body: Any, headers: dict[str, str], act: str = "") -> None:
        data = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response_only(status)
        if "date" not in headers:
            self.send_header("date", self.date_time_string())
        for name, value in ({"content-type": "application/json"} | headers).items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        half = len(data) // 2 if act else len(data)
        self.wfile.write(data[:half])
        self.wfile.flush()
        if act in ("cut", "held"):
            self.close_connection = True
            if act == "held":
                self.rfile.read(1)
        else:
            self.wfile.write(data[half:])
