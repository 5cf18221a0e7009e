"""Speech taken apart by the WORLD vocoder: pitch, spectral envelope and breathiness, 200 times a second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.float64]

RATE = 22_050
"""Everything is analysed at the embedded engine's rate; hertz() are the frequencies of an envelope's columns."""
STEP_MS = 5.0
FRAMES_PER_SECOND = 200
FFT = 1024
LOWEST_HZ, HIGHEST_HZ = 65.0, 600.0
"""Of a voice's pitch; an FFT of 1,024 resolves no lower one at this rate."""
_LOUD_DB = 30.0
"""Voiced frames further below the loudest are tails, breath and the neighbour's voice."""
_BREATH = 0.9
_HISS_DB, _HISS_SOFT_DB = 2.0, 12.0
_TINY = 1e-16


@dataclass(frozen=True)
class Analysed:
    f0: Frames
    """(n,) Hz, 0 where not voiced."""
    envelope: Frames
    """(n, FFT / 2 + 1) power."""
    aperiodicity: Frames
    """The same shape, 0 (pure tone) to 1 (noise)."""

    @property
    def periodic(self) -> NDArray[np.bool_]:
        """(n,): the vocal cords are heard. The pitch tracker alone carries a pitch on through an s."""
        return np.asarray((self.f0 > 0) & (self.aperiodicity[:, : _bin(2000.0)].mean(axis=1) < _BREATH))

    @property
    def open(self) -> Frames:
        """(n,) 1 where the sound comes through an open mouth (vowels, l, m), 0 where a hiss outweighs the voice (z)."""
        low = 10 * np.log10(self.envelope[:, : _bin(1200.0)].mean(axis=1) + _TINY)
        high = 10 * np.log10(self.envelope[:, _bin(3500.0) :].mean(axis=1) + _TINY)
        return np.asarray(np.clip((low - high - _HISS_DB) / _HISS_SOFT_DB, 0.0, 1.0))

    @property
    def voiced(self) -> NDArray[np.bool_]:
        """(n,): frames that tell something of the voice: periodic, open, and loud enough."""
        level = 10 * np.log10(self.envelope.mean(axis=1) + _TINY)
        telling = self.periodic & (self.open > 0.5)
        if not telling.any():
            return telling
        return np.asarray(telling & (level > np.percentile(level[telling], 95) - _LOUD_DB))


def hertz() -> Frames:
    return np.linspace(0.0, RATE / 2, FFT // 2 + 1)


def _bin(frequency: float) -> int:
    return round(frequency / (RATE / FFT))


def analyse(mono: NDArray[np.float32], lowest_hz: float = LOWEST_HZ, highest_hz: float = HIGHEST_HZ) -> Analysed:
    """`mono` (frames,) at RATE, finite; the pitch is looked for between the two. About an eighth of real time, nearly all of
    it for the pitch, and less the narrower its range."""
    import pyworld

    sound = np.ascontiguousarray(mono, dtype=np.float64)
    f0, at = pyworld.harvest(sound, RATE, f0_floor=lowest_hz, f0_ceil=highest_hz, frame_period=STEP_MS)
    envelope = pyworld.cheaptrick(sound, f0, at, RATE, fft_size=FFT)
    return Analysed(f0, envelope, pyworld.d4c(sound, f0, at, RATE, fft_size=FFT))


def synthesise(found: Analysed, frames: int) -> NDArray[np.float32]:
    """(frames,) at RATE."""
    import pyworld

    made = pyworld.synthesize(
        np.ascontiguousarray(found.f0), np.ascontiguousarray(found.envelope),
        np.ascontiguousarray(found.aperiodicity), RATE, STEP_MS,
    )[:frames]  # fmt: skip
    return np.pad(made, (0, frames - made.size)).astype(np.float32)
