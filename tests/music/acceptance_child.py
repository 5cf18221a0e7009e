"""One random piece, made, measured and exported: the work of test_acceptance, done in a child process."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.kit.children import Progress
from core.music.types import MusicRequest


@dataclass(frozen=True)
class Trial:
    request: MusicRequest
    formats: tuple[str, ...]
    bank: Path


def measure(trial: Trial, progress: Progress) -> dict[str, Any]:
    import numpy as np

    from core.audio import files, loudness
    from core.audio.analysis import analyse_samples
    from core.music.composer.compose import compose
    from core.music.composer.synth import render

    score = compose(trial.request)
    made = render(score, bank=trial.bank, workers=1, progress=progress)
    found = analyse_samples(made.mix, made.sample_rate, trial.request.bpm)
    residue = np.abs(made.mix - np.sum(list(made.stems.values()), axis=0)).max()
    target = loudness.LoudnessTarget("as made", found.lufs or -14.0, -1.0)
    exports = {}
    with tempfile.TemporaryDirectory() as folder:
        for form in trial.formats:
            path = Path(folder) / f"piece{files.file_format(form).extension}"
            loudness.encode_to_target(path, made.mix, made.sample_rate, form, target)
            again = files.decode(path)
            exports[form] = (
                loudness.integrated_lufs(again.samples, again.sample_rate),
                loudness.true_peak_dbtp(again.samples, again.sample_rate),
            )
    return {
        "asked": (trial.request.genre, trial.request.mood, trial.request.key, trial.request.bpm),
        "key": found.key,
        "bpm": found.bpm,
        "lufs": found.lufs,
        "residue_dbfs": float(20 * np.log10(max(residue, 1e-12))),
        "exports": exports,
    }
