"""How near it came: the same figures before and after, each measured on the sound itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from core.voice.matching.profile import Profile

LABEL = "Voice matching, not a clone"
_LEAST_VOICED_S = 1.0
_WORST = {"pitch_semitones": 6.0, "spread_semitones": 2.5, "spectrum_db": 9.0, "tract_percent": 15.0}
_WEIGHTS = {"pitch_semitones": 0.3, "spread_semitones": 0.1, "spectrum_db": 0.45, "tract_percent": 0.15}


@dataclass(frozen=True)
class Distance:
    """Of one speech from one profile; 0 is alike."""

    pitch_semitones: float
    """Between the medians, signed: above 0 it is higher than wanted."""
    spread_semitones: float
    spectrum_db: float
    """Root mean square over the bands that both hold, levels aside."""
    tract_percent: float | None
    """Of the length of the throat, that is of the formants' place; None where one of them is not known."""

    @property
    def score(self) -> float:
        """1 alike, 0 as far as voices usually are from each other: 6 semitones, 9 dB, a man's throat against a woman's."""
        away = {name: abs(value) for name, value in asdict(self).items() if value is not None}
        total = sum(_WEIGHTS[name] for name in away)
        return float(sum(_WEIGHTS[name] * max(0.0, 1 - away[name] / _WORST[name]) for name in away) / total)


@dataclass(frozen=True)
class Likeness:
    before: Distance
    after: Distance
    measured_s: float
    """Voiced speech it was measured on."""
    sentence: str

    def as_dict(self) -> dict[str, Any]:
        """JSON as it stands."""
        found = asdict(self)
        found["before"]["score"], found["after"]["score"] = round(self.before.score, 3), round(self.after.score, 3)
        return {"label": LABEL, **found}


def distance(speech: Profile, wanted: Profile) -> Distance:
    both = speech.known & wanted.known
    ours, theirs = np.asarray(speech.timbre_db), np.asarray(wanted.timbre_db)
    away = (ours - theirs)[both]
    tract = None
    if speech.tract_cm > 0 and wanted.tract_cm > 0:
        tract = round(100 * (wanted.tract_cm / speech.tract_cm - 1), 2)
    return Distance(
        round(float(12 * np.log2(speech.f0_hz / wanted.f0_hz)), 3),
        round(speech.spread_semitones - wanted.spread_semitones, 3),
        round(float(np.sqrt(np.square(away - away.mean()).mean())), 3),
        tract,
    )


def likeness(before: Profile, after: Profile, wanted: Profile) -> Likeness:
    """`before` and `after`: measured on the embedded voice and on what was made of it, speaking the same words."""
    first, last = distance(before, wanted), distance(after, wanted)
    seconds = min(before.voiced_s, after.voiced_s)
    return Likeness(first, last, round(seconds, 2), _sentence(first, last, seconds))


def _sentence(first: Distance, last: Distance, seconds: float) -> str:
    if seconds < _LEAST_VOICED_S:
        return f"{LABEL}: with {seconds:.1f} s of voice it is too short to measure how near it came."
    return (
        f"{LABEL}: the pitch came from {abs(first.pitch_semitones):.1f} to {abs(last.pitch_semitones):.1f} semitones "
        f"beside the speaker's, the timbre from {first.spectrum_db:.1f} to {last.spectrum_db:.1f} dB."
    )
