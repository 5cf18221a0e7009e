"""A cello that answers is heard as a line: in a register of its own, above the pad where it plays."""

from __future__ import annotations

from itertools import chain
from statistics import median

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from core.music.composer.compose import CELLO, compose
from core.music.composer.score import Part, Score
from core.music.composer.synth import RenderedMusic, render
from core.music.composer.synth.shape import SAMPLE_RATE, pitch_hz
from core.music.types import Genre, MusicRequest

ABOVE_DB = 4.0


def cello_and_pad(score: Score) -> tuple[Part, Part] | None:
    cello = next((part for part in score.parts if part.instrument == CELLO and part.name != "melody"), None)
    pad = next((part for part in score.parts if part.role == "pad"), None)
    return (cello, pad) if cello and pad else None


def played(part: Part, score: Score, frames: int) -> NDArray[np.bool_]:
    found = np.zeros(frames, np.bool_)
    beat = 60 / score.bpm * SAMPLE_RATE
    for note in part.notes:
        found[round(note.beat * beat) : round((note.beat + note.beats) * beat)] = True
    return found


def over_db(score: Score, music: RenderedMusic) -> float:
    """How far the cello's stem stands above the pad's, among the cello's own notes, while both play."""
    found = cello_and_pad(score)
    assert found is not None
    cello, pad = found
    both = played(cello, score, music.mix.shape[1]) & played(pad, score, music.mix.shape[1])
    pitches = [note.pitch for note in cello.notes]
    band = butter(4, (pitch_hz(min(pitches) - 1), pitch_hz(max(pitches) + 1)), "band", fs=SAMPLE_RATE, output="sos")
    power = [np.square(sosfilt(band, music.stems[part.stem], axis=1)[:, both]).mean() for part in (cello, pad)]
    return 10 * float(np.log10(power[0] / (power[1] + 1e-12)))


@pytest.mark.parametrize(("genre", "seed"), [("orchestral", 3), ("orchestral", 24)])
def test_the_cello_stands_above_the_pad_in_its_own_band(genre: Genre, seed: int) -> None:
    score = compose(MusicRequest(genre=genre, seconds=24, seed=seed))
    assert over_db(score, render(score, bank=None)) > ABOVE_DB


@pytest.mark.parametrize("genre", ["orchestral", "folk"])
def test_it_has_a_register_of_its_own(genre: Genre) -> None:
    scores = [compose(MusicRequest(genre=genre, seconds=30, seed=seed)) for seed in range(20)]
    pairs = [pair for pair in map(cello_and_pad, scores) if pair]
    assert len(pairs) >= 3
    for cello, pad in pairs:
        low, high = ([note.pitch for note in part.notes] for part in (cello, pad))
        assert max(low) < median(high) - 3
        assert sum(pitch <= max(low) for pitch in high) <= 0.1 * len(high)
    assert len(set(chain.from_iterable((note.pitch for note in cello.notes) for cello, _ in pairs))) > 4
