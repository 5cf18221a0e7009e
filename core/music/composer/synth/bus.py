"""What happens to parts and stems between the notes and the master: amplifiers, glue, ducking, tape."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from core.music.composer.synth.shape import SAMPLE_RATE, Filter, Sound, biquad, filtered, frames_of


def amplifier(sound: Sound) -> Sound:
    """A valve amplifier and its cabinet on a whole guitar part: chords distort together, at twice the rate so that
    the new overtones do not fold back."""
    from scipy.signal import resample_poly

    front = filtered(sound, biquad("high", 120), biquad("peak", 750, 0.7, 5.0), biquad("high_shelf", 3200, 0.7, 3.0))
    heard = np.abs(front[:, ::37])
    heard = heard[heard > 1e-3 * heard.max(initial=0.0)]
    level = np.sqrt(np.mean(np.square(heard))) + 1e-9 if heard.size else 1.0  # while it plays, rests left out
    hot = np.asarray(resample_poly(front * np.float32(0.2 / level), 2, 1, axis=-1, window=("kaiser", 6.0)), np.float32)
    first = np.tanh(hot * np.float32(9.0) + np.float32(0.25)) - np.float32(0.245)
    second = np.tanh(first * np.float32(1.8))
    driven = np.asarray(resample_poly(second, 1, 2, axis=-1, window=("kaiser", 6.0)), np.float32)
    cabinet = filtered(
        driven[:, : sound.shape[-1]],
        biquad("high", 85), biquad("peak", 115, 1.2, 3.0), biquad("peak", 420, 0.8, -3.5),
        biquad("peak", 2700, 0.9, 4.5), biquad("low", 5200, 0.9), biquad("low", 6800, 0.6),
    )  # fmt: skip
    return cabinet * np.float32(0.24)


def gate_hum(driven: Sound, played: Sound) -> Sound:
    """Silences what the amplifier makes of a tail nobody hears."""
    step = 512
    n = played.shape[-1] // step * step
    level = np.abs(played[:, :n]).max(axis=0).reshape(-1, step).max(axis=1)
    opened = (level > level.max(initial=0.0) * 0.004).astype(np.float32)
    smooth = np.convolve(opened, np.hanning(9) / np.hanning(9).sum(), mode="same").astype(np.float32)
    gate = np.interp(np.arange(played.shape[-1]), np.arange(smooth.size) * step + step / 2, smooth)
    return driven * gate.astype(np.float32)


class Glue:
    """Parallel compression, then rounded peaks: the kit as one instrument. Window after window, as all that follow."""

    def __init__(self, amount: float, drive: float) -> None:
        import pedalboard

        self._amount = amount
        self._drive = np.float32(drive)
        self._squash = pedalboard.Compressor(threshold_db=-26, ratio=6, attack_ms=6, release_ms=120)

    def next(self, drums: Sound) -> Sound:
        if self._amount > 0:
            drums = drums + self._squash(drums, SAMPLE_RATE, reset=False) * np.float32(self._amount)
        return np.asarray(np.tanh(drums * self._drive) / self._drive, np.float32)


class Steady:
    """A bass at an even level, the same in both channels below 120 Hz."""

    def __init__(self) -> None:
        import pedalboard

        self._even = pedalboard.Compressor(threshold_db=-22, ratio=3, attack_ms=12, release_ms=160)
        self._side = Filter(biquad("high", 120))

    def next(self, bass: Sound) -> Sound:
        even: Sound = self._even(bass, SAMPLE_RATE, reset=False)
        side = self._side.next((even[0] - even[1]) * np.float32(0.5))
        middle = (even[0] + even[1]) * np.float32(0.5)
        return np.stack([middle + side, middle - side])


def ducking(kicks: Iterable[int], frames: int, depth: float, beat_frames: float) -> Sound:
    """A gain that dips at every kick and swings back within the beat."""
    curve = np.ones(frames, np.float32)
    lead, length = frames_of(0.004), max(64, int(0.62 * beat_frames))
    place = np.linspace(0, 1, length, dtype=np.float32)
    dip = 1 - np.float32(depth) * (1 - place) ** 1.6 * (1 - place**2)
    ramp = np.linspace(1, dip[0], lead, dtype=np.float32)
    for onset in kicks:
        begin = max(0, onset - lead)
        into = ramp[lead - (onset - begin) :] if onset > begin else ramp[:0]
        shape = np.concatenate([into, dip])[: frames - begin]
        np.minimum(curve[begin : begin + shape.size], shape, out=curve[begin : begin + shape.size])
    return curve


class Tape:
    """An old tape, window after window: it does not run quite evenly (some 5 cents of slow drift, 1.5 of flutter), has a soft
    top and a little warmth."""

    AHEAD = 64
    """Frames: the tape may run so far ahead of or behind the time it should be at."""

    def __init__(self, top_hz: float, start: int, frames: int) -> None:
        """`start`: the first frame that will be heard, of a piece of so many."""
        self._first = start
        self._frames = frames
        self._wound = np.zeros((2, 0), np.float32)
        self._shape = Filter(biquad("low", top_hz, 0.65), biquad("peak", 220, 0.7, 1.5))

    def next(self, sound: Sound, start: int, stop: int) -> Sound:
        """(2, stop - start). `sound` goes on where the last one ended, AHEAD frames past `stop` or to the end."""
        wound = np.concatenate([self._wound, sound], axis=1) if self._wound.size else sound
        t = np.arange(start, stop, dtype=np.float64) / SAMPLE_RATE
        shift = np.zeros_like(t)
        for hz, cents in ((0.43, 3.5), (0.71, 1.8), (6.1, 1.5)):
            shift += (2 ** (cents / 1200) - 1) / (2 * np.pi * hz) * np.sin(2 * np.pi * hz * t)
        place = np.clip((t + shift) * SAMPLE_RATE, self._first, self._frames - 1.001)
        index = place.astype(np.int64)
        fraction = (place - index).astype(np.float32)
        index -= self._first
        here = wound[:, index]
        uneven = np.asarray(here + (wound[:, index + 1] - here) * fraction, np.float32)
        gone = max(0, stop - self.AHEAD - self._first)
        self._wound, self._first = wound[:, gone:].copy(), self._first + gone
        return self._shape.next(np.tanh(uneven * np.float32(1.5)) / np.float32(1.5))
