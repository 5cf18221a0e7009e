"""What is heard under each scene. The sound is read once and measured in stretches, so that hours need no more memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.audio import files, r128, spectrum, streaming
from core.audio.voice_activity import VoiceActivity

STRETCH_S = 20.0
PER_SECOND = 2.0
_QUIET_LUFS, _LOUD_LUFS = -40.0, -14.0
_BUSY_FLUX = 12.0
"""Growth of the log spectrum, per frame of 10 ms, of busy music; about 2 in quiet talk."""


@dataclass(frozen=True)
class Heard:
    lufs: float | None = None
    energy: float = 0.0
    centroid_hz: float = 0.0


@dataclass
class Listening:
    """Fed with blocks; `heard` has one entry for each scene at the end."""

    ends_s: Sequence[float]
    heard: list[Heard] = field(default_factory=list)
    energy: list[float] = field(default_factory=list)
    """Two values a second."""
    spoken: list[tuple[float, float]] = field(default_factory=list)
    """(start, end) in seconds of what is spoken."""
    _held: list[files.Samples] = field(default_factory=list)
    _frames: int = 0
    _done: int = 0
    _scene: _Scene | None = None
    _voice: VoiceActivity | None = None

    def feed(self, block: files.Samples, sample_rate: int) -> None:
        last = round(self.ends_s[-1] * sample_rate)
        block = block[:, : max(0, last - self._done)]  # sound may outlast the picture
        if not block.shape[1]:
            return
        self._voice = self._voice or VoiceActivity(sample_rate)
        self._voice.feed(block)
        while block.shape[1]:
            scene = self._scene = self._scene or _Scene(sample_rate)
            end = round(self.ends_s[len(self.heard)] * sample_rate)
            room = min(end - self._done, round(STRETCH_S * sample_rate) - self._frames)
            piece, block = block[:, :room], block[:, room:]
            self._held.append(piece)
            self._frames += piece.shape[1]
            self._done += piece.shape[1]
            if self._done >= end or self._frames >= round(STRETCH_S * sample_rate):
                self._measure(scene)
            if self._done >= end:
                self._end(scene)

    def close(self) -> None:
        """Sound may end before the picture: the scenes after it are silent."""
        if self._scene is not None:
            self._measure(self._scene)
            self._end(self._scene)
        self.heard += [Heard()] * (len(self.ends_s) - len(self.heard))
        if self._voice is not None:
            self._voice.close()
            self.spoken = self._voice.spoken()

    def _measure(self, scene: _Scene) -> None:
        if self._frames:
            self.energy += scene.feed(np.concatenate(self._held, axis=1))
        self._held, self._frames = [], 0

    def _end(self, scene: _Scene) -> None:
        self.heard.append(scene.told())
        self._scene = None


class _Scene:
    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._powers = r128.LightPowers(sample_rate)
        self._energy: list[float] = []
        self._centroids: list[NDArray[np.float32]] = []

    def feed(self, samples: files.Samples) -> list[float]:
        """How much energy this stretch has, two values a second."""
        self._powers.feed(samples)
        mono = files.to_mono(samples)[0]
        found = spectrum.measure(mono, self._rate, light=True)
        count = max(1, round(mono.size / self._rate * PER_SECOND))
        level = 10 * np.log10(_means(np.square(mono), count) + 1e-10)
        loud = np.clip((level - _QUIET_LUFS) / (_LOUD_LUFS - _QUIET_LUFS), 0, 1)
        busy = np.clip(_means(found.flux, count) / _BUSY_FLUX, 0, 1)
        energy = np.where(level > -60, 0.5 * loud + 0.5 * busy, 0.0).tolist()
        self._energy += energy
        self._centroids.append(found.centroid_hz[found.centroid_hz > 0])
        return list(energy)

    def told(self) -> Heard:
        centroids = np.concatenate(self._centroids) if self._centroids else np.zeros(0)
        return Heard(
            lufs=r128.integrated(self._powers.tens),
            energy=float(np.mean(self._energy)) if self._energy else 0.0,
            centroid_hz=float(np.median(centroids)) if centroids.size else 0.0,
        )


def listen(
    path: str | Path,
    ends_s: Sequence[float],
    *,
    max_seconds: float,
    max_bytes: int = files.MAX_BYTES,
    start_s: float = 0.0,
) -> Listening:
    """`start_s`: when the sound begins."""
    listening = Listening(ends_s)
    begun = False

    def feed(block: files.Samples, sample_rate: int) -> None:
        nonlocal begun
        if not begun and start_s > 0:
            for _ in range(int(start_s)):
                listening.feed(np.zeros((block.shape[0], sample_rate), np.float32), sample_rate)
            rest = round((start_s - int(start_s)) * sample_rate)
            block = np.concatenate([np.zeros((block.shape[0], rest), np.float32), block], axis=1)
        listening.feed(block, sample_rate)
        begun = True

    streaming.stream(path, feed, max_seconds, max_bytes=max_bytes)
    listening.close()
    return listening


def _means(values: NDArray[np.float32], count: int) -> NDArray[np.float64]:
    return np.asarray([part.mean() if part.size else 0.0 for part in np.array_split(values, count)], dtype=np.float64)
