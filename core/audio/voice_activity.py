"""When somebody speaks: Silero's voice activity detector (`core.audio.silero`).

On the recordings of the tests it finds speech in none of the instrumental music but one (9 % of it) and in none of the
noise; singing counts as speech. core.audio.speech tells what a recording mainly is; this tells when.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.audio.files import Samples, to_mono
from core.audio.silero import WINDOW, Silero

RATE = 16_000
STEP_S = WINDOW / RATE
ON, OFF = 0.5, 0.35
"""Speech begins above the first probability and ends below the second."""
SHORTEST_S, PAUSE_S = 0.25, 0.4
"""Shorter sounds are none; shorter pauses do not end it."""
_SILENT = 10 ** (-60 / 20)


@dataclass
class VoiceActivity:
    """Fed with blocks of one sound in their order; `probabilities` has one value each 32 ms."""

    sample_rate: int
    probabilities: list[float] = field(default_factory=list)
    _detector: Silero | None = None
    _resampler: Any = None
    _left: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))

    def feed(self, samples: Samples) -> None:
        """`samples` (channels, frames)."""
        self._take(self._resampled(to_mono(samples)[0], last=False))

    def close(self) -> None:
        self._take(self._resampled(np.zeros(0, np.float32), last=True))

    def spoken(self) -> list[tuple[float, float]]:
        """(start, end) in seconds of what is spoken."""
        return [
            (round(first * STEP_S, 3), round(last * STEP_S, 3))
            for first, last in _joined(list(_runs(self.probabilities)))
            if (last - first) * STEP_S >= SHORTEST_S
        ]

    def _resampled(self, mono: NDArray[np.float32], *, last: bool) -> NDArray[np.float32]:
        if self.sample_rate == RATE:
            return mono
        if self._resampler is None:
            import soxr

            self._resampler = soxr.ResampleStream(self.sample_rate, RATE, 1, dtype="float32", quality="LQ")
        return np.asarray(self._resampler.resample_chunk(mono, last=last), dtype=np.float32).reshape(-1)

    def _take(self, sound: NDArray[np.float32]) -> None:
        self._detector = self._detector or Silero()
        sound = np.concatenate([self._left, sound])
        windows = sound[: sound.size // WINDOW * WINDOW].reshape(-1, WINDOW)
        loud = np.abs(windows).max(axis=1, initial=0.0) >= _SILENT  # where there is nothing to hear it is not asked
        found = np.zeros(len(windows), np.float32)
        found[loud] = self._detector(np.clip(windows[loud], -1, 1))
        self.probabilities += found.tolist()
        self._left = sound[windows.size :]


def _runs(probabilities: list[float]) -> Iterator[tuple[int, int]]:
    start: int | None = None
    for number, probability in enumerate(probabilities):
        if start is None and probability >= ON:
            start = number
        elif start is not None and probability < OFF:
            yield start, number
            start = None
    if start is not None:
        yield start, len(probabilities)


def _joined(runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, last in runs:
        if joined and (first - joined[-1][1]) * STEP_S < PAUSE_S:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return joined
