"""Equaliser and compressor do what their settings say, measured with sines."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from core.audio.voicing.tone import shape
from core.kit.errors import UserError
from tests.audio.voicing.voices import RATE, rms_db


def lifted_db(hertz: float, step: str, settings: Mapping[str, float]) -> float:
    tone = (0.1 * np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE)).astype(np.float32)[None]
    return rms_db(shape(tone, RATE, [(step, settings)])[:, RATE // 2 :]) - rms_db(tone[:, RATE // 2 :])


@pytest.mark.parametrize(
    ("hertz", "step", "settings", "low", "high"),
    [
        (30, "high_pass", {"hz": 120}, -60, -40), (1000, "high_pass", {"hz": 120}, -0.3, 0.1),
        (40, "low_shelf", {"hz": 300, "db": -6}, -6.3, -5.3), (5000, "low_shelf", {"hz": 300, "db": -6}, -0.2, 0.2),
        (3000, "peak", {"hz": 3000, "db": 4, "q": 1}, 3.7, 4.3), (200, "peak", {"hz": 3000, "db": 4, "q": 1}, -0.3, 0.3),
        (15000, "high_shelf", {"hz": 6000, "db": 5}, 4.0, 5.3), (200, "high_shelf", {"hz": 6000, "db": 5}, -0.2, 0.2),
    ],
)  # fmt: skip
def test_each_filter(hertz: float, step: str, settings: dict[str, float], low: float, high: float) -> None:
    assert low <= lifted_db(hertz, step, settings) <= high


def test_the_compressor_brings_loud_and_soft_together() -> None:
    settings = {"threshold_db": -40.0, "ratio": 4.0}
    time = np.arange(2 * RATE) / RATE
    tone = np.sin(2 * np.pi * 440 * time) * np.where(time < 1, 0.5, 0.05)
    before, after = (
        tone.astype(np.float32)[None],
        shape(tone.astype(np.float32)[None], RATE, [("compressor", settings)]),
    )

    def spread(samples: np.ndarray) -> float:
        return rms_db(samples[:, RATE // 2 : RATE]) - rms_db(samples[:, RATE * 3 // 2 :])

    assert spread(before) == pytest.approx(20, abs=0.2)
    assert spread(after) == pytest.approx(5, abs=1.5)


def test_what_there_is_not_is_named() -> None:
    with pytest.raises(UserError, match="no step 'reverb'"):
        shape(np.zeros((1, 10), np.float32), RATE, [("reverb", {})])
    with pytest.raises(UserError, match="no setting 'hertz'"):
        shape(np.zeros((1, 10), np.float32), RATE, [("peak", {"hertz": 3.0})])
