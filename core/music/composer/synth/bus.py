"""What happens to parts and stems between the notes and the master: amplifiers, glue, ducking, tape."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from core.music.composer.synth.shape import SAMPLE_RATE, Sound, biquad, filtered, frames_of


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


def glue(drums: Sound, amount: float, drive: float) -> Sound:
    """Parallel compression, then rounded peaks: the kit as one instrument."""
    import pedalboard

    if amount > 0:
        squash = pedalboard.Compressor(threshold_db=-26, ratio=6, attack_ms=6, release_ms=120)
        heavy = squash(drums, SAMPLE_RATE, reset=True)
        drums = drums + heavy * np.float32(amount)
    return np.asarray(np.tanh(drums * np.float32(drive)) / np.float32(drive), np.float32)


def steady(bass: Sound) -> Sound:
    import pedalboard

    even: Sound = pedalboard.Compressor(threshold_db=-22, ratio=3, attack_ms=12, release_ms=160)(
        bass, SAMPLE_RATE, reset=True
    )
    return even


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


def wow(sound: Sound) -> Sound:
    """A tape that does not run quite evenly: some 5 cents of slow drift, 1.5 of flutter."""
    t = np.arange(sound.shape[-1], dtype=np.float64) / SAMPLE_RATE
    shift = np.zeros_like(t)
    for hz, cents in ((0.43, 3.5), (0.71, 1.8), (6.1, 1.5)):
        shift += (2 ** (cents / 1200) - 1) / (2 * np.pi * hz) * np.sin(2 * np.pi * hz * t)
    place = np.clip((t + shift) * SAMPLE_RATE, 0, t.size - 1.001)
    index = place.astype(np.int64)
    fraction = (place - index).astype(np.float32)
    here = sound[:, index]
    return np.asarray(here + (sound[:, index + 1] - here) * fraction, np.float32)


def medium(sound: Sound, top_hz: float) -> Sound:
    """An old tape: soft top, a little warmth."""
    warm = np.tanh(sound * np.float32(1.5)) / np.float32(1.5)
    return filtered(warm, biquad("low", top_hz, 0.65), biquad("peak", 220, 0.7, 1.5))
