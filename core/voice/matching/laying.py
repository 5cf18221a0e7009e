"""A profile laid on speech: pitch, length of the throat, timbre and breath of the voiced parts move towards it.

Every move is a fixed difference between two profiles (the base voice's and the wanted one), so that a word sounds alike in
a short sentence and in a long one. Consonants without voice, and silence, stay the engine's own samples; nothing is
stretched, so word times hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.kit.errors import UserError
from core.voice.matching import scale
from core.voice.matching.profile import Profile
from core.voice.matching.world import (
    FRAMES_PER_SECOND,
    HIGHEST_HZ,
    LOWEST_HZ,
    RATE,
    Analysed,
    Frames,
    analyse,
    hertz,
    synthesise,
)

Samples = NDArray[np.float32]

SPREADS = (0.6, 1.7)
"""How far the intonation may be flattened or widened; beyond, the embedded voice sings or drones."""
STRETCHES = (0.85, 1.18)
"""How far formants may move: a man's against a woman's is 1.15 to 1.2."""
MOST_DB = 15.0
"""Of the timbre's correction, before its smoothing. More would raise what the engine does not have."""
_BREATH_DB = 9.0
_SMOOTH_BANDS = 1.2
_BEYOND = 4
"""Bands at the edge of what is known whose correction goes on beyond it."""
_PITCH_HZ = (66.0, 590.0)
_ROOM = 1.45
"""Beyond the pitch that the base voice showed when it was measured."""
_CHUNK_S, _CONTEXT_S, _SEARCH_S = 12.0, 0.6, 3.0
_GRID = 441
"""Chunks begin on this many samples, 20 ms: a whole number of WORLD's steps at RATE."""
_FADE_S = 0.006


@dataclass(frozen=True)
class Moves:
    """What is done to every voiced frame."""

    searched_hz: tuple[float, float]
    """Where the base voice's pitch is looked for."""
    from_hz: float
    to_hz: float
    spread: float
    stretch: float
    """Formants are multiplied by it."""
    gain: Frames
    """(bins,) of power."""
    breath: Frames
    """(bins,) factor of aperiodicity."""


def moves(profile: Profile, base: Profile) -> Moves:
    spread = float(np.clip(profile.spread_semitones / max(base.spread_semitones, 0.3), *SPREADS))
    stretch = 1.0
    if profile.tract_cm > 0 and base.tract_cm > 0:
        stretch = float(np.clip(base.tract_cm / profile.tract_cm, *STRETCHES))
    ours = np.asarray(base.timbre_db)
    moved = _warped(scale.on_bins(ours)[None], stretch)[0]
    wanted = scale.on_bins(np.asarray(profile.timbre_db)) - moved
    inside = (hertz() >= scale.LEVEL_HZ[0]) & (hertz() <= scale.LEVEL_HZ[1])
    correction = np.interp(scale.erb(scale.centres()), scale.erb(hertz()), wanted - wanted[inside].mean())
    correction = _beyond(np.clip(correction, -MOST_DB, MOST_DB), profile.known & base.known)
    gain = 10 ** (scale.on_bins(_smooth(correction)) / 10)
    # The same power as before, or the consonants, which stay as they are, would be too soft or too loud beside it.
    power = 10 ** (scale.on_bins(np.asarray(base.power_db))[None] / 10)
    gain *= power.sum() / (_warped(power, stretch) * gain).sum()
    breath = np.clip(np.asarray(profile.breath_db) - np.asarray(base.breath_db), -_BREATH_DB, _BREATH_DB)
    middles = np.asarray([*scale.BREATH_HZ[1:], 10_000.0]) - 500.0
    searched = (max(LOWEST_HZ, base.floor_hz / _ROOM), min(HIGHEST_HZ, base.ceiling_hz * _ROOM))
    return Moves(
        searched, base.f0_hz, profile.f0_hz, spread, stretch, gain, 10 ** (np.interp(hertz(), middles, breath) / 20)
    )  # fmt: skip


def _smooth(bands: Frames) -> Frames:
    from scipy.ndimage import gaussian_filter1d

    return np.asarray(gaussian_filter1d(bands, _SMOOTH_BANDS, mode="nearest"))


def _beyond(correction: Frames, known: NDArray[np.bool_]) -> Frames:
    """Above what both voices hold, the correction at its edge goes on, but nothing is raised there."""
    last = int(np.flatnonzero(known)[-1])
    held = correction.copy()
    held[last + 1 :] = min(0.0, float(correction[max(0, last - _BEYOND + 1) : last + 1].mean()))
    return held


def _warped(rows: Frames, stretch: float) -> Frames:
    """(n, bins) read at `hertz / stretch`: what lay at 1,000 Hz comes to lie at 1,000 * stretch."""
    if stretch == 1.0:
        return rows
    at = np.minimum(np.arange(rows.shape[1]) / stretch, rows.shape[1] - 1)
    low = np.minimum(at.astype(int), rows.shape[1] - 2)
    part = at - low
    return np.asarray(rows[:, low] * (1 - part) + rows[:, low + 1] * part)


