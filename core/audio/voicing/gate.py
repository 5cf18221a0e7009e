"""A downward expander for the pauses of a voice: what lies near the room's noise is turned down, words are left alone.

The threshold follows the measured floor. It opens a little before a word begins (the sound is known in advance) and
closes late, so that no beginning and no decay is cut; between two thresholds it stays as it was, so that it does not
chatter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.audio.voicing.levels import DIGITAL_SILENCE_DB, FRAMES_PER_SECOND, VoiceLevel, levels_db, voice_level

Samples = NDArray[np.float32]
Frames = NDArray[np.float64]

LEAST_SNR_DB = 15.0
"""Nearer than this, soft speech and noise cannot be told apart by level: nothing is gated."""


@dataclass(frozen=True)
class GateSettings:
    above_floor_db: float = 8.0
    """Where it opens."""
    hysteresis_db: float = 4.0
    """It closes this much lower."""
    ratio: float = 2.0
    """Output falls so many dB for every dB under the threshold."""
    depth_db: float = 14.0
    """The most it takes away: a pause that goes dead is heard as a fault."""
    look_ahead_ms: float = 60.0
    attack_ms: float = 20.0
    hold_ms: float = 180.0
    release_ms: float = 200.0


def gate(
    samples: Samples, sample_rate: int, settings: GateSettings | None = None, level: VoiceLevel | None = None
) -> Samples:
    """`level`: of the whole, where these samples are a stretch of it. Untouched where the voice stands less than
    LEAST_SNR_DB above the floor, or where the floor is silent already."""
    chosen = settings or GateSettings()
    known = level or voice_level(samples, sample_rate)
    if known is None or known.snr_db < LEAST_SNR_DB or known.floor_db <= DIGITAL_SILENCE_DB:
        return samples
    reduction = reduction_db(levels_db(samples, sample_rate), known.floor_db, chosen)
    if not reduction.any():
        return samples
    at = (np.arange(reduction.size) + 0.5) * (samples.shape[1] / reduction.size)
    gain = 10 ** (-np.interp(np.arange(samples.shape[1]), at, reduction) / 20)
    return np.asarray(samples * gain.astype(np.float32), dtype=np.float32)


def reduction_db(frames_db: Frames, floor_db: float, settings: GateSettings) -> Frames:
    """What is taken away in every 10 ms, 0 or more."""
    opens = floor_db + settings.above_floor_db
    closed = ~_open(frames_db, opens, opens - settings.hysteresis_db, settings)
    # The level of the noise itself, not its flicker from one frame to the next.
    below = opens - _smoothed(np.maximum(frames_db, DIGITAL_SILENCE_DB))
    wanted = np.where(closed, np.clip(below * (settings.ratio - 1), 0, settings.depth_db), 0.0)
    return _eased(wanted, settings)


def _open(frames_db: Frames, opens: float, closes: float, settings: GateSettings) -> NDArray[np.bool_]:
    """Schmitt trigger, then widened to the left by the look-ahead and to the right by the hold."""
    state = np.zeros(frames_db.size, dtype=np.int8)
    state[frames_db >= opens], state[frames_db < closes] = 1, -1
    last = np.maximum.accumulate(np.where(state != 0, np.arange(state.size), -1))
    held = np.where(last >= 0, state[np.maximum(last, 0)] > 0, frames_db[:1].max(initial=-200.0) >= closes)
    ahead, hold = (_frames(ms) for ms in (settings.look_ahead_ms, settings.hold_ms))
    edges = np.concatenate([[0], np.cumsum(held)])
    index = np.arange(held.size)
    first, past = np.maximum(index - hold, 0), np.minimum(index + ahead + 1, held.size)
    return np.asarray(edges[past] > edges[first])


def _eased(wanted: Frames, settings: GateSettings) -> Frames:
    """Down by a straight line over the release; up again over the attack, which is over by the time the look-ahead
    begins, so that a word meets an open gate."""
    attack, release = max(1, _frames(settings.attack_ms)), max(1, _frames(settings.release_ms))
    depth = max(settings.depth_db, 1e-9)
    index = np.arange(wanted.size)
    # The lower envelope of two slopes: a running minimum of the tilted curve, once from each side.
    falling = np.minimum.accumulate(wanted - index * depth / release) + index * depth / release
    rising = np.minimum.accumulate((falling + index * depth / attack)[::-1])[::-1] - index * depth / attack
    return np.maximum(rising, 0.0)


def _smoothed(frames_db: Frames) -> Frames:
    from scipy.ndimage import uniform_filter1d

    return np.asarray(uniform_filter1d(frames_db, 11, mode="nearest"))


def _frames(milliseconds: float) -> int:
    return round(milliseconds * FRAMES_PER_SECOND / 1000)
