"""What can be said of a speaker from the figures, and how surely. What cannot is `unknown`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from core.voice.matching.profile import Profile

_MIDDLE_HZ = 160.0
"""Between men's and women's speaking pitch."""
_SURE_SEMITONES = 2.25
_MAN_CM, _WOMAN_CM = 17.2, 15.5
"""Throats that contradict the other pitch."""
_CHILD_HZ, _CHILD_CM = 265.0, 13.5
_GROWN_HZ = 165.0
_ENOUGH_S = 15.0
"""Of voiced speech; under it every confidence falls."""


@dataclass(frozen=True)
class Estimate:
    value: str
    confidence: float
    """0 to 1."""


@dataclass(frozen=True)
class Characteristics:
    gender: Estimate
    """male, female or unknown: as the pitch sounds, which is not who somebody is."""
    age_range: Estimate
    """child, adult (a voice that has broken: from about 14) or unknown."""
    pitch_hz: float
    pitch_low_hz: float
    pitch_high_hz: float
    pitch_confidence: float
    syllables_per_minute: float
    """Peaks of loudness, while speaking; 0: unknown."""
    rate_confidence: float

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def characteristics(profile: Profile) -> Characteristics:
    enough = min(1.0, profile.voiced_s / _ENOUGH_S) ** 0.5
    rate = round(60 * profile.peaks_per_second)
    return Characteristics(
        _gender(profile, enough), _age(profile, enough), round(profile.f0_hz, 1), profile.floor_hz, profile.ceiling_hz,
        round(0.95 * enough, 2), rate, round(0.6 * enough, 2) if rate else 0.0,
    )  # fmt: skip


def _gender(profile: Profile, enough: float) -> Estimate:
    above = float(12 * np.log2(profile.f0_hz / _MIDDLE_HZ))
    told = "female" if above > 0 else "male"
    contradicted = profile.tract_cm > _MAN_CM if above > 0 else 0 < profile.tract_cm < _WOMAN_CM
    surely = 1 / (1 + np.exp(-abs(above) / 1.3))
    if abs(above) < _SURE_SEMITONES or contradicted:
        return Estimate("unknown", round(0.3 * enough, 2))
    return Estimate(told, round(min(0.95, float(surely)) * enough, 2))


def _age(profile: Profile, enough: float) -> Estimate:
    if profile.f0_hz < _GROWN_HZ:
        return Estimate("adult", round(0.8 * enough, 2))
    if profile.f0_hz > _CHILD_HZ and 0 < profile.tract_cm < _CHILD_CM:
        return Estimate("child", round(0.5 * enough, 2))
    return Estimate("unknown", round(0.2 * enough, 2))
