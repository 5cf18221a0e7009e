"""Meters against known signals and other implementations; the limiter against signals made to break it."""

from __future__ import annotations

import numpy as np
import pytest

from core.audio.files import decode
from core.audio.loudness import LoudnessTarget, integrated_lufs, limit, normalise, target, targets, true_peak_dbtp
from core.kit.errors import UserError

from .signals import COLLECTION, MEDIA, RATE, noise, piece, sine


def oversampled_dbtp(samples: np.ndarray, rate: int, factor: int = 4) -> float:
    """True peak by another route: soxr's resampler."""
    import soxr

    high = soxr.resample(np.ascontiguousarray(samples.T), rate, factor * rate, quality="VHQ")
    return float(20 * np.log10(np.abs(high).max()))


@pytest.mark.parametrize("rate", [16000, 22050, 44100, 48000, 96000])
def test_a_stereo_sine_at_1_khz_reads_its_level(rate: int) -> None:
    # EBU Tech 3341: a 1 kHz stereo sine of -23 dBFS has -23 LUFS, at any rate.
    assert integrated_lufs(sine(1000, 5, -23, rate, 2), rate) == pytest.approx(-23, abs=0.1)
    assert integrated_lufs(sine(1000, 5, -23, rate, 1), rate) == pytest.approx(-26.01, abs=0.1)


def test_gates_leave_pauses_out() -> None:
    # EBU Tech 3341, case 3: the quiet ends lie under the relative gate.
    parts = [sine(1000, 10, -36, 48000, 2), sine(1000, 60, -23, 48000, 2), sine(1000, 10, -36, 48000, 2)]
    assert integrated_lufs(np.concatenate(parts, axis=1), 48000) == pytest.approx(-23, abs=0.1)


def test_the_meter_agrees_with_pyloudnorm_on_speech_and_music() -> None:
    import pyloudnorm

    for samples, rate in (
        (decode(MEDIA / "clean_control.flac").samples, 16000),
        (decode(MEDIA / "sorohanro_trumpet_F_90bpm.ogg").samples, RATE),
        (piece(), RATE),
    ):
        other = pyloudnorm.Meter(rate, filter_class="DeMan").integrated_loudness(samples.T.astype(np.float64))
        assert integrated_lufs(samples, rate) == pytest.approx(other, abs=0.1)


@pytest.mark.skipif(not COLLECTION.exists(), reason="the larger collection is not beside this repository")
def test_the_reference_tone_of_the_collection() -> None:
    tone = decode(COLLECTION / "loudness" / "sine_1khz_stereo_-23lufs.flac")
    assert integrated_lufs(tone.samples, tone.sample_rate) == pytest.approx(-23, abs=0.1)


def test_short_and_silent_sound() -> None:
    assert integrated_lufs(np.zeros((2, RATE), np.float32), RATE) is None
    assert integrated_lufs(np.zeros((2, 0), np.float32), RATE) is None
    assert true_peak_dbtp(np.zeros((2, RATE), np.float32), RATE) is None
    assert integrated_lufs(sine(1000, 0.2, -20, channels=2), RATE) == pytest.approx(-20, abs=0.3)
    assert integrated_lufs(noise(5, 10 ** (-85 / 20)), RATE) is None


def test_peaks_between_the_samples_are_seen() -> None:
    # A quarter of the rate, a quarter of a period off: every sample at -3.01 dB of the wave's crest.
    wave = np.sin(np.pi / 2 * np.arange(RATE) + np.pi / 4).astype(np.float32)[None]
    assert 20 * np.log10(np.abs(wave).max()) == pytest.approx(-3.01, abs=0.01)
    peak = true_peak_dbtp(wave[:, 100:-100] * np.hanning(RATE - 200).astype(np.float32), RATE)
    assert peak == pytest.approx(0.0, abs=0.05)
    for samples in (piece(), noise(3), sine(9999, 2, -3)):
        assert true_peak_dbtp(samples, RATE) == pytest.approx(oversampled_dbtp(samples, RATE, 16), abs=0.7)
        assert true_peak_dbtp(samples, RATE) > oversampled_dbtp(samples, RATE) - 0.05


