"""A voice learnt from recordings: the profile's file, what it says of the speaker, and how near the matched voice comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.kit.errors import UserError
from core.voice.matching.bases import calibrate, calibration, say, spoken_by
from core.voice.matching.characteristics import Characteristics, characteristics
from core.voice.matching.laying import lay
from core.voice.matching.likeness import Likeness, likeness
from core.voice.matching.profile import MOST_RECORDINGS, Heard, Profile, Recording, listen, measure, together
from core.voice.providers.espeak_process import SAMPLE_RATE

_SAMPLE = (
    "Every autumn the geese fly over our house, loud and low, on their way to warmer fields. My daughter counts them from "
    "the kitchen window, and yesterday she reached ninety four before her soup went cold."
)
"""Spoken to measure the likeness: other words than those the base voice was measured on."""
_LEAST_HELD_S = 2.0


@dataclass(frozen=True)
class Training:
    """What train() is asked, for a child process."""

    paths: tuple[Path, ...]
    out: Path
    cache: Path | None = None
    """A folder where the base voices' figures are kept (Call.cache)."""
    samples: Path | None = None
    """A folder for what the likeness is measured on: before.wav and after.wav."""


@dataclass(frozen=True)
class TrainedProfile:
    path: Path
    characteristics: Characteristics
    quality_score: float
    """0 to 1: Distance.score of a sample of the matched voice."""
    quality_basis: str
    """How it was measured, for the user."""
    likeness: Likeness
    base: str
    """The embedded voice of an English text."""
    voiced_s: float
    against: tuple[Path, ...] = ()
    """Recordings that the likeness was measured against."""


def training(asked: Training, progress: Callable[[str, float], None]) -> TrainedProfile:
    """For Children.run."""
    return train(asked.paths, asked.out, progress, cache=asked.cache, samples=asked.samples)


def train(
    paths: Sequence[Path],
    out: Path,
    progress: Callable[[str, float], None] = lambda stage, fraction: None,
    *,
    cache: Path | None = None,
    samples: Path | None = None,
) -> TrainedProfile:
    """1 to 10 cleaned recordings of one person; the profile is written to `out` whole. UserError for files without sound
    or without a voice. With more than one recording the last that holds a voice is kept out of the profile that is judged,
    and the likeness is measured against it; the profile that is written has learnt from all."""
    recordings = [_read(path) for path in _counted(paths)]
    progress("listening", 0.1)
    heard = listen(recordings, lambda fraction: progress("listening", 0.1 + 0.6 * fraction))
    parts = [part for part in heard if part is not None]
    profile = together(parts)
    held, judged, target, basis = _held_back(parts, profile)
    useful = [path for path, part in zip(paths, heard, strict=True) if part is not None]
    progress("speaking a sample", 0.7)
    base = spoken_by(judged, "")
    plain = calibrate(calibration(base, cache))
    before = say(base, _SAMPLE)
    after, rate = lay(before, SAMPLE_RATE, judged, plain)
    progress("comparing", 0.85)
    found = likeness(measure([(before, SAMPLE_RATE)]), measure([(after, rate)]), target)
    if samples is not None:
        _keep(samples / "before.wav", before, SAMPLE_RATE)
        _keep(samples / "after.wav", after, rate)
    part = out.with_name(f"{out.name}.part")
    profile.save(part)
    part.replace(out)
    progress("done", 1.0)
    return TrainedProfile(
        out, characteristics(profile), round(found.after.score, 3), basis, found, spoken_by(profile, ""), profile.voiced_s,
        tuple(useful if held is None else useful[held : held + 1]),
    )  # fmt: skip


def _counted(paths: Sequence[Path]) -> Sequence[Path]:
    if not 1 <= len(paths) <= MOST_RECORDINGS:
        raise UserError(f"{len(paths)} recordings cannot be learnt from.", f"Give 1 to {MOST_RECORDINGS}.")
    return paths


def _read(path: Path) -> Recording:
    from core.audio import files

    audio = files.decode(path)
    return audio.samples, audio.sample_rate


def _keep(path: Path, samples: NDArray[np.float32], rate: int) -> None:
    import soundfile

    soundfile.write(path, samples.T, rate, subtype="PCM_16")


def _held_back(parts: Sequence[Heard], profile: Profile) -> tuple[int | None, Profile, Profile, str]:
    """(which was kept out, the profile that is judged, the one it is judged against, how)."""
    for index in reversed(range(len(parts))):
        rest = [*parts[:index], *parts[index + 1 :]]
        if parts[index].voiced_s >= _LEAST_HELD_S and sum(part.voiced_s for part in rest) >= _LEAST_HELD_S:
            return (
                index,
                together(rest),
                together([parts[index]]),
                "Measured against a recording kept out of the training.",
            )
    return (
        None,
        profile,
        profile,
        "Measured against the training recordings themselves, so it flatters: add another one.",
    )
