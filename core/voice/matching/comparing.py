"""A voice that another engine made, held against its speaker by the same figures as a matched one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.kit.errors import UserError
from core.voice.matching.characteristics import Characteristics, characteristics
from core.voice.matching.likeness import Distance, distance
from core.voice.matching.profile import Profile, Recording, measure


@dataclass(frozen=True)
class Comparing:
    """For Children.run."""

    learned_from: tuple[Path, ...]
    against: tuple[Path, ...]
    """Recordings the sample is held against."""
    sample: Path


@dataclass(frozen=True)
class Compared:
    characteristics: Characteristics | None
    """Of the speaker; None where no voice was found in the recordings."""
    away: Distance | None
    """None where the sample or the recordings hold too little voice."""
    measured_s: float


def compare(asked: Comparing, progress: Callable[[str, float], None]) -> Compared:
    progress("Measuring", 0.0)
    speaker = _measured(asked.learned_from)
    progress("Measuring", 0.4)
    target = speaker if asked.against == asked.learned_from else _measured(asked.against)
    sample = _measured((asked.sample,))
    return Compared(
        None if speaker is None else characteristics(speaker),
        None if sample is None or target is None else distance(sample, target),
        0.0 if sample is None else sample.voiced_s,
    )  # fmt: skip


def _measured(paths: tuple[Path, ...]) -> Profile | None:
    try:
        return measure([_read(path) for path in paths])
    except UserError:
        return None


def _read(path: Path) -> Recording:
    from core.audio import files

    audio = files.decode(path)
    return audio.samples, audio.sample_rate
