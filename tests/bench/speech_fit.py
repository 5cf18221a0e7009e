"""Fit the weights of core/audio/speech.py on the tuning half: `python -m tests.bench.speech_fit --media DIR` prints them.

Speech: the spoken files, with rooms and noise put in. Not speech: music, stems, singing, composed pieces, noise.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.audio import spectrum, speech
from tests.bench import cases
from tests.bench.composed import pieces

_STEPS, _RATE, _DECAY = 4000, 0.3, 1e-3


def sounds(media: Path, composed: int, *, published: bool) -> Iterator[tuple[str, NDArray[np.float32], int, bool]]:
    """(source, mono, sample rate, whether it is speech) of one half."""
    for row, case in cases.spoken_or_not(media):
        if case.published is not published:
            continue
        yield case.base, case.samples[0], case.sample_rate, row
        if row and case.origin == "real":
            random = np.random.default_rng(len(case.id))
            for put in (cases.FAULTS["reverb"], cases.FAULTS["hiss"]):
                changed = put(case.samples.copy(), case.sample_rate, random).astype(np.float32)
                yield case.base, changed[0], case.sample_rate, row
    with tempfile.TemporaryDirectory() as bank:
        for piece in pieces(composed, Path(bank)):
            if cases.published(piece.id) is published:
                yield piece.id, piece.samples.mean(axis=0), piece.sample_rate, False
    noise = np.random.default_rng(int(published)).standard_normal(441_000).astype(np.float32) * 0.1
    yield "noise", noise, 44100, False


def fit(features: NDArray[np.float64], spoken: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """(means, spreads, weights, bias) of a logistic regression in which both classes weigh the same."""
    means, spreads = features.mean(axis=0), features.std(axis=0) + 1e-9
    z = (features - means) / spreads
    weights, bias = np.zeros(z.shape[1]), 0.0
    fair = np.where(spoken > 0, 0.5 / spoken.mean(), 0.5 / (1 - spoken.mean()))
    for _ in range(_STEPS):
        wrong = fair * (1 / (1 + np.exp(-(z @ weights + bias))) - spoken)
        weights -= _RATE * (z.T @ wrong / spoken.size + _DECAY * weights)
        bias -= _RATE * float(wrong.mean())
    return means, spreads, weights, np.asarray(bias)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path, required=True)
    parser.add_argument("--composed", type=int, default=60)
    given = parser.parse_args()
    rows, spoken = [], []
    for _, mono, rate, truth in sounds(given.media, given.composed, published=False):
        features, silent = speech.measured(spectrum.measure(np.ascontiguousarray(mono), rate))
        rows.append(features[~silent])
        spoken += [float(truth)] * int((~silent).sum())
    names = ("MEANS", "SPREADS", "WEIGHTS", "BIAS")
    for name, values in zip(names, fit(np.concatenate(rows), np.asarray(spoken)), strict=True):
        print(f"{name} = {np.round(values, 4).tolist()}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
