"""Hiss under music that never pauses: found at its level, and not mistaken for cymbals."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from core.audio import spectrum
from core.audio.faults import noise as pauses
from core.audio.mono import heard
from core.music.quality import hiss
from core.music.quality.scoring import measure
from core.music.quality.types import Asked
from tests.audio.signals import RATE, Samples

SECONDS = 7.0


@cache
def dense() -> Samples:
    """Chords that hold, and a cymbal struck four times a second that never rings out."""
    random = np.random.default_rng(4)
    t = np.arange(round(SECONDS * RATE)) / RATE
    chord = sum(np.sin(2 * np.pi * hertz * k * t) / k for hertz in (110.0, 220.0, 277.2, 329.6) for k in range(1, 12))
    white = np.fft.rfft(random.standard_normal((2, t.size)), axis=1)
    hertz = np.maximum(np.fft.rfftfreq(t.size, 1 / RATE), 2000.0)
    cymbal = np.fft.irfft(white * (hertz / 2000) ** -1.5, t.size, axis=1) * np.exp(-6 * (t % 0.25))
    return np.asarray(0.03 * chord + 0.1 * cymbal, np.float32)


def with_noise(under_db: float, slope: float = 0.0) -> Samples:
    """`slope`: exponent of the amplitude over frequency; -0.5 is pink."""
    music = dense()
    white = np.fft.rfft(np.random.default_rng(9).standard_normal(music.shape), axis=1)
    hertz = np.maximum(np.fft.rfftfreq(music.shape[1], 1 / RATE), 20.0)
    floor = np.fft.irfft(white * hertz**slope, music.shape[1], axis=1)
    gain = np.sqrt(np.square(music).mean() / np.square(floor).mean()) * 10 ** (-under_db / 20)
    return np.asarray(music + gain * floor, np.float32)


def test_dense_music_without_hiss_has_none() -> None:
    assert hiss.under_db(dense(), RATE) is None


@pytest.mark.parametrize("under", [14.0, 19.0, 24.0])
def test_hiss_is_found_at_its_level_where_there_is_no_pause(under: float) -> None:
    assert hiss.under_db(with_noise(under), RATE) == pytest.approx(under, abs=1.5)


def test_the_score_names_what_the_analysis_waits_for_pauses_to_hear() -> None:
    sound = with_noise(24.0)
    assert pauses.hiss(SECONDS, spectrum.measure(heard(sound), RATE)) == []
    part = measure(sound, RATE, Asked()).part("noise")
    assert part.value == "hiss"
    assert "under the programme" in part.note


def test_hiss_that_falls_with_frequency_is_found_too() -> None:
    assert hiss.under_db(with_noise(12.0, slope=-0.5), RATE) is not None


def test_one_channel_is_enough() -> None:
    assert hiss.under_db(with_noise(19.0)[:1], RATE) == pytest.approx(19.0, abs=1.5)


def test_silence_softer_noise_and_low_rates_tell_nothing() -> None:
    assert hiss.under_db(np.zeros((2, 5 * RATE), np.float32), RATE) is None
    assert hiss.under_db(with_noise(50.0), RATE) is None
    assert hiss.under_db(with_noise(19.0), 22_050) is None
