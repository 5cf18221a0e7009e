"""Rooms: a synthesised impulse response for each, and the quick convolution that places a stem in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.music.composer.synth.shape import SAMPLE_RATE, Sound, biquad, filtered, frames_of

_BLOCK = 1 << 18


@dataclass(frozen=True)
class Room:
    rt60_s: float
    """Reverberation time at 1 kHz; lows ring a little longer, highs much shorter."""
    predelay_s: float
    bright: float
    """0 dark to 1 bright: how long the highs last."""
    early: float
    """Level of the first reflections against the tail."""
    seed: int = 1

    @property
    def tail_s(self) -> float:
        return self.rt60_s * 1.05 + self.predelay_s


STUDIO = Room(0.55, 0.004, 0.7, 1.2, 3)
CLUB = Room(0.9, 0.012, 0.65, 0.8, 4)
PLATE = Room(1.6, 0.014, 0.9, 0.3, 5)
CHAMBER = Room(1.9, 0.018, 0.6, 0.7, 6)
HALL = Room(2.6, 0.028, 0.55, 0.6, 7)
CATHEDRAL = Room(4.2, 0.035, 0.5, 0.4, 8)

_BANDS = ((110.0, 1.1), (300.0, 1.1), (800.0, 1.0), (2000.0, 0.8), (5000.0, 0.4), (10_000.0, 0.17))


@lru_cache(maxsize=8)
def impulse(room: Room) -> Sound:
    """(2, frames) of unit energy a channel: early reflections, then noise that dies band by band."""
    rng = np.random.default_rng(room.seed)
    frames = frames_of(room.tail_s)
    start = frames_of(room.predelay_s)
    t = np.arange(frames - start, dtype=np.float32) / np.float32(SAMPLE_RATE)
    late = np.zeros((2, t.size), np.float32)
    for hz, share in _BANDS:
        length = room.rt60_s * (share if hz < 3000 else share * (0.5 + 0.9 * room.bright))
        white = rng.standard_normal((2, t.size), dtype=np.float32)
        level = 1.0 if hz < 3000 else 0.55 + 0.45 * room.bright
        late += np.float32(level) * filtered(white, biquad("band", hz, 0.8)) * np.exp(t * np.float32(-6.9078 / length))
    late *= 1 - np.exp(-t / np.float32(0.012 + 0.006 * room.rt60_s))
    out = np.zeros((2, frames), np.float32)
    out[:, start:] = late / np.sqrt((late**2).sum(axis=1, keepdims=True))
    first = np.zeros((2, frames), np.float32)
    for _ in range(14):
        at = start + int(rng.uniform(0.006, 0.075 + 0.01 * room.rt60_s) * SAMPLE_RATE)
        side = int(rng.integers(2))
        level = rng.uniform(0.5, 1.0) * np.exp(-(at - start) / (0.045 * SAMPLE_RATE)) * rng.choice((-1.0, 1.0))
        first[side, at] += level
        first[1 - side, min(frames - 1, at + 17)] += level * 0.45
    first = filtered(first, biquad("low", 6500))
    out += first * np.float32(0.5 * room.early / np.sqrt((first**2).sum(axis=1).mean()))
    out = filtered(out, biquad("high", 190.0), biquad("high", 120.0), biquad("high_shelf", 8000, 0.7, -2.0))
    return np.asarray(out / np.sqrt((out**2).sum(axis=1, keepdims=True)), np.float32)


@lru_cache(maxsize=8)
def _spectrum(room: Room) -> NDArray[np.complex64]:
    from scipy.fft import rfft

    return np.asarray(rfft(impulse(room), 2 * _BLOCK, axis=-1), np.complex64)


def reverberate(send: Sound, room: Room) -> Sound:
    """The room's answer to a mono send, (2, frames), cut at the send's own length. Linear, so stems add up."""
    from scipy.fft import irfft, rfft

    response = _spectrum(room)
    frames = send.shape[-1]
    out = np.zeros((2, frames + 2 * _BLOCK), np.float32)
    for start in range(0, frames, _BLOCK):
        piece = send[start : start + _BLOCK]
        if np.abs(piece).max() < 1e-6:
            continue
        wet = irfft(rfft(piece, 2 * _BLOCK) * response, 2 * _BLOCK, axis=-1)
        out[:, start : start + 2 * _BLOCK] += wet
    return out[:, :frames]


def echo(sound: Sound, delay_frames: int, level: float, feedback: float) -> Sound:
    """Ping-pong repeats in time with the beat, each darker than the last. Only the repeats, (2, frames)."""
    out = np.zeros_like(sound)
    repeat = filtered(sound.mean(axis=0), biquad("high", 300), biquad("low", 4200)) * np.float32(level)
    at, side = delay_frames, 0
    while at < sound.shape[-1] and level > 0.02:
        out[side, at:] += repeat[: sound.shape[-1] - at]
        out[1 - side, at:] += np.float32(0.3) * repeat[: sound.shape[-1] - at]
        repeat = repeat * np.float32(feedback)
        level *= feedback
        at, side = at + delay_frames, 1 - side
    return out
