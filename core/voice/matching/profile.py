"""What is kept of a voice: figures that say how it sounds, none of the sound. The average of its voiced speech."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.kit.errors import UserError
from core.voice.matching import scale
from core.voice.matching.formants import formants_hz, tract_cm
from core.voice.matching.pace import peaks_per_second, speaking
from core.voice.matching.world import FRAMES_PER_SECOND, RATE, Analysed, Frames, analyse

Recording = tuple[NDArray[np.float32], int]
"""(channels, frames) and its rate: speech of one person, already cleaned."""

VERSION = 1
MOST_RECORDINGS = 10
MOST_SECONDS = 120.0
"""Of all recordings together: the mean of a voice no longer moves after that, and the time it takes does."""
_LEAST_VOICED_S = 0.5
_KIND = "voice-matching-profile"
_LARGEST_BYTES = 100_000
_EMPTY_DB = 62.0
_SILENT = 1e-5


@dataclass(frozen=True)
class Profile:
    f0_hz: float
    """Median."""
    spread_semitones: float
    """Of the pitch around it: a standard deviation, taken from the 10th and 90th percentile."""
    floor_hz: float
    ceiling_hz: float
    """2nd and 98th percentile."""
    timbre_db: tuple[float, ...]
    """(scale.BANDS,) mean log spectrum of voiced speech without its level."""
    power_db: tuple[float, ...]
    """The same of the mean power, in which the loud vowels count most."""
    top_hz: float
    """Up to where the recordings hold anything; beyond, timbre_db says nothing."""
    breath_db: tuple[float, ...]
    """(len(scale.BREATH_HZ),) mean share of noise."""
    tilt_db_per_octave: float
    tract_cm: float
    """0: not known."""
    peaks_per_second: float
    """Peaks of loudness while speaking, about the syllables; 0: not known."""
    voiced_s: float
    recordings: int

    @property
    def known(self) -> NDArray[np.bool_]:
        """(scale.BANDS,)"""
        return np.asarray(scale.centres() < self.top_hz)

    def save(self, path: Path) -> None:
        written = {"kind": _KIND, "version": VERSION, **asdict(self)}
        path.write_text(json.dumps(written, separators=(",", ":")), encoding="utf-8")


def load(path: Path) -> Profile:
    """UserError for whatever save() did not write."""
    try:
        with path.open("rb") as file:
            raw = json.loads(file.read(_LARGEST_BYTES))
        if raw.pop("kind") != _KIND:
            raise ValueError
        version = raw.pop("version")
        if version != VERSION:
            raise UserError(
                f"The voice's profile is of version {str(version)[:20]}, this studio reads version {VERSION}.",
                "Train the voice again.", "profile_version",
            )  # fmt: skip
        fields: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in raw.items()}
        found = Profile(**fields)
        _check(found)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise UserError(
            "The voice's profile cannot be read: its file is damaged, or is none.", "Train the voice again.",
            "profile_damaged",
        ) from None  # fmt: skip
    return found


def _check(found: Profile) -> None:
    """ValueError or TypeError for figures that no voice has."""
    if {len(found.timbre_db), len(found.power_db)} != {scale.BANDS} or len(found.breath_db) != len(scale.BREATH_HZ):
        raise ValueError
    single = [value for value in asdict(found).values() if not isinstance(value, tuple)]
    if not all(math.isfinite(value) for value in (*single, *found.timbre_db, *found.power_db, *found.breath_db)):
        raise ValueError
    if not 40 <= found.f0_hz <= 1000 or not 0 <= found.spread_semitones <= 24 or found.top_hz < 1000:
        raise ValueError
    if not 0 <= found.tract_cm <= 40 or max(map(abs, (*found.timbre_db, *found.power_db))) > 200:
        raise ValueError


def measure(recordings: Sequence[Recording], progress: Callable[[float], None] = lambda fraction: None) -> Profile:
    """UserError where nobody speaks in them. An eighth of their length, of which no more than MOST_SECONDS is heard."""
    return together([part for part in listen(recordings, progress) if part is not None])


def listen(
    recordings: Sequence[Recording], progress: Callable[[float], None] = lambda fraction: None
) -> list[Heard | None]:
    """What each recording tells; None where nobody speaks in it."""
    if not 1 <= len(recordings) <= MOST_RECORDINGS:
        raise UserError(f"{len(recordings)} recordings cannot be learnt from.", f"Give 1 to {MOST_RECORDINGS}.")
    found = []
    for index, (samples, rate) in enumerate(recordings):
        progress(index / len(recordings))
        found.append(_heard(samples, rate, MOST_SECONDS / len(recordings)))
    return found


def together(parts: Sequence[Heard]) -> Profile:
    """UserError where they hold no voice."""
    voiced_s = sum(part.voiced_s for part in parts)
    if voiced_s < _LEAST_VOICED_S:
        raise UserError(
            "Nobody can be heard speaking in the recordings.",
            "Give 10 to 60 s of one person speaking with full voice, not whispering.", "no_voice",
        )  # fmt: skip
    return _together(parts, voiced_s)


@dataclass(frozen=True)
class Heard:
    """Of one recording."""

    f0: Frames
    timbre: Frames
    """(BANDS,)"""
    power: Frames
    top_hz: float
    breath: Frames
    tract_cm: float
    pace: float
    speaking_s: float

    @property
    def voiced_s(self) -> float:
        return int(self.f0.size) / FRAMES_PER_SECOND


def _heard(samples: NDArray[np.float32], rate: int, seconds: float) -> Heard | None:
    from core.audio.effects import resample
    from core.audio.mono import heard

    mono = heard(samples[:, : round(seconds * rate)])
    if not np.isfinite(mono).all():
        raise UserError("The sound holds values that are not numbers.", "Render it again.", "not_finite")
    if mono.size < rate // 20 or float(np.abs(mono).max(initial=0.0)) < _SILENT:
        return None
    found = analyse(resample(mono[None], rate, RATE)[0])
    voiced = found.voiced
    if voiced.sum() < 20:
        return None
    envelope = found.envelope[voiced]
    bands = scale.banded_db(envelope)
    top = min(_top_hz(bands), 0.47 * rate)
    return Heard(
        found.f0[voiced], scale.levelled(bands.mean(axis=0)),
        scale.levelled(10 * np.log10((10 ** (bands / 10)).mean(axis=0))), top, scale.breath_db(found.aperiodicity[voiced]).mean(axis=0),
        tract_cm(formants_hz(envelope[::2], top)), peaks_per_second(found), _speaking_s(found),
    )  # fmt: skip


def _speaking_s(found: Analysed) -> float:
    return float(speaking(found.voiced).sum()) / FRAMES_PER_SECOND


def _top_hz(bands: Frames) -> float:
    """Where the sound ends: voiced frames at their brightest, against their loudest band."""
    bright = np.percentile(bands, 97, axis=0)
    return float(scale.centres()[np.flatnonzero(bright > bright.max() - _EMPTY_DB)[-1]])


def _together(parts: Sequence[Heard], voiced_s: float) -> Profile:
    f0 = np.concatenate([part.f0 for part in parts])
    floor, low, middle, high, ceiling = np.percentile(f0, [2, 10, 50, 90, 98])
    weights = np.asarray([part.f0.size for part in parts], dtype=np.float64)
    top = max(part.top_hz for part in parts)
    # A band is known from those recordings that reach it; where none does, the fullest one stands in.
    reach = np.asarray([scale.centres() < max(part.top_hz, 1000.0) for part in parts]) * weights[:, None]
    reach[int(np.argmax([part.top_hz for part in parts]))] += 1e-9
    reach /= reach.sum(axis=0)
    timbre = (np.asarray([part.timbre for part in parts]) * reach).sum(axis=0)
    power = (np.asarray([part.power for part in parts]) * reach).sum(axis=0)
    breath = np.average([part.breath for part in parts], axis=0, weights=weights)
    sized = [(part.tract_cm, part.f0.size) for part in parts if part.tract_cm > 0]
    paced = [(part.pace, part.speaking_s) for part in parts if part.pace > 0]
    return Profile(
        f0_hz=round(float(middle), 2),
        spread_semitones=round(float(12 * np.log2(high / low) / 2.563), 3),
        floor_hz=round(float(floor), 1),
        ceiling_hz=round(float(ceiling), 1),
        timbre_db=tuple(round(float(value), 3) for value in timbre),
        power_db=tuple(round(float(value), 3) for value in power),
        top_hz=round(float(top), 1),
        breath_db=tuple(round(float(value), 3) for value in breath),
        tilt_db_per_octave=round(_tilt(timbre, top), 3),
        tract_cm=round(_mean(sized), 2),
        peaks_per_second=round(_mean(paced), 3),
        voiced_s=round(voiced_s, 2),
        recordings=len(parts),
    )


def _mean(weighted: Sequence[tuple[float, float]]) -> float:
    total = sum(weight for _, weight in weighted)
    return sum(value * weight for value, weight in weighted) / total if total else 0.0


def _tilt(timbre: Frames, top_hz: float) -> float:
    middle = scale.centres()
    inside = (middle > 200) & (middle < min(5000.0, top_hz))
    return float(np.polyfit(np.log2(middle[inside]), timbre[inside], 1)[0])
