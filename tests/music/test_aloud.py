"""A piece rendered window after window, for who listens meanwhile: the same samples are kept, and nothing clicks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.audio.loudness import integrated_lufs
from core.music.composer.score import Note, Part
from core.music.composer.synth import render
from core.music.composer.synth.aloud import borders
from core.music.composer.synth.shape import SAMPLE_RATE, Filter, Sound, biquad, filtered
from core.music.composer.synth.space import BLOCK
from tests import warm
from tests.music.test_render import small_score


class Ear:
    def __init__(self) -> None:
        self.windows: list[Sound] = []

    def write(self, sound: Sound) -> None:
        self.windows.append(sound.copy())


@pytest.fixture(scope="module")
def bank() -> Path:
    return warm.cache("notes")


GUITAR = Part(
    "guitar", "chords", "chords", "distorted_guitar", tuple(Note(b * 4.0, 3.5, 52, 60 + 10 * b) for b in range(4))
)


@pytest.mark.parametrize(
    "wanted",
    [
        {"genre": "lo-fi"},  # a tape, the kit's glue and its ducking
        {
            "genre": "rock",
            "ending": "fade",
            "parts": (*small_score().parts, GUITAR),
        },  # an amplifier set by its whole line
        {"genre": "house", "loopable": True},  # echoes; a tail that is heard at the start of the kept file alone
    ],
)
def test_who_listens_changes_nothing_and_hears_the_piece(wanted: dict[str, object], bank: Path) -> None:
    score = small_score(**wanted)
    ear = Ear()
    aloud, whole = render(score, bank=bank, aloud=ear), render(score, bank=bank)
    assert np.array_equal(aloud.mix, whole.mix)
    assert all(np.array_equal(sound, whole.stems[name]) for name, sound in aloud.stems.items())
    assert len(ear.windows) > 1
    heard = np.concatenate(ear.windows, axis=1)
    assert heard.shape == whole.mix.shape
    begun = 0 if not score.loopable else 4 * SAMPLE_RATE
    assert np.corrcoef(heard[0, begun:], whole.mix[0, begun:])[0, 1] > 0.95
    loud = integrated_lufs(heard, SAMPLE_RATE)
    assert loud is not None
    assert abs(loud - whole.lufs) < 3.0
    assert np.abs(heard).max() < 1.0
    for border in np.cumsum([each.shape[1] for each in ear.windows])[:-1]:
        step = np.abs(np.diff(heard, axis=1))
        near = np.concatenate([step[:, border - 2000 : border - 2], step[:, border + 2 : border + 2000]], axis=1)
        assert (step[:, border - 1] <= near.max(axis=1) * 1.05 + 1e-4).all(), "a click where windows meet"


def test_a_filter_goes_on_over_windows() -> None:
    sound = np.random.default_rng(1).standard_normal((2, 5000)).astype(np.float32)
    sections = (biquad("high", 300), biquad("peak", 1000, 1.0, 4.0))
    one = Filter(*sections)
    joined = np.concatenate([one.next(sound[:, :1234]), one.next(sound[:, 1234:])], axis=1)
    assert np.array_equal(joined, filtered(sound, *sections))


def test_windows_are_whole_blocks_and_the_last_is_no_scrap() -> None:
    assert borders(100) == [100]
    assert borders(2 * BLOCK + 5) == [BLOCK, 2 * BLOCK + 5]
    assert borders(3 * BLOCK - 1) == [BLOCK, 2 * BLOCK, 3 * BLOCK - 1]
    assert borders(2 * BLOCK) == [BLOCK, 2 * BLOCK]
