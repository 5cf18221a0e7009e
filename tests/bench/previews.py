"""A hundred previews asked for in the same moment, of different texts: each answer is its own, and how long they take.

As REST gives them: draft speech with `?wait=`, then the captions of what was made, whose words must be the ones asked for.
"""

from __future__ import annotations

import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.bench.rows import Row
from tests.bench.running import Running

PEOPLE = 100
_NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True)
class Preview:
    words: list[str]
    seconds: float
    """Until the sound was there."""
    job_id: str
    asset_id: str


def text_of(number: int) -> str:
    return f"Take {_NUMBERS[number // 10 % 10]} {_NUMBERS[number % 10]} is mine. The tide is out."


def ask(client: httpx.Client, number: int) -> Preview:
    body = {"text": text_of(number), "draft": True}
    began = time.perf_counter()
    answer = client.post("/api/voice/speak", params={"wait": 120}, json=body)
    seconds = time.perf_counter() - began
    if answer.status_code != 200:
        raise RuntimeError(f"preview {number}: {answer.status_code} {answer.text[:200]}")
    told = answer.json()
    by_role = {asset["role"]: asset for asset in told["assets"]}
    captions = client.get(by_role["captions"]["file_url"])
    captions.raise_for_status()
    words = [each["word"] for each in captions.json()["words"]]
    return Preview(words, seconds, told["job_id"], by_role["primary"]["id"])


def first_sound(client: httpx.Client, number: int) -> float:
    """Seconds until the first bytes of a stream of three sentences."""
    body = {"model": "espeak", "voice": "alloy", "input": f"{text_of(number)} And then more.", "stream_format": "audio"}
    began = time.perf_counter()
    with client.stream("POST", "/v1/audio/speech", json=body) as answer:
        if answer.status_code != 200:
            raise RuntimeError(f"stream {number}: {answer.status_code}")
        chunks = answer.iter_bytes()
        next(chunks)
        seconds = time.perf_counter() - began
        for _ in chunks:
            pass
    return seconds


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder, Running(Path(folder)) as studio:
        studio.ready()
        limits = httpx.Limits(max_connections=PEOPLE)
        with httpx.Client(base_url=studio.url, timeout=300, limits=limits) as client:
            ask(client, 0)
            alone = [first_sound(client, number) for number in range(10)]
            failed: list[str] = []
            start = threading.Barrier(PEOPLE)

            def one(number: int) -> Preview | None:
                start.wait()
                try:
                    return ask(client, number)
                except Exception as error:
                    failed.append(f"{error}"[:200])
                    return None

            with ThreadPoolExecutor(PEOPLE) as pool:
                said = list(pool.map(one, range(PEOPLE)))
    for error in failed[:10]:
        print(f"# {error}", flush=True)
    mixed = sum(each is not None and each.words != text_of(number).split() for number, each in enumerate(said))
    taken = sorted(each.seconds for each in said if each is not None)
    told = f"{PEOPLE} previews at once"
    return [
        Row(f"{told}: failed", len(failed), "", at_most=0),
        Row(f"{told}: mixed", mixed, "words of the captions against the text asked for", at_most=0),
        Row(f"{told}: p95, s", taken[int(0.95 * (len(taken) - 1))] if taken else 0.0, f"median {taken[len(taken) // 2]:.2f}" if taken else ""),
        Row("first sound of a stream, median of 10, s", sorted(alone)[5], f"slowest {max(alone):.2f}"),
    ]  # fmt: skip


if __name__ == "__main__":
    print("\n".join(map(str, measure())))
