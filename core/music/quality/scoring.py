"""The score of a piece: measure() on samples, score_file() for a job, which measures in a child process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.kit.children import Children, Progress
from core.kit.errors import UserError
from core.music.quality import image, level, repetition, request, seam
from core.music.quality.agreement import Agreement, with_agreement
from core.music.quality.hearing import LONGEST_S, Heard, hear
from core.music.quality.rules import part, rules, total, unmeasured
from core.music.quality.types import Asked, Part, Score

Samples = NDArray[np.float32]

_PARTS: tuple[Callable[[Heard, Asked], Part], ...] = (
    request.tempo, request.key, request.length, level.loudness, level.peak, level.clipping, level.clicks, level.silence,
    level.ending, seam.seam, repetition.repetition, repetition.order, level.dynamics, image.balance, image.treble,
    image.width, image.fold_down, level.noise, level.offset, request.talking,
)  # fmt: skip
SHORTEST_S = 1.0
_TIMEOUT_S = 300.0


@dataclass(frozen=True)
class Work:
    """What the child needs."""

    path: str
    asked: Asked


def measure(samples: Samples, rate: int, asked: Asked, progress: Progress | None = None) -> Score:
    """`samples` (channels, frames). For a child process: essentia runs in here. UserError for what cannot be measured
    at all: values that are not numbers, and less than a second."""
    if samples.ndim != 2 or samples.shape[0] < 1 or samples.shape[1] < SHORTEST_S * rate:
        raise UserError("The piece is shorter than a second.", "Give at least one second of sound.", "too_short")
    if samples.shape[1] > LONGEST_S * rate:
        raise UserError(
            f"The piece is longer than {LONGEST_S / 60:.0f} minutes.", "Score a part of it.", "too_long"
        )  # fmt: skip
    tell = progress or (lambda stage, fraction: None)
    heard = hear(samples, rate, asked.bpm, tell)
    if heard.silent:
        return _nothing(heard)
    parts = tuple(each(heard, asked) for each in _PARTS)
    tell("Measuring", 1.0)
    return total((*parts, unmeasured("agreement", "The prompt was not compared with the sound.")))


def _nothing(heard: Heard) -> Score:
    """Silence: one part says so, and there is nothing else to measure."""
    note = "The whole piece is silent."
    told = part("silence", round(heard.seconds, 1), "sound", 0.0, note)
    rest = (name for name in rules()["parts"] if name != "silence")
    return total((told, *(unmeasured(name, note) for name in rest)))


def measured(work: Work, progress: Progress) -> Score:
    """The child's side."""
    from core.audio.files import decode

    progress("Reading", 0.0)
    audio = decode(work.path)
    return measure(audio.samples, audio.sample_rate, work.asked, progress)


def score_file(
    children: Children,
    path: str | Path,
    asked: Asked,
    *,
    agreement: Agreement | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    timeout_s: float = _TIMEOUT_S,
) -> Score:
    """UserError for what decode() or measure() refuses, Cancelled, and ProviderError past the time limit. With
    `agreement` the prompt is compared with the sound as well, if its model is there."""
    work = Work(str(Path(path).absolute()), asked)
    score = children.run(measured, work, progress=progress, cancelled=cancelled, timeout_s=timeout_s)
    assert isinstance(score, Score)
    if agreement is None or not asked.prompt:
        return score
    return with_agreement(score, agreement.part(children, path, asked.prompt, cancelled))
