"""Fades, pan, rate, time and pitch, measured on sines."""

from __future__ import annotations

import numpy as np
import pytest

from core.audio.effects import fade, fade_curve, gain, pan, resample, time_stretch
from core.audio.files import decode
from core.kit.errors import UserError

from .signals import MEDIA, RATE, db, noise, sine


def hertz(samples: np.ndarray, rate: int) -> float:
    middle = samples[0, samples.shape[1] // 4 : -samples.shape[1] // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(middle.size), 8 * middle.size))
    return float(np.argmax(spectrum) * rate / (8 * middle.size))


def test_fades_are_equal_power() -> None:
    rising, falling = fade_curve(1000, rising=True), fade_curve(1000, rising=False)
    np.testing.assert_allclose(rising**2 + falling**2, 1.0, atol=1e-5)
    faded = fade(np.ones((2, RATE), np.float32), RATE, in_s=0.1, out_s=0.2)
    assert faded[0, 0] < 0.001
    assert faded[0, -1] < 0.001
    assert (faded[:, RATE // 2] == 1).all()
    short = fade(np.ones((1, 100), np.float32), RATE, in_s=5, out_s=5)
    assert short.shape == (1, 100)
    assert short.max() <= 1


@pytest.mark.parametrize("position", [-1.0, -0.5, 0.0, 0.3, 1.0])
def test_pan_keeps_the_power_of_mono(position: float) -> None:
    placed = pan(sine(440, 0.2), position)
    assert float(np.square(placed).sum()) == pytest.approx(float(np.square(sine(440, 0.2)).sum()), rel=1e-4)
    balance = db(float(np.square(placed[1]).sum() / (np.square(placed[0]).sum() + 1e-30)))
    assert (balance > 0) == (position > 0) or abs(balance) < 1e-3


def test_pan_of_stereo_changes_nothing_in_the_middle() -> None:
    stereo = noise(0.1)
    np.testing.assert_array_equal(pan(stereo, 0), stereo)
    right = pan(stereo, 1)
    assert not right[0].any() or np.abs(right[0]).max() < 1e-6
    np.testing.assert_allclose(right[1], stereo[1], rtol=1e-5)
    with pytest.raises(UserError, match="Pan 2"):
        pan(stereo, 2)


def test_gain_is_in_db() -> None:
    assert np.abs(gain(np.ones((1, 4), np.float32), -20)).max() == pytest.approx(0.1)


def test_resampling_keeps_pitch_and_length() -> None:
    changed = resample(sine(1000, 1.0, rate=16000), 16000, 48000)
    assert changed.shape == (1, 48000)
    assert hertz(changed, 48000) == pytest.approx(1000, abs=1)


@pytest.mark.parametrize(("speed", "semitones"), [(0.5, 0), (2.0, 0), (1.0, 12), (1.0, -7), (1.3, 3)])
def test_speed_and_pitch_are_independent(speed: float, semitones: float) -> None:
    samples = fade(sine(440, 2.0), RATE, in_s=0.01, out_s=0.01)
    changed = time_stretch(samples, RATE, speed=speed, semitones=semitones)
    assert changed.shape == (1, round(samples.shape[1] / speed))
    wanted = 440 * 2 ** (semitones / 12)
    assert 1200 * abs(np.log2(hertz(changed, RATE) / wanted)) < 10
    level = db(float(np.square(changed[0, 5000:-5000]).mean() / np.square(samples[0, 5000:-5000]).mean()))
    assert abs(level) < 1.0
    assert np.abs(changed[0, [0, -1]]).max() < 0.3  # no click at either end
    assert np.abs(np.diff(changed[0])).max() < 1.3 * 2 * np.pi * wanted / RATE


def test_a_raised_voice_keeps_its_length_and_words() -> None:
    speech = decode(MEDIA / "clean_control.flac")
    part = speech.samples[:, : 3 * speech.sample_rate]
    raised = time_stretch(part, speech.sample_rate, semitones=4, voice=True)
    assert raised.shape == part.shape
    step = speech.sample_rate // 20
    before, after = (np.square(x[0]).reshape(-1, step).mean(axis=1) for x in (part, raised))
    assert np.corrcoef(np.sqrt(before), np.sqrt(after))[0, 1] > 0.9


def test_nothing_asked_nothing_changed_and_limits() -> None:
    samples = sine(440, 0.1)
    assert time_stretch(samples, RATE) is samples
    assert time_stretch(np.zeros((1, 0), np.float32), RATE, speed=2).shape == (1, 0)
    assert time_stretch(sine(440, 0.02), RATE, speed=1.5).shape == (1, 588)
    for speed, semitones in ((0.0, 0.0), (float("nan"), 0.0), (1.0, 50.0)):
        with pytest.raises(UserError):
            time_stretch(samples, RATE, speed=speed, semitones=semitones)
