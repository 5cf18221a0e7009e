"""An s that stands out is turned down in its own band; vowels and soft s sounds stay."""

from __future__ import annotations

import numpy as np

from core.audio.voicing.deess import BAND_HZ, DeessSettings, band, deess
from core.audio.voicing.figures import measure
from tests.audio.voicing.voices import RATE, between, hiss, rms_db, vowel

SPOKEN = np.concatenate([vowel(0.5), hiss(0.2, -18.0), vowel(0.5), hiss(0.2, -45.0), vowel(0.5)]).astype(np.float32)[
    None
]
LOUD, SOFT = (0.53, 0.67), (1.23, 1.37)


def test_a_sharp_s_is_softened_within_the_limit() -> None:
    done = deess(SPOKEN, RATE)
    fallen = rms_db(between(SPOKEN, *LOUD)) - rms_db(between(done, *LOUD))
    assert 3 < fallen < DeessSettings().most_db + 0.5


def test_vowels_and_a_soft_s_stay_as_they_are() -> None:
    done = deess(SPOKEN, RATE)
    for place in ((0.05, 0.45), (0.78, 1.15), SOFT, (1.5, 1.85)):
        np.testing.assert_allclose(between(done, *place), between(SPOKEN, *place), atol=2e-4)


def test_only_its_band_is_touched() -> None:
    low = SPOKEN + 0.05 * np.sin(2 * np.pi * 1000 * np.arange(SPOKEN.shape[1]) / RATE).astype(np.float32)
    done = deess(low, RATE)
    spectrum = [
        np.abs(np.fft.rfft(between(each, *LOUD)[0] * np.hanning(between(each, *LOUD).shape[1]))) for each in (low, done)
    ]
    at = round(1000 * between(low, *LOUD).shape[1] / RATE)
    assert abs(20 * np.log10(spectrum[1][at] / spectrum[0][at])) < 0.3


def test_the_band_lies_in_phase() -> None:
    tone = np.sin(2 * np.pi * 6500 * np.arange(RATE) / RATE).astype(np.float32)[None]
    middle = slice(RATE // 4, -RATE // 4)
    assert np.corrcoef(band(tone, RATE)[0, middle], tone[0, middle])[0, 1] > 0.999
    assert BAND_HZ[0] < 6500 < BAND_HZ[1]


def test_the_measured_sibilance_falls() -> None:
    before, after = (measure(each, RATE).sibilance_db for each in (SPOKEN, deess(SPOKEN, RATE)))
    assert before is not None
    assert after is not None
    assert after < before - 2


def test_a_telephone_s_rate_has_no_such_band() -> None:
    assert deess(SPOKEN, 8000) is SPOKEN


def test_silence_and_a_click_of_sound() -> None:
    nothing = np.zeros((1, RATE), dtype=np.float32)
    assert deess(nothing, RATE) is nothing
    short = np.full((1, 20), 0.5, dtype=np.float32)
    assert deess(short, RATE) is short
