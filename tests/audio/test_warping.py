"""Paths through made-up frames whose right answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.audio import mel, warping
from core.audio.warping import Sound, warp


def frames(count: int, seed: int = 1) -> NDArray[np.float32]:
    """Frames that move as speech does: neighbours are alike, those far away are not. Mean square about 1."""
    steps = np.random.default_rng(seed).standard_normal((count + 8, 12))
    smooth = np.stack([steps[i : i + count] for i in range(8)]).sum(axis=0) / np.sqrt(8)
    return np.asarray(smooth, dtype=np.float32)


def sound(features: NDArray[np.float32], silent: NDArray[np.bool_] | None = None) -> Sound:
    return Sound(features, np.zeros(len(features), np.float32) if silent is None else silent.astype(np.float32))


def test_the_same_frames_lie_on_the_diagonal() -> None:
    same = frames(200)
    path = warp(sound(same), sound(same))
    assert path is not None
    assert (path.places == np.arange(200)).all()
    assert path.costs.max() < 0.01


@pytest.mark.parametrize("speed", [0.5, 0.75, 1.4, 2.0])
def test_a_recording_of_another_speed_is_followed(speed: float) -> None:
    reference = frames(400)
    truth = np.arange(0, 400, speed).astype(int)
    path = warp(sound(reference[truth]), sound(reference))
    assert path is not None
    assert (np.diff(path.places) >= 0).all()
    assert np.abs(path.places - truth).max() <= 2


def test_a_pause_of_the_recording_is_spent_at_the_rest_and_an_unused_rest_is_left_out() -> None:
    words = frames(90)
    rest = np.full((1, 12), 50, dtype=np.float32)  # never looked at
    reference = np.concatenate([rest, words[:30], rest, words[30:60], rest, words[60:], rest])
    silent = np.zeros(94, dtype=bool)
    silent[[0, 31, 62, 93]] = True
    pause = np.random.default_rng(3).standard_normal((80, 12)).astype(np.float32)
    quiet = np.zeros(170, dtype=bool)
    quiet[60:140] = True
    path = warp(sound(np.concatenate([words[:60], pause, words[60:]]), quiet), sound(reference, silent))
    assert path is not None
    assert (path.places[60:140] == 62).all()
    assert 31 not in path.places
    assert (path.places[140:] == np.arange(63, 93)).all()


def test_too_short_a_recording_has_no_path() -> None:
    assert warp(sound(frames(20)), sound(frames(100))) is None
    assert warp(sound(frames(1)[:0]), sound(frames(3))) is None


def test_a_long_one_goes_coarse_first_and_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    reference = frames(1500)
    truth = np.clip(np.cumsum(np.random.default_rng(2).choice([0, 1, 1, 2], 1500)), 0, 1499)
    recording = sound(reference[truth])
    whole = warp(recording, sound(reference))
    monkeypatch.setattr(warping, "CELLS", 40_000)  # two coarser levels
    by_levels = warp(recording, sound(reference))
    assert whole is not None
    assert by_levels is not None
    assert np.abs(whole.places - by_levels.places).max() <= 1
    assert by_levels.costs == pytest.approx(whole.costs, abs=0.05)


def test_a_tone_fills_its_band_at_every_rate() -> None:
    for rate in (8000, 22_050, 48_000):
        tone = np.sin(2 * np.pi * 1000 * np.arange(rate) / rate).astype(np.float32)
        powers = mel.bands(tone, rate, 3600.0)[0]
        assert powers.shape == (100, mel.BANDS)
        assert set(powers[10:90].argmax(axis=1)) <= {11, 12}  # their centres: 989 and 1,098 Hz


def test_activity_finds_the_sound_between_silences_and_ignores_short_holes() -> None:
    rate = 16_000
    samples = np.random.default_rng(1).standard_normal(2 * rate).astype(np.float32) * 0.1
    samples[: rate // 2] *= 1e-4
    samples[round(1.5 * rate) :] *= 1e-4
    samples[rate : rate + rate // 50] = 0
    active = mel.activity(mel.bands(samples, rate, 7000.0)[0]).active
    found = np.flatnonzero(active)
    assert abs(found[0] - 50) <= 2
    assert abs(found[-1] - 150) <= 2
    assert active[found[0] : found[-1]].all()
    assert not mel.activity(mel.bands(samples * 1e-6, rate, 7000.0)[0]).active.any()