def lay(
    samples: Samples,
    rate: int,
    profile: Profile,
    base: Profile,
    progress: Callable[[float], None] = lambda fraction: None,
    *,
    chunk_s: float = _CHUNK_S,
) -> tuple[Samples, int]:
    """`samples` (channels, frames) of the voice that `base` was measured on; answers (1, frames at RATE), RATE. Chunk by
    chunk, so that an hour takes the memory of seconds beside the sound itself."""
    from core.audio.effects import resample
    from core.audio.mono import heard

    if samples.shape[1] == 0 or not np.isfinite(samples).all():
        raise UserError("There is no sound to lay a voice on.", "Speak the text again.", "no_sound")
    mono = resample(heard(samples)[None], rate, RATE)[0]
    wanted = moves(profile, base)
    out = np.zeros(mono.size, dtype=np.float32)
    fade = round(_FADE_S * RATE)
    for first, last in _chunks(mono, chunk_s):
        progress(first / mono.size)
        before = min(first, round(_CONTEXT_S * RATE) // _GRID * _GRID)
        after = min(mono.size - last, round(_CONTEXT_S * RATE))
        laid = _laid(mono[first - before : last + after], wanted)[before:]
        # Both chunks hold the neighbourhood of the cut; the later one takes over within the fade.
        size = last - first
        if first:
            ramp = np.linspace(0, 1, min(fade, size), dtype=np.float32)
            out[first : first + ramp.size] = out[first : first + ramp.size] * (1 - ramp) + laid[: ramp.size] * ramp
            out[first + ramp.size : last] = laid[ramp.size : size]
        else:
            out[:last] = laid[:size]
        tail = min(fade, after)
        out[last : last + tail] = laid[size : size + tail]
    return _safe(out)[None], RATE


def _safe(out: Samples) -> Samples:
    peak = float(np.abs(out).max(initial=0.0))
    return out if peak <= 0.99 else np.asarray(out * np.float32(0.99 / peak))


def _chunks(mono: Samples, chunk_s: float) -> Iterator[tuple[int, int]]:
    """Cut where it is quietest, in the last seconds of each chunk."""
    size, first = round(chunk_s * RATE), 0
    while mono.size - first > size + round(_SEARCH_S * RATE):
        start = first + size - round(min(_SEARCH_S, chunk_s / 2) * RATE)
        start -= start % _GRID
        level = np.abs(mono[start : first + size])
        blocks = level[: level.size // _GRID * _GRID].reshape(-1, _GRID).max(axis=1)
        soft = np.convolve(blocks, np.ones(5) / 5, mode="same")
        soft[:2] = soft[-2:] = np.inf
        last = start + int(soft.argmin()) * _GRID
        yield first, last
        first = last
    yield first, mono.size


def _laid(mono: Samples, wanted: Moves) -> Samples:
    if float(np.abs(mono).max(initial=0.0)) == 0.0:
        return mono
    found = analyse(mono, *wanted.searched_hz)
    periodic = found.periodic
    if not periodic.any():
        return mono
    spoken = synthesise(_moved(found, periodic, wanted), mono.size)
    share = _share(periodic, mono.size)
    return np.asarray(mono * (1 - share) + spoken * share, dtype=np.float32)


def _moved(found: Analysed, periodic: NDArray[np.bool_], wanted: Moves) -> Analysed:
    f0 = np.zeros_like(found.f0)
    away = np.log(found.f0[periodic] / wanted.from_hz) * wanted.spread
    f0[periodic] = np.clip(wanted.to_hz * np.exp(away), *_PITCH_HZ)
    # A hiss within the voice (z, v) keeps its colour: what makes a vowel bright would make it whistle.
    gain = np.exp(_calm(found.open)[:, None] * np.log(wanted.gain))
    aperiodicity = np.clip(_warped(found.aperiodicity, wanted.stretch) * wanted.breath, 1e-3, 1 - 1e-6)
    aperiodicity[~periodic] = 1 - 1e-6
    return Analysed(f0, np.maximum(_warped(found.envelope, wanted.stretch) * gain, 1e-16), aperiodicity)


def _calm(open_: Frames) -> Frames:
    from scipy.ndimage import gaussian_filter1d

    return np.asarray(gaussian_filter1d(open_, 2.0, mode="nearest"))


def _share(periodic: NDArray[np.bool_], frames: int) -> Samples:
    """(frames,) how much of the sound is the laid one: 1 in periodic frames, falling to 0 within one step beside them."""
    at = np.arange(periodic.size) * RATE / FRAMES_PER_SECOND
    return np.interp(np.arange(frames), at, periodic.astype(np.float64)).astype(np.float32)
