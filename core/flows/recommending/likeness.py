"""How alike two recordings are, by what was measured of them. Each difference is told in spreads of the library it is
searched in: five beats a minute are much where everything has the same tempo, and nothing where it ranges widely."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.kit.children import Progress
from core.kit.errors import StudioError
from core.music.composer.keys import Key

LISTENED_S = 60.0
"""Of each recording: its middle."""
WEIGHTS: Mapping[str, float] = {
    "tempo": 1.5,
    "key": 1.0,
    "loudness": 0.7,
    "energy": 1.0,
    "brightness": 1.0,
    "rolloff": 0.5,
    "onsets": 1.0,
}
_LEAST: Mapping[str, float] = {
    "tempo": 0.06, "key": 2.0, "loudness": 1.0, "energy": 0.05, "brightness": 0.2, "rolloff": 0.2, "onsets": 0.5,
}  # fmt: skip
"""The smallest spread: in a library of one kind, what nobody hears is no difference."""
_UNKNOWN = 1.5
"""In spreads: a piece that does not tell of itself is neither near nor far."""
_ALIKE = 0.5
"""In spreads: told as a likeness."""
_WHOLE_BYTES = 2**31


@dataclass(frozen=True)
class Heard:
    """Of one recording. None: not known."""

    tempo: float | None = None
    key: Key | None = None
    loudness: float | None = None
    energy: float | None = None
    """0 to 1: how full its waveform is, beside its own loudest moment."""
    brightness: float | None = None
    """Hz"""
    rolloff: float | None = None
    """Hz under which 85 % of its power lies."""
    onsets: float | None = None
    """A second."""


def spreads(heard: Sequence[Heard]) -> dict[str, float]:
    """Of each measure, in its own units (octaves for what is heard as a ratio)."""
    found = {}
    for name in WEIGHTS:
        if name == "key":
            found[name] = _LEAST[name]
            continue
        values = [_scale(name, value) for each in heard if (value := getattr(each, name)) is not None]
        found[name] = max(_LEAST[name], float(np.std(values)) if len(values) > 1 else 0.0)
    return found


def compared(one: Heard, other: Heard, spread: Mapping[str, float]) -> tuple[float, str]:
    """(distance in spreads, 0 the same; why in words)."""
    total = weights = 0.0
    words: list[tuple[float, str]] = []
    apart: list[tuple[float, str]] = []
    for name, weight in WEIGHTS.items():
        here, there = getattr(one, name), getattr(other, name)
        if here is None:
            continue
        away = _UNKNOWN if there is None else _away(name, here, there) / spread[name]
        total, weights = total + weight * away * away, weights + weight
        if there is None:
            continue
        said = _words(name, here, there)
        (words if away <= _ALIKE else apart).append((away, said))
    distance = math.sqrt(total / weights) if weights else _UNKNOWN
    near = [said for _, said in sorted(words)]
    far = [said for away, said in sorted(apart, reverse=True) if away > 1][:2]
    told = "alike: " + ", ".join(near) if near else "nothing very near"
    return round(distance, 3), told + (f"; apart: {', '.join(far)}" if far else "")


def fullness(peaks: Sequence[int]) -> float | None:
    """Of a waveform as the library keeps it."""
    top = max(peaks, default=0)
    return float(np.mean(peaks)) / top if top else None


def measure_in_child(paths: Sequence[tuple[str, str]], progress: Progress) -> dict[str, dict[str, float]]:
    """(name, file) of each → its spectrum and onsets, by name. What cannot be read is left out."""
    found = {}
    for number, (name, path) in enumerate(paths):
        progress("Listening", number / len(paths))
        try:
            found[name] = _measure(path)
        except StudioError:
            continue
    return found


def _measure(path: str) -> dict[str, float]:
    from core.audio import files, spectrum

    audio = files.decode(path)
    mono = audio.samples.mean(axis=0)
    keep = round(LISTENED_S * audio.sample_rate)
    first = max(0, (mono.size - keep) // 2)
    taken = spectrum.measure(np.ascontiguousarray(mono[first : first + keep]), audio.sample_rate)
    centre, rolloff = spectrum.centre_and_rolloff(taken)
    flux = taken.flux
    level = float(flux.mean() + flux.std())
    rises = (flux[1:-1] > level) & (flux[1:-1] >= flux[:-2]) & (flux[1:-1] > flux[2:])
    seconds = max(0.1, flux.size / spectrum.FRAMES_PER_SECOND)
    return {
        "brightness": round(centre, 1),
        "rolloff": round(rolloff, 1),
        "onsets": round(float(rises.sum()) / seconds, 3),
    }


def _scale(name: str, value: float) -> float:
    return math.log2(max(1.0, value)) if name in ("tempo", "brightness", "rolloff") else value


def _away(name: str, here: Any, there: Any) -> float:
    if name == "key":
        return float(fifths(here, there))
    away = abs(_scale(name, here) - _scale(name, there))
    # Half and double tempo are danced to alike; a little is lost all the same.
    return min(away, abs(away - 1) + 0.05) if name == "tempo" else away


def fifths(one: Key, other: Key) -> int:
    """0 to 6: steps on the circle of fifths between the scales; a key and its relative one have the same notes."""
    home = [(key.tonic + (3 if key.mode == "minor" else 0)) * 7 % 12 for key in (one, other)]
    steps = abs(home[0] - home[1])
    return min(steps, 12 - steps)


def _words(name: str, here: Any, there: Any) -> str:
    match name:
        case "tempo":
            return f"{there:.0f} BPM beside {here:.0f}"
        case "key":
            return f"{there.label} beside {here.label}"
        case "loudness":
            return f"{there:.1f} LUFS beside {here:.1f}"
        case "energy":
            return f"energy {there:.2f} beside {here:.2f}"
        case "brightness":
            return f"brightness {there / 1000:.1f} kHz beside {here / 1000:.1f}"
        case "rolloff":
            return f"treble up to {there / 1000:.1f} kHz beside {here / 1000:.1f}"
        case _:
            return f"{there:.1f} onsets a second beside {here:.1f}"
