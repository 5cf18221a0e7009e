"""Repair mends what it can, says so, and never makes a recording worse."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.audio.meters import integrated_lufs
from core.voice.references import check, repair

Samples = NDArray[np.float32]
Voice = tuple[Samples, int]

pytestmark = pytest.mark.usefixtures("all_vouched")


def spoilt(kind: str, samples: Samples, rate: int) -> Samples:
    random = np.random.default_rng(len(kind))
    time = np.arange(samples.shape[1]) / rate
    still = np.zeros((1, 6 * rate))
    made = {
        "as it is": lambda: samples,
        "hum": lambda: samples + sum(0.006 * np.sin(2 * np.pi * 50 * h * time + h) for h in (1, 2, 3, 4, 5)),
        "rumble": lambda: samples + 0.1 * np.sin(2 * np.pi * 25 * time),
        "pauses": lambda: np.concatenate([still, samples, still, samples[:, : 4 * rate]], axis=1),
        "dead channel": lambda: np.concatenate([0 * samples, samples]),
        "cancelling": lambda: np.concatenate([samples, -samples]),
        "quiet": lambda: samples * 0.01,
        "noisy": lambda: samples + 0.03 * random.standard_normal(samples.shape),
        "clipped": lambda: np.clip(samples * 8, -0.9, 0.9),
        "short": lambda: samples[:, : rate // 2],
        "silent": lambda: 0 * samples,
        "noise alone": lambda: 0.1 * random.standard_normal(samples.shape),
    }
    return made[kind]().astype(np.float32)


KINDS = (
    "as it is", "hum", "rumble", "pauses", "dead channel", "cancelling", "quiet", "noisy", "clipped", "short", "silent",
    "noise alone",
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_never_worse(voice: Voice, kind: str) -> None:
    samples, rate = spoilt(kind, *voice), voice[1]
    before = check(samples, rate)
    mended = repair(samples, rate, before)
    after = check(mended.samples, rate)
    assert after == mended.report or not mended.done
    assert after.score >= before.score
    assert after.usable >= before.usable
    assert np.isfinite(mended.samples).all()
    assert float(np.abs(mended.samples).max(initial=0)) <= max(1.0, float(np.abs(samples).max()))


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        ("hum", "hum", "50 Hz"),
        ("pauses", "silence", "silence were cut"),
        ("dead channel", "dead_channel", "channel"),
        ("cancelling", "mono", "channel"),
        ("quiet", "level", "LUFS"),
    ],
)
def test_what_can_be_mended_is(voice: Voice, kind: str, name: str, said: str) -> None:
    samples, rate = spoilt(kind, *voice), voice[1]
    before = check(samples, rate)
    assert before.named(name).verdict == "problem"
    mended = repair(samples, rate, before)
    assert mended.report.named(name).verdict != "problem"
    assert mended.report.score > before.score
    assert any(said in line for line in mended.done)


def test_the_level_and_the_words_stay(voice: Voice) -> None:
    samples, rate = voice
    before = check(samples * 0.1, rate)
    mended = repair(samples * np.float32(0.1), rate, before)
    assert integrated_lufs(mended.samples, rate) == pytest.approx(-20, abs=0.5)
    assert mended.report.speech_s == pytest.approx(before.speech_s, rel=0.05)


def test_rumble_goes_and_the_voice_does_not(voice: Voice) -> None:
    rate = voice[1]
    samples = spoilt("rumble", *voice)
    mended = repair(samples, rate, check(samples, rate))
    assert any("umble" in line for line in mended.done)
    spectrum = np.abs(np.fft.rfft(mended.samples[0]))
    hertz = np.fft.rfftfreq(mended.samples.shape[1], 1 / rate)
    assert spectrum[hertz < 40].max() < 0.01 * spectrum[(hertz > 100) & (hertz < 1000)].max()
