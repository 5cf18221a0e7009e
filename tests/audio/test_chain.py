"""Effects, each measured on what it is for."""

from __future__ import annotations

import numpy as np
import pytest

from core.audio import chain
from core.kit.errors import UserError

RATE = 44_100


def sine(hz: float, level_db: float = -12.0, seconds: float = 2.0) -> np.ndarray:
    t = np.arange(round(seconds * RATE)) / RATE
    return (10 ** (level_db / 20) * np.sin(2 * np.pi * hz * t)).astype(np.float32)[None]


def level_db(samples: np.ndarray) -> float:
    middle = samples[:, RATE // 2 : -RATE // 2].astype(np.float64)
    return 10 * float(np.log10(2 * np.mean(middle**2) + 1e-20))


def test_the_cuts_cut_and_leave_the_middle() -> None:
    for name, hz, cut, kept in (("low_cut", 80.0, 30.0, 1000.0), ("high_cut", 8000.0, 20_000.0, 1000.0)):
        effects = [(name, {"hz": hz})]
        assert level_db(chain.apply(sine(cut), RATE, effects)) < -12 - 11
        assert level_db(chain.apply(sine(kept), RATE, effects)) == pytest.approx(-12, abs=0.3)


def test_the_compressor_brings_loud_and_soft_together() -> None:
    effects = [("compressor", {"threshold_db": -30.0, "ratio": 4.0})]
    loud, soft = (level_db(chain.apply(sine(500, level), RATE, effects)) for level in (-6.0, -36.0))
    assert soft == pytest.approx(-36, abs=0.5)
    assert -26 < loud < -18, "24 dB over a threshold at 4:1 leave about 6"


def test_the_reverb_rings_on() -> None:
    click = np.zeros((2, RATE), np.float32)
    click[:, 100] = 0.5
    wet = chain.apply(click, RATE, [("reverb", {"room": 0.7, "wet": 0.5})])
    assert np.abs(wet[:, RATE // 4 :]).max() > 1e-4
    assert wet.shape == click.shape


def test_nothing_is_nothing_and_nonsense_is_refused() -> None:
    sound = sine(440)
    assert chain.apply(sound, RATE, []) is sound
    for effects in ([("flanger", {})], [("reverb", {"size": 1.0})]):
        with pytest.raises(UserError):
            chain.apply(sound, RATE, effects)
