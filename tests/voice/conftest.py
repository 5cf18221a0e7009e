"""What the tests of the speech engine measure with: a call folder, a decoded result, a pitch meter."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from core.kit.children import Children
from core.providers.base import Call, Made
from core.voice.providers.espeak import EspeakProvider
from core.voice.types import speech_request


@dataclass(frozen=True)
class Heard:
    made: Made
    samples: NDArray[np.float32]
    rate: int
    folder: Path

    @property
    def facts(self) -> Any:
        return self.made.outputs[0].facts

    @property
    def words(self) -> list[dict[str, Any]]:
        return list(json.loads((self.folder / "captions.json").read_text(encoding="utf-8"))["words"])

    @property
    def seconds(self) -> float:
        return self.samples.size / self.rate

    def between(self, start_s: float, end_s: float) -> NDArray[np.float32]:
        return self.samples[round(start_s * self.rate) : round(end_s * self.rate)]


@pytest.fixture(scope="session")
def children() -> Iterator[Children]:
    pool = Children()
    yield pool
    pool.close()


@pytest.fixture
def say(tmp_path: Path, children: Children) -> Callable[..., Heard]:
    """say("text", voice=…, speed=…) -> Heard"""
    count = 0

    def spoken(text: str, **values: Any) -> Heard:
        nonlocal count
        count += 1
        folder = tmp_path / f"call{count}"
        folder.mkdir()
        made = EspeakProvider().make(speech_request(text=text, **values), Call("c", folder, children))
        samples, rate = soundfile.read(folder / "speech.wav", dtype="float32")
        return Heard(made, samples, rate, folder)

    return spoken


@pytest.fixture(scope="session")
def median_f0() -> Callable[[NDArray[np.float32], int], float]:
    """Median F0 in Hz of the voiced frames (normalised autocorrelation, McLeod); 0 where almost none is voiced."""

    def measure(samples: NDArray[np.float32], rate: int) -> float:
        size = 2048
        frames = np.lib.stride_tricks.sliding_window_view(samples, size)[::220]
        level = np.sqrt((frames**2).mean(axis=1))
        frames = frames[level > 0.25 * level.max()]
        low, high = rate // 800, min(rate // 42, size // 2 - 1)
        lags = np.arange(size // 2 + 1)
        correlation = np.fft.irfft(np.abs(np.fft.rfft(frames, 2 * size, axis=1)) ** 2)[:, : size // 2 + 1]
        power = np.concatenate([np.zeros((len(frames), 1)), np.cumsum(frames.astype(float) ** 2, axis=1)], axis=1)
        normal = 2 * correlation / np.maximum(power[:, size - lags] + power[:, [size]] - power[:, lags], 1e-9)
        found = []
        for row in normal[:, low:high]:
            tops = np.flatnonzero((row[1:-1] > row[:-2]) & (row[1:-1] >= row[2:])) + 1
            if not tops.size or row[tops].max() < 0.6:
                continue
            top = tops[row[tops] >= 0.93 * row[tops].max()][0]
            left, middle, right = row[top - 1 : top + 2]
            found.append(rate / (low + top + 0.5 * (left - right) / (left - 2 * middle + right)))
        return float(np.median(found)) if len(found) > 0.1 * len(frames) else 0.0

    return measure
