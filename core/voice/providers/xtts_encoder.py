"""Whose voice it is, by XTTS-v2's own encoder of speakers: for engines that have none, where its weights are there anyway."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.kit.errors import Cancelled, StudioError
from core.providers.base import Call
from core.voice.providers.coqui_process import CoquiProcess
from core.voice.providers.xtts_model import HEARD_AT, Loaded, heard, loaded
from core.voice.providers.xtts_speaking import with_model

NAME = "XTTS-v2"
_TIMEOUT_S = 120.0


@dataclass(frozen=True)
class EncodeRequest:
    speaker: tuple[Path, ...]
    samples: tuple[Path, ...]
    weights: Path
    device: str
    threads: int
    out: Path
    """Nothing is written; see CoquiProcess.run."""


class XttsEncoder:
    def __init__(self, process: CoquiProcess) -> None:
        self._process = process

    def similarities(self, speaker: Sequence[Path], samples: Sequence[Path], call: Call) -> list[float] | None:
        """Cosine of each sample to the mean of the speaker's recordings: 1 the same, about 0 a stranger. None where the
        encoder is not there, or cannot work now: nothing else may fail for that."""
        if self._process.lacks() is not None:
            return None
        process = self._process
        asked = EncodeRequest(
            tuple(speaker), tuple(samples), process.weights(), process.device, process.threads, call.folder / "none"
        )
        try:
            found: list[float] = process.run(encode, asked, call, _TIMEOUT_S)
        except Cancelled:
            raise
        except StudioError:
            return None
        return found


def encode(request: EncodeRequest, progress: Callable[[str, float], None]) -> list[float]:
    """Runs in the child."""

    def alike(model: Loaded) -> list[float]:
        known = [model.embedding(heard(path), HEARD_AT) for path in request.speaker]
        mean: Any = np.mean(known, axis=0)
        mean = mean / max(float(np.linalg.norm(mean)), 1e-9)
        return [round(float(np.dot(model.embedding(heard(path), HEARD_AT), mean)), 4) for path in request.samples]

    found: list[float] = with_model(request, loaded, alike, progress)
    return found