def _hostile() -> dict[str, np.ndarray]:
    click = np.zeros((1, RATE), np.float32)
    click[0, [0, 7, 20000, RATE - 1]] = (4, -4, 8, 2)
    t = np.arange(2 * RATE) / RATE
    flips = np.sign(np.random.default_rng(3).standard_normal((2, RATE))).astype(np.float32)
    quarter = 3 * np.sin(np.pi / 2 * np.arange(RATE) + np.pi / 4).astype(np.float32)[None]
    burst = np.where((t % 0.5 < 0.002)[None], 5 * np.sin(2 * np.pi * 3000 * t)[None], 0).astype(np.float32)
    return {
        "noise at +14 dB": noise(3, 5.0),
        "clicks at both ends": click,
        "square at 50 Hz": (2 * np.sign(np.sin(2 * np.pi * 50 * t)))[None].astype(np.float32),
        "random signs": flips,
        "quarter of the rate": quarter,
        "bursts": burst,
        "bass at +12 dB": sine(40, 2, 12),
        "offset": np.full((1, RATE), 3.0, np.float32),
        "a single frame": np.full((2, 1), 3.0, np.float32),
        "five frames": np.full((2, 5), -3.0, np.float32),
    }


@pytest.mark.parametrize("name", list(_hostile()))
def test_the_ceiling_holds_and_the_gain_is_one_curve(name: str) -> None:
    samples = _hostile()[name]
    limited, curve = limit(samples, RATE, -1.0)
    peak = true_peak_dbtp(limited, RATE)
    assert peak is not None
    assert peak <= -1.0
    if samples.shape[1] > 100:
        assert oversampled_dbtp(limited, RATE) <= -0.8  # another filter sees white noise a little differently
    np.testing.assert_array_equal(limited, samples * curve)
    assert curve.shape == (samples.shape[1],)
    assert curve.max() <= 1.0
    assert curve.min() > 0.0


def test_what_is_quiet_enough_is_not_touched() -> None:
    samples = piece() * np.float32(0.5)
    limited, curve = limit(samples, RATE, -1.0)
    np.testing.assert_array_equal(limited, samples)
    assert (curve == 1).all()


def test_a_steady_bass_is_turned_down_not_bent() -> None:
    samples = sine(40, 3, 5)
    _, curve = limit(samples, RATE, -1.0)
    steady = curve[RATE:-RATE]
    assert 20 * np.log10(steady.max() / steady.min()) < 0.1


@pytest.mark.parametrize("name", ["streaming", "podcast", "broadcast", "broadcast_us"])
def test_every_target_is_met(name: str) -> None:
    goal = target(name)
    speech = decode(MEDIA / "clean_control.flac")
    for samples, rate in ((piece(), RATE), (speech.samples, speech.sample_rate), (noise(3, 0.9), RATE)):
        made = normalise(samples, rate, goal)
        assert made.lufs == pytest.approx(goal.lufs, abs=0.1)
        assert made.on_target
        assert made.dbtp is not None
        assert made.dbtp <= goal.dbtp
        np.testing.assert_array_equal(made.samples, samples * made.gain_curve)
        assert integrated_lufs(made.samples, rate) == made.lufs


def test_what_is_on_target_comes_back_bit_for_bit() -> None:
    once = normalise(piece(), RATE, target())
    twice = normalise(once.samples, RATE, target())
    np.testing.assert_array_equal(twice.samples, once.samples)
    assert (twice.gain_curve == 1).all()


def test_silence_is_left_alone_and_clicks_are_not_crushed() -> None:
    silent = np.zeros((2, RATE), np.float32)
    assert normalise(silent, RATE, target()).lufs is None
    clicks = np.zeros((1, 5 * RATE), np.float32)
    clicks[0, ::RATE] = 1.0
    made = normalise(clicks, RATE, target())
    assert not made.on_target
    assert made.dbtp is not None
    assert made.dbtp <= -1.0
    very_short = normalise(sine(1000, 0.02), RATE, target())
    assert very_short.lufs == pytest.approx(-14, abs=0.1)


def test_hits_keep_their_loudness_under_the_limiter() -> None:
    made = normalise(piece(), RATE, LoudnessTarget("loud", -9, -1))
    assert made.lufs == pytest.approx(-9, abs=0.1)
    assert made.gain_curve.min() < 0.8 * made.gain_curve.max()


def test_presets_carry_source_and_figures() -> None:
    assert {"streaming", "video", "podcast", "broadcast"} <= set(targets())
    assert (target().lufs, target().dbtp) == (-14, -1)
    assert all(goal.source and goal.title for goal in targets().values())
    with pytest.raises(UserError, match="no loudness target “loud”"):
        target("loud")
