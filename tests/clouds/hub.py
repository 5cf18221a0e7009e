"""A loopback stand-in for the model hub's resolve URLs, written from the hub's documentation of its HTTP headers.

It proves that our client agrees with that, and nothing about the live service. A large file is answered with a redirect
to "storage" that carries x-linked-etag (SHA-256) and x-linked-size; a small one at once, with git's hash as its etag.
`faults` are taken one per request to storage.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

COMMIT = "f3ff3571791e39611d31c381e3a41a3af07b4987"
LARGE = 64_000


class Hub:
    """`with Hub(files, "cut") as hub:` then `hub.url`. Faults: cut (half of the body), fault (500), missing (404), wrong
    (other bytes), no_etag, circle (a redirect to itself), no_range (a range is answered with the whole file)."""

    def __init__(self, files: Mapping[str, bytes], *faults: str) -> None:
        self.files = dict(files)
        self.faults = list(faults)
        self.asked: list[tuple[str, str]] = []
        """(path, Range) of every request."""
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hub.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, to: BaseHTTPRequestHandler) -> None:
        self.asked.append((to.path, to.headers.get("Range", "")))
        if to.path.startswith("/storage/"):
            self._content(to, self.files[to.path.removeprefix("/storage/")])
            return
        revision, _, path = to.path.partition("/resolve/")[2].partition("/")
        content = self.files.get(path)
        if content is None or revision not in ("main", COMMIT):
            self._end(to, 404)
            return
        if len(content) >= LARGE:
            linked = {"X-Linked-Etag": f'"{hashlib.sha256(content).hexdigest()}"', "X-Linked-Size": str(len(content))}
            if self.faults[:1] == ["no_etag"]:
                linked = {}
            where = to.path if self.faults[:1] == ["circle"] else f"/storage/{path}"
            self._end(to, 302, {"Location": where, "X-Repo-Commit": COMMIT, **linked})
            return
        git = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        self._send(to, 200, content, {"ETag": f'W/"{git}"', "X-Repo-Commit": COMMIT})

    def _content(self, to: BaseHTTPRequestHandler, content: bytes) -> None:
        fault = self.faults.pop(0) if self.faults else ""
        if fault in ("fault", "missing"):
            self._end(to, 500 if fault == "fault" else 404)
            return
        if fault == "wrong":
            content = bytes(len(content))
        start = int(to.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")[0])
        if fault == "no_range":
            start = 0
        if start >= len(content):
            self._end(to, 416)
            return
        half = len(content) // 2 if fault == "cut" else len(content)
        self._send(to, 206 if start else 200, content[start:], {}, until=max(0, half - start))

    def _end(self, to: BaseHTTPRequestHandler, status: int, headers: Mapping[str, str] | None = None) -> None:
        self._send(to, status, b"", headers or {})

    def _send(
        self, to: BaseHTTPRequestHandler, status: int, body: bytes, headers: Mapping[str, str], until: int | None = None
    ) -> None:
        to.send_response(status)
        for name, value in headers.items():
            to.send_header(name, value)
        to.send_header("Content-Length", str(len(body)))
        to.end_headers()
        to.wfile.write(body[:until])
        to.close_connection = True
