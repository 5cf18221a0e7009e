"""What the composer makes, measured as sound: balance and width as in real recordings, endings, the seam of a loop."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from core.kit.paths import reference
from core.music.composer.compose import compose
from core.music.composer.synth import RenderedMusic, render
from core.music.types import Ending, Genre, MusicRequest
from tests import warm
from tests.bench.music_balance import figures

GENRES = get_args(Genre)
SLACK_DB = 3.0
"""Five recordings do not span what records are: so far beyond the outermost of them is still within reason."""


@pytest.fixture(scope="module")
def bank() -> Path:
    return warm.cache("notes")


def made(bank: Path, genre: Genre, seconds: float = 16, **more: object) -> RenderedMusic:
    request = MusicRequest.model_validate({"genre": genre, "seconds": seconds, "seed": 3, **more})
    return render(compose(request), bank=bank)


def check_balance(music: RenderedMusic) -> None:
    rows = reference("music/recordings")["recordings"]
    found = figures(music.mix, music.sample_rate)
    for n, level in enumerate(found["bands_db"]):
        spread = [row["bands_db"][n] for row in rows]
        assert min(spread) - SLACK_DB <= level <= max(spread) + SLACK_DB, (n, level, spread)
    for name in ("width_db", "crest_db"):
        spread = [row[name] for row in rows]
        assert min(spread) - SLACK_DB <= found[name] <= max(spread) + SLACK_DB, (name, found, spread)


def test_balance_width_and_crest_lie_within_real_recordings(bank: Path) -> None:
    check_balance(made(bank, "folk"))


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("genre", GENRES)
def test_every_genre_is_balanced_and_has_louder_and_quieter_parts(bank: Path, genre: Genre) -> None:
    for seed in (1, 2, 3):
        music = made(bank, genre, 60, seed=seed)
        check_balance(music)
        assert 3.0 <= figures(music.mix, music.sample_rate)["range_lu"] <= 22.0


def level_db(music: RenderedMusic, begin_s: float, end_s: float) -> float:
    part = music.mix[:, round(begin_s * music.sample_rate) : round(end_s * music.sample_rate)]
    return 20 * float(np.log10(np.sqrt(np.square(part, dtype=np.float64).mean()) + 1e-9))


def check_ending(music: RenderedMusic, ending: Ending, seconds: float) -> None:
    body = level_db(music, 2.0, seconds - 3.0)
    if ending == "cut":  # loud until it stops, then nothing at all; let go in some milliseconds, without a click
        rate, last = music.sample_rate, int(np.flatnonzero(np.abs(music.mix).max(axis=0))[-1])
        stop = last / rate
        assert stop > seconds - 1.5
        assert level_db(music, stop - 0.25, stop - 0.02) > body - 20
        assert not music.mix[:, last + 1 :].any()
        jumps = np.abs(np.diff(music.mix)).max(axis=0)
        assert jumps[last - rate // 1000 :].max() < 0.05 * jumps.max()
    elif ending == "fade":  # quieter every second, to nothing
        steps = [level_db(music, at, at + 1.0) for at in np.arange(seconds - 4.0, seconds)]
        assert steps[-1] < steps[1] - 12
        assert steps[-1] < body - 15
    else:  # the last chord is heard, rings, and is let go
        assert level_db(music, seconds - 1.7, seconds - 1.0) > body - 20
        assert level_db(music, seconds - 0.15, seconds) < body - 15
    assert ending == "cut" or np.abs(music.mix[:, -1]).max() < 1e-3


@pytest.mark.parametrize("ending", get_args(Ending))
def test_an_ending_ends_as_asked(bank: Path, ending: Ending) -> None:
    check_ending(made(bank, "folk", ending=ending), ending, 16.0)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("genre", GENRES)
def test_every_genre_ends_as_asked(bank: Path, genre: Genre) -> None:
    for ending in get_args(Ending):
        check_ending(made(bank, genre, 24, ending=ending), ending, 24.0)


def check_seam(music: RenderedMusic) -> None:
    """From the last frame to the first it jumps, and bends, no further than anywhere inside."""
    mix = music.mix
    inside, inside_bend = np.abs(np.diff(mix)).max(), np.abs(np.diff(mix, n=2)).max()
    around = np.concatenate([mix[:, -2:], mix[:, :2]], axis=1)
    assert np.abs(np.diff(around)).max() <= inside
    assert np.abs(np.diff(around, n=2)).max() <= inside_bend
    seconds = mix.shape[1] / music.sample_rate
    assert abs(level_db(music, seconds - 0.4, seconds) - level_db(music, 0, 0.4)) < 14


def test_a_loop_has_no_seam(bank: Path) -> None:
    check_seam(made(bank, "folk", loopable=True))


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("genre", GENRES)
def test_no_genre_has_a_seam(bank: Path, genre: Genre) -> None:
    check_seam(made(bank, genre, 24, loopable=True))
