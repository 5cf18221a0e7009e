"""Sound on its way from one file to another: resampled, raised and limited block by block, so that hours fit in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.audio.limiter import limit

Samples = NDArray[np.float32]
Give = Callable[[Samples], None]

_CONTEXT_S = 0.5
"""What a block's limiter sees of its neighbours: its gain is back at 1 well within (LOOK_AHEAD_S, SUSTAIN_S)."""


class Limited:
    """A true-peak limiter for a stream: the same as limiting it whole, but for a hair at the seams. Mono or more."""

    def __init__(self, sample_rate: int, ceiling_dbtp: float, give: Give) -> None:
        self._rate = sample_rate
        self._ceiling = ceiling_dbtp
        self._give = give
        self._context = round(_CONTEXT_S * sample_rate)
        self._held: Samples | None = None
        self._before = 0
        """How much of what is held was given on already."""

    def feed(self, samples: Samples) -> None:
        self._held = samples if self._held is None else np.concatenate([self._held, samples], axis=1)
        if self._held.shape[1] - self._before > 2 * self._context:
            self._pass_on(self._context)

    def close(self) -> None:
        if self._held is not None and self._held.shape[1] > self._before:
            self._pass_on(0)

    def _pass_on(self, keep: int) -> None:
        assert self._held is not None
        limited, _ = limit(self._held, self._rate, self._ceiling)
        end = self._held.shape[1] - keep
        self._give(limited[:, self._before : end])
        start = max(0, end - self._context)
        self._held, self._before = self._held[:, start:], end - start


class Resampled:
    """One stream at another rate, brought to exactly `frames` at its end."""

    def __init__(self, sample_rate: int, new_rate: int, frames: int, give: Give) -> None:
        self._stream: Any = None
        if sample_rate != new_rate:
            import soxr

            self._stream = soxr.ResampleStream(sample_rate, new_rate, 1, dtype="float32", quality="HQ")
        self._left = frames
        self._give = give

    def feed(self, samples: Samples) -> None:
        """(1, frames)"""
        self._pass_on(samples if self._stream is None else self._changed(samples[0], last=False))

    def close(self) -> None:
        if self._stream is not None:
            self._pass_on(self._changed(np.zeros(0, np.float32), last=True))
        if self._left:
            self._pass_on(np.zeros((1, self._left), np.float32))

    def _changed(self, samples: Samples, *, last: bool) -> Samples:
        made = self._stream.resample_chunk(np.ascontiguousarray(samples), last=last)
        return np.asarray(made, dtype=np.float32).reshape(1, -1)

    def _pass_on(self, samples: Samples) -> None:
        samples = samples[:, : self._left]
        self._left -= samples.shape[1]
        if samples.shape[1]:
            self._give(samples)
