"""What is measured of a take: plain figures, each None where it cannot be told. core.voice.quality says what they mean."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.audio.faults import clipping
from core.audio.faults.problem import runs
from core.audio.meters import integrated_lufs
from core.audio.mono import heard as heard_mono
from core.audio.spectrum import FRAMES_PER_SECOND, Spectrum, measure
from core.audio.speech import windows
from core.audio.voicing.levels import levels_db

Samples = NDArray[np.float32]
Frames = NDArray[np.float64]

_SILENT_DB = -75.0
_UNDER_TOP_DB = 35.0
"""Softer than this under the loudest moments is a pause."""
_REPEAT_S = 1.0
_NEAREST_S, _FARTHEST_S = 0.7, 8.0
"""How long after its first time a stretch is looked for again."""
_RANGE_DB = 60.0
_LOUD_DB = 25.0
"""Under the loudest of the bands: softer frames are noise, which is like any other noise."""
_BANDS = 20
_SOUNDING = 0.45
"""Of the window: two pauses are alike in everybody's speech."""
_END_S = 0.02
_SAID_TWICE = 14
"""Characters that stand in the text twice: then they may be heard twice."""


@dataclass(frozen=True)
class Figures:
    seconds: float
    spoken_s: float
    """Without silence before, after and in pauses longer than a breath."""
    lufs: float | None
    clipped: int
    """Places with peaks cut off flat."""
    lead_s: float
    trail_s: float
    gap_s: float
    """The longest pause between two words."""
    speech: float | None
    """0 to 1, of the likeliest two seconds."""
    end_db: float | None
    """Of the last 20 ms of the file, against the speaking voice."""
    repeat_db: float | None
    """How much a second of it differs from another second, at most alike; None: too short, or the text repeats itself."""
    said: float | None
    """Share of the text that the engine's own word times cover."""


def figures(samples: Samples, sample_rate: int, text: str, said_until: int | None = None) -> Figures:
    """`said_until`: past the last character the engine gave a time for."""
    mono = heard_mono(samples)
    frames = levels_db(samples, sample_rate)
    seconds = samples.shape[1] / sample_rate
    sounding = _sounding(frames)
    places = np.flatnonzero(sounding)
    if places.size == 0:
        return Figures(seconds, 0.0, None, 0, seconds, 0.0, 0.0, 0.0, None, None, None)
    first, past = int(places[0]), int(places[-1]) + 1
    pauses = runs(~sounding[first:past])
    lengths = (pauses[:, 1] - pauses[:, 0]) / FRAMES_PER_SECOND
    spectrum = measure(mono, sample_rate)
    letters = len(text.strip())
    return Figures(
        seconds=seconds,
        spoken_s=(past - first) / FRAMES_PER_SECOND - float(np.maximum(lengths - _BREATH_S, 0).sum()),
        lufs=integrated_lufs(samples, sample_rate),
        clipped=len(clipping.clipping(samples, sample_rate)),
        lead_s=first / FRAMES_PER_SECOND,
        trail_s=max(0.0, seconds - past / FRAMES_PER_SECOND),
        gap_s=float(lengths.max(initial=0.0)),
        speech=_speech(spectrum),
        end_db=_end_db(samples, sample_rate, frames, sounding),
        repeat_db=None if says_twice(text) else repeat_db(spectrum, sounding),
        said=None if said_until is None or letters == 0 else min(1.0, said_until / letters),
    )


_BREATH_S = 0.6


def _sounding(frames: Frames) -> NDArray[np.bool_]:
    if frames.size == 0 or float(frames.max()) < _SILENT_DB:
        return np.zeros(frames.size, dtype=np.bool_)
    top = float(np.percentile(frames[frames > _SILENT_DB], 95))
    return np.asarray(frames > max(_SILENT_DB, top - _UNDER_TOP_DB))


def _speech(spectrum: Spectrum) -> float | None:
    told = windows(spectrum)
    return float(told.max()) if told.size else None


def _end_db(samples: Samples, sample_rate: int, frames: Frames, sounding: NDArray[np.bool_]) -> float:
    """An engine that is done leaves a moment of decay or silence behind the last word; one that broke off does not."""
    speech = 10 * float(np.log10(np.mean(10 ** (frames[sounding] / 10))))
    ending = samples[:, -max(1, round(_END_S * sample_rate)) :]
    return 10 * float(np.log10(float(np.square(ending, dtype=np.float64).mean()) + 1e-12)) - speech


def repeat_db(spectrum: Spectrum, sounding: NDArray[np.bool_]) -> float | None:
    """The mean difference of two stretches of _REPEAT_S over 20 bands, for the two that are most alike."""
    from scipy.ndimage import uniform_filter1d

    mel = spectrum.mel_db.reshape(_BANDS, -1, spectrum.frames).mean(axis=1)
    count = min(mel.shape[1], sounding.size)
    loud = mel[:, :count].max(axis=0)
    awake = sounding[:count] & (loud > float(np.percentile(loud[sounding[:count]], 95)) - _LOUD_DB)
    mel = np.maximum(mel[:, :count], float(loud.max()) - _RANGE_DB).astype(np.float32)
    size = round(_REPEAT_S * FRAMES_PER_SECOND)
    best: float | None = None
    for lag in range(round(_NEAREST_S * FRAMES_PER_SECOND), round(_FARTHEST_S * FRAMES_PER_SECOND)):
        if count - lag < size:
            break
        both = (awake[lag:] & awake[:-lag]).astype(np.float32)
        apart = np.abs(mel[:, lag:] - mel[:, :-lag]).mean(axis=0)
        kept = slice(size // 2, both.size - size // 2)
        weight = uniform_filter1d(both, size, mode="constant")[kept]
        mean = uniform_filter1d(apart * both, size, mode="constant")[kept] / np.maximum(weight, 1e-6)
        enough = mean[weight >= _SOUNDING]
        if enough.size and (best is None or float(enough.min()) < best):
            best = float(enough.min())
    return best


def says_twice(text: str) -> bool:
    """Whether the text itself repeats a stretch of words."""
    plain = " ".join(re.findall(r"\w+", text.casefold()))
    seen: set[str] = set()
    last = ""
    for at in range(len(plain) - _SAID_TWICE + 1):
        piece = plain[at : at + _SAID_TWICE]
        if piece in seen:
            return True
        # A stretch overlapping itself ("ha ha ha ha") repeats as well, so each place counts at once.
        if last:
            seen.add(last)
        last = piece
    return False


def last_said(words: Sequence[tuple[int, int, float, float]] | None) -> int | None:
    return max((past for _, past, _, _ in words), default=0) if words is not None else None
