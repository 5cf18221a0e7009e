"""Every fault is found in a real voice into which it was put, and the clean voice has none."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from numpy.typing import NDArray

from core.audio.effects import resample
from core.kit.errors import UserError
from core.voice.references import check, music
from core.voice.references.activity import activity
from core.voice.references.hearing import hear
from core.voice.references.standard import Figure, judge, names, standard

Samples = NDArray[np.float32]
Voice = tuple[Samples, int]


pytestmark = pytest.mark.usefixtures("all_vouched")


def problems(samples: Samples, rate: int) -> set[str]:
    return {found.name for found in check(samples.astype(np.float32), rate).problems}


def test_a_clean_voice_has_every_point(voice: Voice) -> None:
    report = check(*voice)
    assert [found.name for found in report.checks] == list(names())
    assert report.problems == ()
    assert (report.score, report.usable) == (1.0, True)
    assert report.duration_s == pytest.approx(9.995)
    assert 6 < report.speech_s < 9.5
    assert pickle.loads(pickle.dumps(report)) == report
    assert report.as_dict()["checks"][0]["name"] == "length"


@pytest.mark.parametrize(("snr_db", "noisy"), [(8, True), (12, True), (30, False)])
def test_noise_is_measured_in_decibels(voice: Voice, hiss: Samples, snr_db: float, noisy: bool) -> None:
    samples, rate = voice
    spoken = activity(samples, rate).repeat(rate // 100) > 0.5
    loud = np.square(samples[0, : spoken.size][spoken]).mean()
    report = check(samples + hiss * np.float32(np.sqrt(loud) * 10 ** (-snr_db / 20)), rate)
    noise = report.named("noise")
    assert (noise.verdict == "problem") is noisy
    assert noise.value is not None
    assert noise.value == pytest.approx(snr_db, abs=3 if noisy else 6)


def test_worse_costs_more(voice: Voice, hiss: Samples) -> None:
    samples, rate = voice
    lost = [check(samples + level * hiss, rate).named("noise").points_lost for level in (0.0, 0.02, 0.05)]
    assert lost[0] < lost[1] < lost[2]


@pytest.mark.parametrize("mains", [50, 60])
def test_hum_names_its_mains(voice: Voice, mains: int) -> None:
    samples, rate = voice
    time = np.arange(samples.shape[1]) / rate
    hum = sum(0.006 * np.sin(2 * np.pi * mains * h * time + h) for h in (1, 2, 3, 4, 5))
    found = check((samples + hum).astype(np.float32), rate).named("hum")
    assert found.verdict == "problem"
    assert f"{mains} Hz" in found.reason


def test_clipping(voice: Voice) -> None:
    samples, rate = voice
    assert "clipping" in problems(np.clip(samples * 8, -0.9, 0.9) * 0.4, rate)


def test_a_room_that_rings(voice: Voice) -> None:
    from scipy.signal import fftconvolve

    samples, rate = voice
    time = np.arange(rate) / rate
    tail = np.random.default_rng(5).standard_normal(rate) * 10 ** (-3 * time / 0.9)
    tail /= np.sqrt(np.square(tail).sum())
    wet = 0.5 * samples + 0.6 * fftconvolve(samples[0], tail)[: samples.shape[1]]
    found = check(wet.astype(np.float32), rate).named("reverb")
    assert found.verdict == "problem"
    assert found.value == pytest.approx(0.9, abs=0.3)


def chord(frames: int, rate: int) -> Samples:
    """Three held notes with eight overtones each, a new chord every second."""
    time = np.arange(frames) / rate
    wave = np.zeros(frames)
    for note in (0, 4, 7):
        hertz = 220 * 2 ** ((note + np.asarray((0, 5, 7, 0))[time.astype(int) % 4]) / 12)
        phase = 2 * np.pi * np.cumsum(hertz) / rate
        wave += sum(np.sin(h * phase) / h for h in range(1, 9))
    return wave[None].astype(np.float32)


def test_music_under_the_voice(voice: Voice) -> None:
    samples, rate = voice
    bed = chord(samples.shape[1], rate)
    bed *= np.sqrt(np.square(samples).mean() / np.square(bed).mean())
    with_bed, without = (music.likelihood(hear(each, rate)) for each in (samples + 0.35 * bed, samples))
    assert with_bed is not None
    assert without is not None
    assert with_bed > 0.5
    assert without < 0.05
    assert judge("music", Figure(0.95))[1]


def test_another_speaker_in_turn(voice: Voice) -> None:
    """The second voice is the first, raised and with a smaller throat: what a voice changer makes."""
    from core.audio.effects import time_stretch

    samples, rate = voice
    other = time_stretch(samples, rate, semitones=7, voice=False)
    turns = [part[:, at : at + 3 * rate] for at in (0, 3 * rate, 6 * rate) for part in (samples, other)]
    report = check(np.concatenate(turns, axis=1), rate)
    assert report.named("speakers").verdict == "problem"
    assert not report.usable


@pytest.mark.parametrize("upsampled", [8000, 16000, 44100])
def test_a_telephone_stays_one_at_any_rate(voice: Voice, upsampled: int) -> None:
    samples, rate = voice
    low = resample(samples, rate, 8000)
    found = check(resample(low, 8000, upsampled), upsampled).named("bandwidth")
    assert found.verdict == "problem"
    assert 3000 < (found.value or 0) <= 4000


def test_too_short_is_refused(voice: Voice) -> None:
    samples, rate = voice
    report = check(samples[:, rate : rate + rate // 2], rate)
    assert report.named("length").verdict == "problem"
    assert not report.usable


def test_quiet(voice: Voice) -> None:
    samples, rate = voice
    assert problems(samples * 0.02, rate) == {"level"}


def test_long_silence(voice: Voice) -> None:
    samples, rate = voice
    gap = np.zeros((1, 15 * rate), dtype=np.float32)
    assert {"silence", "speech_share"} <= problems(np.concatenate([gap, samples], axis=1), rate)


def test_what_is_wrong_between_the_channels(voice: Voice) -> None:
    samples, rate = voice
    assert problems(np.concatenate([samples, 0 * samples]), rate) == {"dead_channel"}
    assert problems(np.concatenate([samples, -samples]), rate) == {"mono"}
    assert problems(np.concatenate([samples, samples]), rate) == set()


def test_surround_is_taken_and_its_empty_channels_are_no_fault(voice: Voice) -> None:
    samples, rate = voice
    surround = np.zeros((6, samples.shape[1]), dtype=np.float32)
    surround[2] = samples[0]  # centre
    report = check(surround, rate)
    assert report.named("dead_channel").verdict == "not assessed"
    assert report.usable


@pytest.mark.parametrize("level", [0.0, 1e-5])
def test_silence_is_not_a_voice(level: float) -> None:
    still = level * np.random.default_rng(1).standard_normal((1, 80_000)).astype(np.float32)
    report = check(still, 16000)
    assert not report.usable
    assert {"length", "silence"} <= {found.name for found in report.problems}
    assert report.named("noise").verdict == "not assessed"


def test_music_alone_is_not_a_voice() -> None:
    assert not check(0.1 * chord(8 * 22050, 22050), 22050).usable


def test_noise_alone_is_not_a_voice(hiss: Samples) -> None:
    assert not check(0.1 * hiss, 16000).usable


def test_what_is_no_sound_is_refused_in_words(voice: Voice) -> None:
    samples, rate = voice
    broken = samples.copy()
    broken[0, 5000] = np.nan
    for wrong, code in ((np.zeros((1, 0), dtype=np.float32), "reference_empty"), (broken, "not_finite")):
        with pytest.raises(UserError) as refused:
            check(wrong, rate)
        assert refused.value.code == code
        assert refused.value.hint


@pytest.mark.parametrize("frames", [16, 100, 1600, 5000])
@pytest.mark.parametrize("channels", [1, 2, 6, 9])
def test_any_length_and_layout_has_an_answer(voice: Voice, frames: int, channels: int) -> None:
    report = check(np.repeat(voice[0][:, 20_000 : 20_000 + frames], channels, axis=0), voice[1])
    assert not report.usable
    assert all(found.reason for found in report.checks)


@pytest.mark.parametrize("rate", [2000, 8000, 192_000])
def test_any_rate_has_an_answer(voice: Voice, rate: int) -> None:
    assert 0 <= check(resample(voice[0], voice[1], rate), rate).score <= 1


def test_of_a_long_recording_the_beginning_is_judged(voice: Voice, monkeypatch: pytest.MonkeyPatch) -> None:
    samples, rate = voice
    monkeypatch.setitem(standard(), "judged_s", 5)
    report = check(samples, rate)
    assert report.duration_s == pytest.approx(9.995)
    assert report.speech_s <= 5


def test_every_problem_says_why_and_what_to_do() -> None:
    for name, rule in standard()["checks"].items():
        assert rule["title"]
        assert rule["ok"]
        assert rule["unknown"]
        for side in ("low", "high"):
            if side in rule:
                first, last = rule[side]["points"]
                assert 0 < first < last <= 1, name
                assert rule[side]["reason"]
                assert rule[side]["remedy"]
