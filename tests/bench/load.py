"""Fifty people at once on a studio of three processes: half over REST, half over the page's own endpoints. Each does what
a person does, thinks a while, and does the next thing; whatever is not answered as it should be counts as an error."""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.bench.rows import Row
from tests.bench.running import Running

USERS = 50
THINK_S = (4.0, 12.0)
SHORT_S, LONG_S = 60.0, 600.0
FLAT = 1.25


@dataclass
class Seen:
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)

    @contextmanager
    def act(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        except Exception as error:
            self.errors.append(f"{name}: {type(error).__name__}: {error}"[:300])
        else:
            self.seconds[name].append(time.perf_counter() - began)


def measure(seconds: float = SHORT_S) -> list[Row]:
    seen, alone = Seen(), Seen()
    with tempfile.TemporaryDirectory() as folder, Running(Path(folder)) as studio:
        studio.ready()
        _users(studio, alone, 2, 15.0)
        # Memory is compared between two moments under the same load: one when every user has come in, and the end.
        memory: list[dict[str, float]] = []
        looks = [threading.Timer(at, lambda: memory.append(studio.memory())) for at in (seconds / 3, seconds * 0.98)]
        for look in looks:
            look.start()
        _users(studio, seen, USERS, seconds)
        for look in looks:
            look.join()
    for error in (alone.errors + seen.errors)[:10]:
        print(f"# {error}", flush=True)
    done = sum(map(len, seen.seconds.values()))
    each = ", ".join(f"{name} {_p95(taken):.2f}" for name, taken in sorted(seen.seconds.items()))
    early, late = memory
    held = ", ".join(f"{name} {early[name]:.0f} to {late[name]:.0f} MB" for name in early)
    told = f"load, {USERS} users for {seconds:.0f} s"
    ratio = statistics.median(_p95(seen.seconds[name]) / _p95(alone.seconds[name]) for name in alone.seconds)
    return [
        Row(f"{told}: errors", len(seen.errors) + len(alone.errors), f"of {done} acts", at_most=0),
        Row(f"{told}: p95 of an act / with 2 users", ratio, f"p95 in s: {each}"),
        Row(f"{told}: memory at the end / a third in", max(late[name] / early[name] for name in early), held, at_most=FLAT),
    ]  # fmt: skip


def _p95(taken: list[float]) -> float:
    return sorted(taken)[int(0.95 * (len(taken) - 1))]


def _users(studio: Running, seen: Seen, count: int, seconds: float) -> None:
    until = time.monotonic() + seconds
    kinds: list[Callable[[str, Seen, random.Random, float], None]] = [_over_rest, _on_the_page]
    threads = [
        threading.Thread(target=kinds[number % 2], args=(studio.url, seen, random.Random(number), until), daemon=True)
        for number in range(count)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _think(chance: random.Random, until: float) -> bool:
    """Answers whether there is time for another act."""
    time.sleep(min(chance.uniform(*THINK_S), max(0.0, until - time.monotonic())))
    return time.monotonic() < until


def _over_rest(url: str, seen: Seen, chance: random.Random, until: float) -> None:
    time.sleep(chance.uniform(0, THINK_S[0]))
    mine: list[str] = []
    with httpx.Client(base_url=url, timeout=60) as client:
        while True:
            act = chance.choice(("speak", "jobs", "library", "costs", "file"))
            if act == "file" and not mine:
                act = "speak"
            with seen.act(f"REST {act}"):
                if act == "speak":
                    body = {"text": f"Take {chance.randrange(10**6)}, the tide is out."}
                    made = _ok(client.post("/api/voice/speak", params={"wait": 30}, json=body), 200).json()
                    mine.append(made["assets"][0]["id"])
                elif act == "file":
                    path = f"/api/audio-studio/library/{chance.choice(mine)}/file"
                    _ok(client.get(path, headers={"Range": "bytes=0-1023"}), 206)
                else:
                    paths = {
                        "jobs": "/api/jobs",
                        "library": "/api/audio-studio/library",
                        "costs": "/api/analytics/cost",
                    }
                    _ok(client.get(paths[act]), 200)
            if not _think(chance, until):
                return


def _ok(answer: httpx.Response, status: int) -> httpx.Response:
    if answer.status_code != status:
        raise RuntimeError(f"{answer.status_code} instead of {status}: {answer.text[:200]}")
    return answer


def _on_the_page(url: str, seen: Seen, chance: random.Random, until: float) -> None:
    """A visit as the browser makes it, then the endpoint behind the button, which answers when the job has ended."""
    from gradio_client import Client

    time.sleep(chance.uniform(0, THINK_S[0]))
    client: Any = None
    with seen.act("page open"):
        _ok(httpx.get(url, timeout=60), 200)
        client = Client(url, verbose=False, analytics_enabled=False)
    while client is not None and _think(chance, until):
        with seen.act("page speak"):
            made = client.predict(f"Take {chance.randrange(10**6)}, the tide is out.", api_name="/speak")
            if made["status"] != "done":
                raise RuntimeError(str(made)[:200])
    if client is not None:
        client.close()


if __name__ == "__main__":
    rows = measure(LONG_S if "--full" in sys.argv else SHORT_S)
    print("\n".join(map(str, rows)))
