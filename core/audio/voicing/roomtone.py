"""The quiet before the first word and after the last: as long as an audiobook's rules want it, and never digital silence."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.audio.voicing.figures import Figures
from core.audio.voicing.levels import FRAMES_PER_SECOND
from core.audio.voicing.presets import Preset, Target

Samples = NDArray[np.float32]

FAINT_DB = -78.0
"""RMS of the tone that is made where the recording has none of its own."""
_OWN_LEAST_DB = -85.0
_STRETCH_S = 0.2
_NO_ROOM_DB, _STEADY_DB = 30.0, 8.0
"""Nearer to the loudest moments than this, or less even, the quietest stretch is the end of a word and no room."""
_FADE_S = 0.05
_MARGIN_S = 0.05


@dataclass(frozen=True)
class Ends:
    head: Samples
    """(channels, frames) to put before."""
    tail: Samples
    cut_head: int
    """Frames of the sound to leave out at the beginning."""
    cut_tail: int
    sample_rate: int

    @property
    def added_s(self) -> tuple[float, float]:
        return self.head.shape[1] / self.sample_rate, self.tail.shape[1] / self.sample_rate

    @property
    def shift_s(self) -> float:
        return float(self.head.shape[1] - self.cut_head) / self.sample_rate


def room_tone(shaped: Path, figures: Figures, frames_db: NDArray[np.float64], chosen: Preset) -> Ends:
    """What has to be added or cut, so that head and tail last as the preset says; nothing where it says nothing."""
    rate, channels = figures.sample_rate, figures.channels
    head_s, cut_head_s = _wanted(chosen.head_s, figures.head_s)
    tail_s, cut_tail_s = _wanted(chosen.tail_s, figures.tail_s)
    tone = _tone(shaped, rate, channels, frames_db, max(head_s, tail_s))
    head, tail = tone[:, : round(head_s * rate)], tone[:, : round(tail_s * rate)]
    return Ends(head, tail, round(cut_head_s * rate), round(cut_tail_s * rate), rate)


def _wanted(target: Target | None, present_s: float) -> tuple[float, float]:
    """(seconds to add, seconds to cut)"""
    if target is None or target.value is None:
        return 0.0, 0.0
    # Measured in frames of 10 ms: what lies on the border is mended as well.
    if (target.low or 0.0) + _MARGIN_S <= present_s <= (target.high or np.inf) - _MARGIN_S:
        return 0.0, 0.0
    return max(0.0, target.value - present_s), max(0.0, present_s - target.value)


def _tone(shaped: Path, rate: int, channels: int, frames_db: NDArray[np.float64], seconds: float) -> Samples:
    frames = round(seconds * rate)
    if frames == 0:
        return np.zeros((channels, 0), dtype=np.float32)
    own = _quietest(shaped, rate, frames_db)
    if own is None:
        return _faint(channels, frames)
    fade = min(round(_FADE_S * rate), own.shape[1] // 3)
    step = own.shape[1] - fade
    made = np.zeros((channels, frames + own.shape[1]), dtype=np.float32)
    ramp = np.sin(np.linspace(0, np.pi / 2, fade, dtype=np.float32))
    piece = own.copy()
    piece[:, :fade] *= ramp
    piece[:, -fade:] *= ramp[::-1]
    for start in range(0, frames, step):
        made[:, start : start + piece.shape[1]] += piece
    made[:, :fade] = own[:, :fade]
    return np.asarray(made[:, :frames])


def _quietest(shaped: Path, rate: int, frames_db: NDArray[np.float64]) -> Samples | None:
    """The recording's own room, from where it is quietest; None where that is silence, or no room at all."""
    import soundfile

    size = round(_STRETCH_S * FRAMES_PER_SECOND)
    if frames_db.size <= size:
        return None
    total = np.concatenate([[0.0], np.cumsum(10 ** (frames_db / 10))])
    sums = total[size:] - total[:-size]
    at = int(np.argmin(sums))
    level = 10 * float(np.log10(max(sums[at] / size, 1e-12)))
    even = float(np.ptp(frames_db[at : at + size])) < _STEADY_DB
    if level < _OWN_LEAST_DB or level > float(np.percentile(frames_db, 95)) - _NO_ROOM_DB or not even:
        return None
    with soundfile.SoundFile(shaped) as opened:
        opened.seek(min(at * rate // FRAMES_PER_SECOND, opened.frames - 1))
        read = opened.read(round(_STRETCH_S * rate), dtype="float32", always_2d=True)
    return np.ascontiguousarray(read.T) if len(read) >= round(0.5 * _STRETCH_S * rate) else None


def _faint(channels: int, frames: int) -> Samples:
    """Always the same, so that the same sound comes out the same."""
    noise = np.random.default_rng(1).standard_normal(frames + 64).astype(np.float32)
    soft = np.convolve(noise, np.hanning(64), mode="valid")[:frames]  # without highs, as a quiet room is
    soft *= 10 ** (FAINT_DB / 20) / float(np.sqrt(np.mean(soft**2)))
    return np.repeat(soft[None].astype(np.float32), channels, axis=0)
