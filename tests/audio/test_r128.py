"""The EBU's own test signals, made from their published definitions: Tech 3341 (meters) and Tech 3342 (range)."""

from __future__ import annotations

import numpy as np
import pytest

from core.audio import r128
from core.audio.meters import integrated_lufs, true_peak_dbtp

RATE = 48000
Steps = list[tuple[float, float]]


def tone(steps: Steps, channels: tuple[float, ...] = (0.0, 0.0), rate: int = RATE) -> np.ndarray:
    """A 1 kHz sine whose peak is so many dBFS for so many seconds; `channels` in dB beside that."""
    level = np.concatenate([np.full(round(seconds * rate), 10 ** (db / 20)) for db, seconds in steps])
    wave = level * np.sin(2 * np.pi * 1000 * np.arange(level.size) / rate)
    return np.stack([wave * 10 ** (db / 20) for db in channels]).astype(np.float32)


@pytest.mark.parametrize(
    ("case", "steps", "lufs"),
    [
        (1, [(-23, 20)], -23), (2, [(-33, 20)], -33), (3, [(-36, 10), (-23, 60), (-36, 10)], -23),
        (4, [(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -23),
        (5, [(-26, 20), (-20, 20.1), (-26, 20)], -23),
    ],
)  # fmt: skip
def test_tech_3341_integrated(case: int, steps: Steps, lufs: float) -> None:
    samples = tone(steps)
    tens = r128.powers(samples, RATE)
    assert r128.integrated(tens) == pytest.approx(lufs, abs=0.1)
    assert integrated_lufs(samples, RATE) == pytest.approx(lufs, abs=0.1)
    if case <= 2:
        assert r128.momentary(tens).max() == pytest.approx(lufs, abs=0.1)
        assert r128.short_term(tens).max() == pytest.approx(lufs, abs=0.1)


def test_tech_3341_case_6_surround() -> None:
    """L and R at -28, C at -24, Ls and Rs at -30 dBFS; the LFE says nothing."""
    five = tone([(0, 20)], (-28, -28, -24, -30, -30))
    assert r128.integrated(r128.powers(five, RATE)) == pytest.approx(-23, abs=0.1)
    with_lfe = np.insert(five, 3, five[0] * 4, axis=0)
    assert r128.integrated(r128.powers(with_lfe, RATE)) == pytest.approx(-23, abs=0.1)


def test_tech_3341_case_9_short_term_stays() -> None:
    curve = r128.short_term(r128.powers(tone([(-20, 1.34), (-30, 1.66)] * 5), RATE))
    assert np.abs(curve + 23).max() <= 0.1


@pytest.mark.parametrize("number", [0, 1, 7, 19])
def test_tech_3341_case_10_short_term_maximum(number: int) -> None:
    """Three seconds of tone after a pause that grows by 150 ms from file to file."""
    curve = r128.short_term(r128.powers(tone([(-120, 0.001 + number * 0.15), (-23, 3), (-120, 1)]), RATE), every=1)
    assert curve.max() == pytest.approx(-23, abs=0.1)


def test_tech_3341_case_12_momentary_stays() -> None:
    curve = r128.momentary(r128.powers(tone([(-20, 0.18), (-30, 0.22)] * 25), RATE))
    assert np.abs(curve + 23).max() <= 0.1


@pytest.mark.parametrize("number", [0, 1, 7, 19])
def test_tech_3341_case_13_momentary_maximum(number: int) -> None:
    curve = r128.momentary(r128.powers(tone([(-120, 0.001 + number * 0.02), (-23, 0.4), (-120, 1)]), RATE), every=1)
    assert curve.max() == pytest.approx(-23, abs=0.1)


@pytest.mark.parametrize(
    ("divided_by", "degrees", "amplitude", "dbtp"),
    [(4, 0, 0.5, -6), (4, 45, 0.5, -6), (6, 60, 0.5, -6), (8, 67.5, 0.5, -6), (4, 45, 1.41, 3)],
)
def test_tech_3341_cases_15_to_19_true_peak(divided_by: int, degrees: float, amplitude: float, dbtp: float) -> None:
    time = np.arange(RATE)
    wave = (
        amplitude
        * np.sin(2 * np.pi * time / divided_by + np.radians(degrees))
        * np.minimum(1, np.minimum(time, time[::-1]) / 4800)
    )
    peak = true_peak_dbtp(np.stack([wave, wave]).astype(np.float32), RATE)
    assert peak is not None
    assert dbtp - 0.4 <= peak <= dbtp + 0.2


@pytest.mark.parametrize(
    ("steps", "lu"),
    [
        ([(-20, 20), (-30, 20)], 10), ([(-20, 20), (-15, 20)], 5), ([(-40, 20), (-20, 20)], 20),
        ([(-50, 20), (-35, 20), (-20, 20), (-35, 20), (-50, 20)], 15),
    ],
)  # fmt: skip
def test_tech_3342_range(steps: Steps, lu: float) -> None:
    assert r128.loudness_range(r128.powers(tone(steps), RATE)) == pytest.approx(lu, abs=1)


@pytest.mark.parametrize("rate", [8000, 22050, 44100])
def test_blocks_are_measured_as_the_whole(rate: int) -> None:
    samples = tone([(-30, 3.3), (-20, 2.21), (-26, 1.077)], rate=rate)
    whole, parts = r128.powers(samples, rate), r128.Powers(rate)
    for start in range(0, samples.shape[1], 9_999):
        parts.feed(samples[:, start : start + 9_999])
    assert parts.tens == pytest.approx(whole, rel=1e-3, abs=1e-12)


@pytest.mark.parametrize("rate", [8000, 48000])
def test_the_light_way_measures_the_same(rate: int) -> None:
    samples = tone([(-30, 3.3), (-20, 2.21), (-26, 1.077)], rate=rate)
    light = r128.LightPowers(rate)
    for start in range(0, samples.shape[1], 9_999):
        light.feed(samples[:, start : start + 9_999])
    assert light.tens == pytest.approx(r128.powers(samples, rate), rel=1e-3, abs=1e-12)


def test_silence_and_next_to_nothing() -> None:
    tens = r128.powers(np.zeros((2, RATE * 5), np.float32), RATE)
    assert (r128.integrated(tens), r128.loudness_range(tens)) == (None, None)
    assert r128.powers(tone([(-23, 0.004)]), RATE).size == 1
    assert r128.momentary(np.zeros(0)).size == 0
