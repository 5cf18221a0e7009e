"""Learning a voice, in the process that keeps the model: latents of all recordings, and a sample by which they are judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.kit.errors import UserError
from core.voice.providers.xtts_model import HEARD_AT, RATE, Loaded, heard, loaded
from core.voice.providers.xtts_speaking import chunks, utter, with_model
from core.voice.providers.xtts_voices import Language

_LEAST_S = 1.0


@dataclass(frozen=True)
class LearnRequest:
    recordings: tuple[Path, ...]
    text: str
    """Of the sample."""
    language: Language
    weights: Path
    fingerprint: str
    device: str
    threads: int
    out: Path
    """The file of latents; the sample lies beside it."""
    seed: int | None = 1

    @property
    def sample(self) -> Path:
        return self.out.with_name("sample.wav")


@dataclass(frozen=True)
class Learned:
    similarity: float
    """Cosine between the embeddings of the sample and of recordings."""
    held_back: bool
    """Whether those recordings were kept out of what spoke the sample."""
    sample_s: float


def learn(request: LearnRequest, progress: Callable[[str, float], None]) -> Learned:
    def learned(model: Loaded) -> Learned:
        return _learn(request, model, progress)

    found: Learned = with_model(request, loaded, learned, progress)
    return found


def _learn(request: LearnRequest, model: Loaded, progress: Callable[[str, float], None]) -> Learned:
    recordings = [heard(path) for path in request.recordings]
    if sum(len(part) for part in recordings) < _LEAST_S * HEARD_AT:
        raise UserError("The recordings are too short to learn a voice from.", "Give 6 to 30 s of one speaker.")
    progress("Learning", 0.1)
    model.learn(recordings).save(request.out, request.fingerprint)
    judged = model.learn(recordings[:-1] or recordings)

    def say(text: str) -> NDArray[np.float32]:
        return model.say(text, request.language.code, judged, 1.0)

    asked = _Sample(request.text, request.seed, request.sample)
    spoken = utter(
        chunks(request.text, request.language, model), say, asked, RATE, model.device,
        lambda stage, share: progress("Speaking a sample", 0.3 + 0.6 * share),
    )  # fmt: skip
    target = model.embedding(recordings[-1], HEARD_AT)
    return Learned(_alike(embedding(model, request.sample), target), len(recordings) > 1, spoken.seconds)


@dataclass(frozen=True)
class _Sample:
    text: str
    seed: int | None
    out: Path


def embedding(model: Loaded, path: Path) -> NDArray[np.float32]:
    return model.embedding(heard(path), HEARD_AT)


def _alike(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return round(float(np.dot(one, other)), 4)
