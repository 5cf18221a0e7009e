"""Rooms: a synthesised impulse response for each, and the quick convolution that places a stem in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.music.composer.synth.shape import SAMPLE_RATE, Filter, Sound, biquad, filtered, frames_of

BLOCK = 1 << 18
"""Frames convolved in one go, 5.9 s: windows of whole blocks come out as the whole does."""


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

    return np.asarray(rfft(impulse(room), 2 * BLOCK, axis=-1), np.complex64)


class Reverb:
    """The room's answer to a mono send, window after window: what still rings goes on in the next. Linear, so stems add up.
    Windows of whole blocks, joined, are sample for sample the answer to the whole."""

    def __init__(self, room: Room) -> None:
        self._response = _spectrum(room)
        self._rings = np.zeros((2, 0), np.float32)

    def next(self, send: Sound) -> Sound:
        """(2, frames) of (frames)."""
        from scipy.fft import irfft, rfft

        frames = send.shape[-1]
        out = np.zeros((2, frames + 2 * BLOCK), np.float32)
        out[:, : self._rings.shape[1]] += self._rings
        for start in range(0, frames, BLOCK):
            piece = send[start : start + BLOCK]
            if np.abs(piece).max() < 1e-6:
                continue
            wet = irfft(rfft(piece, 2 * BLOCK) * self._response, 2 * BLOCK, axis=-1)
            out[:, start : start + 2 * BLOCK] += wet
        self._rings = out[:, frames:].copy()
        return out[:, :frames]


class Echo:
    """Ping-pong repeats in time with the beat, each darker than the last, window after window."""

    def __init__(self, delay_frames: int, level: float, feedback: float) -> None:
        self._delay = delay_frames
        self._level = level
        self._feedback = feedback
        self._darker = Filter(biquad("high", 300), biquad("low", 4200))
        self._repeats = 0
        while level > 0.02:
            level *= feedback
            self._repeats += 1
        self._past = np.zeros(self._repeats * delay_frames, np.float32)

    def next(self, sound: Sound) -> Sound:
        """Only the repeats, (2, frames)."""
        out = np.zeros_like(sound)
        heard = np.concatenate([self._past, self._darker.next(sound.mean(axis=0)) * np.float32(self._level)])
        frames, past = sound.shape[-1], self._past.size
        for number in range(1, self._repeats + 1):
            late = past - number * self._delay
            repeat = heard[late : late + frames]
            for _ in range(number - 1):
                repeat = repeat * np.float32(self._feedback)
            side = (number - 1) % 2
            out[side] += repeat
            out[1 - side] += np.float32(0.3) * repeat
        self._past = heard[heard.size - past :].copy()
        return out
