"""Searches of a catalogue as people make them, few questions often and many seldom: what the cache spares the provider,
what a hit costs beside a plain look-up, and what the limits spare us."""

from __future__ import annotations

import json
import random
import statistics
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from core.app import Studio
from core.calls import permits
from core.kit.actor import LOCAL
from core.kit.errors import RateLimited
from core.providers.base import Call, Found, ProviderInfo
from core.store import answers
from tests import scripted
from tests.bench.rows import Row, timed

SEARCHES, QUERIES = 10_000, 500
THREADS = 4
MINUTE_S, PER_MINUTE = 2.0, 60
"""A minute of the bench, so that it does not take a quarter of an hour; server and studio both go by it."""
LOOKS = 2000


@dataclass
class Shop:
    """A catalogue that refuses what comes too often, and counts it."""

    served: int = 0
    refused: int = 0
    _times: deque[float] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> float:
        """0, or seconds until there is room."""
        with self._lock:
            moment = time.monotonic()
            while self._times and self._times[0] <= moment - MINUTE_S:
                self._times.popleft()
            if len(self._times) >= PER_MINUTE:
                self.refused += 1
                return self._times[0] + MINUTE_S - moment
            self._times.append(moment)
            self.served += 1
            return 0.0


class Handler(BaseHTTPRequestHandler):
    shop: Shop

    def do_GET(self) -> None:
        wait_s = self.shop.take()
        body = b'{"tracks": [' + b",".join(b'{"id": "%d", "title": "Rain"}' % n for n in range(20)) + b"]}"
        self.send_response(429 if wait_s else 200)
        if wait_s:
            self.send_header("Retry-After", f"{wait_s:.3f}")
            body = b"{}"
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None: ...


class ShopCatalogue:
    def __init__(self, url: str, per_minute: int | None, name: str = "shop") -> None:
        self.info = ProviderInfo(
            name=name, title="Shop", kind="catalogue", form="query", resource="net", per_minute=per_minute
        )  # fmt: skip
        self._url = url

    def maximum(self, request: Any) -> dict[str, Decimal]:
        return {}

    def query(self, request: Any, call: Call) -> Found:
        try:
            with urllib.request.urlopen(f"{self._url}/search?q={request['text']}", timeout=60) as answer:
                return Found(json.load(answer))
        except urllib.error.HTTPError as error:
            raise RateLimited("too many requests", wait_s=float(error.headers["Retry-After"])) from None


@contextmanager
def serving(shop: Shop) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"shop": shop}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def measure() -> list[Row]:
    asked = zipf(SEARCHES)
    shop, bare = Shop(), Shop()
    plain, permits.WINDOWS = permits.WINDOWS, {**permits.WINDOWS, "minute": MINUTE_S}
    try:
        with tempfile.TemporaryDirectory() as folder, serving(shop) as url, serving(bare) as bare_url:
            studio = scripted.build(Path(folder) / "home")
            studio.registry.add(ShopCatalogue(url, PER_MINUTE), ShopCatalogue(bare_url, None, "unlimited"))
            try:
                took = _together(studio, asked)
                hit_s, look_s = _hits(studio, asked)
                _unlimited(ShopCatalogue(bare_url, None), asked)
            finally:
                studio.close()
    finally:
        permits.WINDOWS = plain
    different = len(set(asked))
    return [
        Row("catalogue cache: calls avoided of 10,000 Zipf-like searches over 500", 1 - shop.served / SEARCHES,
            f"{shop.served} asked of {different} different ones by {THREADS} threads in {took:.0f} s; spread over a day "
            f"with an hour to live {over_a_day(asked):.0%}", at_least=0.8),
        Row("catalogue cache: a hit / a plain look-up by key, p50", hit_s / look_s,
            f"{hit_s * 1e6:.0f} µs against {look_s * 1e6:.0f} µs, its rows in the ledger and the counts within half a second",
            at_most=5.0),
        Row("catalogue limits: refusals (429) / those of a client without limits", shop.refused / max(1, bare.refused),
            f"{shop.refused} against {bare.refused} of {different} different searches, {PER_MINUTE} allowed in a minute of "
            f"{MINUTE_S:g} s", at_most=0.05),
    ]  # fmt: skip


def zipf(count: int) -> list[str]:
    numbers = range(1, QUERIES + 1)
    return [f"q{n}" for n in random.Random(7).choices(numbers, [1 / n for n in numbers], k=count)]


def over_a_day(asked: list[str], ttl_s: float = 3600.0) -> float:
    """The share that would be hits were the same searches spread evenly over a day: counted, not run."""
    ends: dict[str, float] = {}
    hits = 0
    for number, text in enumerate(asked):
        moment = number * 86400 / len(asked)
        if ends.get(text, -1.0) > moment:
            hits += 1
        else:
            ends[text] = moment + ttl_s
    return hits / len(asked)


def search(studio: Studio, text: str) -> None:
    studio.direct.query(LOCAL, "catalogue", {"text": text}, provider="shop", cache_class="search", patience_s=60.0)


def _together(studio: Studio, asked: list[str]) -> float:
    def run(share: list[str]) -> None:
        for text in share:
            search(studio, text)

    threads = [threading.Thread(target=run, args=(asked[n::THREADS],)) for n in range(THREADS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began


def _hits(studio: Studio, asked: list[str]) -> tuple[float, float]:
    """Seconds, taken in turns: what else the machine does falls on both."""
    hits, looks = [], []
    keys = {text: studio.direct.key_of("catalogue", "shop", {"text": text}) for text in set(asked)}

    def look(key: str) -> None:
        with studio.store.db.read() as connection:
            assert answers.find(connection, key) is not None

    for text in asked[:LOOKS]:
        hits.append(timed(lambda text=text: search(studio, text)))  # type: ignore[misc]
        looks.append(timed(lambda text=text: look(keys[text])))  # type: ignore[misc]
    return statistics.median(hits), statistics.median(looks)


def _unlimited(catalogue: ShopCatalogue, asked: list[str]) -> None:
    """The same cache, as it were, and no limits: each different search once, as fast as it goes."""
    call: Any = None
    for text in dict.fromkeys(asked):
        with suppress(RateLimited):
            catalogue.query({"text": text}, call)
