"""Hearing without knowing: letters in an order of each listener's own, every variant at one loudness."""

from __future__ import annotations

import hashlib
import random
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Heard:
    letter: str
    number: int
    """Of the variant. No door tells it before the choice."""
    status: str
    stage: str
    fraction: float
    eta_s: float | None
    seconds: float | None
    """None: it cannot be heard (yet)."""
    peaks: tuple[int, ...]
    gain_db: float


def letters(salt: str, user_id: str, count: int) -> dict[str, int]:
    """Letter → number of the variant. The same listener finds the same letters again; another one finds others."""
    order = list(range(1, count + 1))
    random.Random(hashlib.sha256(f"{salt}:{user_id}".encode()).digest()).shuffle(order)
    return dict(zip(string.ascii_uppercase, order, strict=False))


def level_gain_db(lufs: Sequence[float | None]) -> Callable[[float | None], float]:
    """By how much each is turned down to be as loud as the quietest: otherwise the louder one wins. Never up, so that
    nothing clips."""
    quietest = min((level for level in lufs if level is not None), default=None)
    return lambda level: 0.0 if level is None or quietest is None else min(0.0, quietest - level)


def write_at(source: Path, path: Path, gain_db: float) -> Path:
    """A 24-bit WAV, written a stretch at a time: a piece may be ten minutes long."""
    import soundfile

    factor = 10 ** (gain_db / 20)
    with soundfile.SoundFile(source) as heard:
        written = soundfile.SoundFile(path, "w", heard.samplerate, heard.channels, "PCM_24", format="WAV")
        with written:
            for block in heard.blocks(blocksize=1 << 16, dtype="float32", always_2d=True):
                written.write(block * factor)
    return path
