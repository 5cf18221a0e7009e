"""Music that steps back while somebody speaks, and only then."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.kit.errors import UserError

Samples = NDArray[np.float32]
Curve = NDArray[np.float64]

_STEP_S = 0.01
_BELOW_SPEECH_DB = 26.0  # what lies this far under the level of the speech is breath and room, not speech
_FLOOR_DBFS = -60.0


@dataclass(frozen=True)
class DuckSettings:
    depth_db: float = 10.0
    attack_s: float = 0.25
    """The music starts to go down this long before `look_ahead_s` before the first syllable."""
    release_s: float = 0.8
    look_ahead_s: float = 0.06
    hold_s: float = 0.5
    """Pauses shorter than this are spoken over: the music stays down between sentences."""
    under: tuple[tuple[float, float], ...] = ()
    """(start, end) in seconds of the mix in which to step back besides, whoever speaks there."""

    def check(self) -> None:
        if not 0 <= self.depth_db <= 60:
            raise UserError(f"A ducking depth of {self.depth_db:g} dB is out of range.", "It goes from 0 to 60 dB.")
        times = (self.attack_s, self.release_s, self.look_ahead_s, self.hold_s)
        if not all(0 <= seconds <= 10 for seconds in times):
            raise UserError("A ducking time is out of range.", "Attack, release and the others go from 0 to 10 s.")


def step_powers(voice: Samples, sample_rate: int) -> Curve:
    """Mean power of every 10 ms: all that ducking needs of a voice. Sound in blocks of whole steps may be told by parts."""
    step = max(1, round(_STEP_S * sample_rate))
    count = -(-voice.shape[1] // step)
    power = np.zeros(count * step, dtype=np.float64)
    power[: voice.shape[1]] = np.square(voice, dtype=np.float64).sum(axis=0)
    return np.asarray(power.reshape(count, step).mean(axis=1))


def _speaks(powers: Curve) -> NDArray[np.bool_]:
    db = 10 * np.log10(powers + 1e-12)
    audible = db[db > _FLOOR_DBFS]
    if audible.size == 0:
        return np.zeros(db.size, dtype=bool)
    return np.asarray(db > max(_FLOOR_DBFS, float(np.percentile(audible, 90)) - _BELOW_SPEECH_DB))


def duck_depths(powers: Curve, settings: DuckSettings) -> Curve | None:
    """How far down the music is in every 10 ms, in dB, by the voice's powers; None where it never is."""
    from scipy.ndimage import binary_closing, convolve1d, maximum_filter1d

    settings.check()
    gate = _speaks(powers)
    for start, end in settings.under:
        gate[max(0, int(start / _STEP_S)) : max(0, int(np.ceil(end / _STEP_S)))] = True
    if not gate.any() or settings.depth_db == 0:
        return None
    pause = max(1, round(settings.hold_s / _STEP_S))
    gate = binary_closing(np.pad(gate, pause), np.ones(pause, dtype=bool))[pause:-pause]
    ahead = round(settings.look_ahead_s / _STEP_S)
    smooth = 2  # steps to each side that the rounding of the corners takes
    depth = maximum_filter1d(gate.astype(np.float64), 2 * max(ahead, smooth) + 1) * settings.depth_db
    place = np.arange(depth.size)
    rise = place * (settings.depth_db * _STEP_S / max(settings.release_s, _STEP_S))
    depth = np.maximum.accumulate(depth + rise) - rise
    fall = place * (settings.depth_db * _STEP_S / max(settings.attack_s, _STEP_S))
    depth = (np.maximum.accumulate(depth[::-1] + fall) - fall)[::-1]
    kernel = np.hanning(2 * smooth + 3)[1:-1]
    return np.asarray(np.clip(convolve1d(depth, kernel / kernel.sum(), mode="nearest"), 0.0, settings.depth_db))


def gain_of(depths: Curve | None, sample_rate: int, start: int, count: int) -> NDArray[np.float32]:
    """The factors for `count` frames from `start` on."""
    if depths is None:
        return np.ones(count, dtype=np.float32)
    centres = (np.arange(depths.size) + 0.5) * _STEP_S * sample_rate
    per_frame = np.interp(np.arange(start, start + count), centres, depths)
    return np.asarray(10 ** (-per_frame / 20), dtype=np.float32)
