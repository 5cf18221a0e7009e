"""Plain operations on samples of shape (channels, frames): levels, fades, pan, rate, time and pitch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.kit.errors import UserError

Samples = NDArray[np.float32]

SPEEDS = (0.25, 4.0)
SEMITONES = (-24.0, 24.0)


def db_to_gain(db: float) -> float:
    return float(10.0 ** (db / 20.0))


def gain(samples: Samples, db: float) -> Samples:
    return samples if db == 0 else samples * np.float32(db_to_gain(db))


def fade_curve(frames: int, *, rising: bool) -> NDArray[np.float32]:
    """Equal power: a rising and a falling curve over the same frames have squares that sum to one."""
    position = (np.arange(frames, dtype=np.float32) + 0.5) / max(frames, 1)
    curve = np.sin(position * np.float32(np.pi / 2))
    return curve if rising else curve[::-1]


def fade(samples: Samples, sample_rate: int, *, in_s: float = 0.0, out_s: float = 0.0) -> Samples:
    """Fades that together are longer than the sound are shortened in proportion."""
    frames = samples.shape[1]
    first, last = round(max(in_s, 0.0) * sample_rate), round(max(out_s, 0.0) * sample_rate)
    if first + last > frames:
        scale = frames / (first + last)
        first, last = int(first * scale), int(last * scale)
    if first == 0 and last == 0:
        return samples
    faded = samples.copy()
    if first:
        faded[:, :first] *= fade_curve(first, rising=True)
    if last:
        faded[:, -last:] *= fade_curve(last, rising=False)
    return faded


def pan(samples: Samples, position: float) -> Samples:
    """-1 left, 0 centre, 1 right, on two channels.

    Mono is placed with constant power (-3 dB a side at the centre). Stereo is balanced: the far side falls to nothing
    along the same curve, and at the centre nothing changes.
    """
    if not -1.0 <= position <= 1.0:
        raise UserError(f"Pan {position} is out of range.", "Pan goes from -1 (left) to 1 (right).")
    angle = (position + 1.0) * np.pi / 4
    left, right = float(np.cos(angle)), float(np.sin(angle))
    if samples.shape[0] == 1:
        return samples * np.asarray([[left], [right]], dtype=np.float32)
    if position == 0:
        return samples
    root = 2**0.5
    return samples * np.asarray([[min(1.0, left * root)], [min(1.0, right * root)]], dtype=np.float32)


def resample(samples: Samples, sample_rate: int, new_rate: int) -> Samples:
    """By soxr, high quality; peaks of limited material may rise a little, so limit after it, not before."""
    if sample_rate == new_rate or samples.shape[1] == 0:
        return samples
    import soxr

    changed = soxr.resample(np.ascontiguousarray(samples.T), sample_rate, new_rate, quality="HQ")
    return np.ascontiguousarray(changed.T, dtype=np.float32)


def time_stretch(
    samples: Samples, sample_rate: int, *, speed: float = 1.0, semitones: float = 0.0, voice: bool = False
) -> Samples:
    """Faster or slower without changing pitch, higher or lower without changing length; both at once.

    `voice` keeps the formants, so that a raised voice does not sound like a smaller person. The result has exactly
    round(frames / speed) frames. Rubber Band by pedalboard, finest engine: about 1 s for 15 s of sound.
    """
    if not SPEEDS[0] <= speed <= SPEEDS[1]:
        raise UserError(f"Speed {speed:g} is out of range.", f"Speed goes from {SPEEDS[0]:g} to {SPEEDS[1]:g}.")
    if not SEMITONES[0] <= semitones <= SEMITONES[1]:
        raise UserError(f"A pitch of {semitones:g} semitones is out of range.", "Pitch goes from -24 to 24 semitones.")
    frames = samples.shape[1]
    if (speed == 1.0 and semitones == 0.0) or frames == 0:
        return samples
    import pedalboard

    # The engine blurs what lies within a window of the ends: give it silence there and cut it off again.
    margin = round(0.25 * sample_rate * max(1.0, speed))
    padded = np.pad(samples, ((0, 0), (margin, margin)))
    stretched = pedalboard.time_stretch(
        padded,
        sample_rate,
        stretch_factor=speed,
        pitch_shift_in_semitones=semitones,
        high_quality=True,
        preserve_formants=voice,
    )
    start, length = round(margin / speed), round(frames / speed)
    cut = np.asarray(stretched[:, start : start + length], dtype=np.float32)
    return np.pad(cut, ((0, 0), (0, length - cut.shape[1])))
