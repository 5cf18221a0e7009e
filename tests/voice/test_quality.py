"""Takes with one fault each, out of the embedded engine's own speech; and takes with none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from core.voice import quality
from core.voice.quality import AssessRequest, TakeQuality, assess, assess_file, better
from core.voice.take_measures import says_twice
from tests.voice.conftest import Heard

Samples = NDArray[np.float32]
TEXT = "The harbour wakes before the town does, and a rope creaks somewhere in the dark behind the mill."


@pytest.fixture
def take(say: Callable[..., Heard]) -> tuple[Samples, int]:
    heard = say(TEXT)
    return heard.samples[None], heard.rate


def names(found: TakeQuality) -> set[str]:
    return {each.name for each in found.findings}


def test_a_good_take_is_good(take: tuple[Samples, int]) -> None:
    found = assess(*take, TEXT, "en-us")
    assert (found.state, found.findings, found.not_assessed) == ("good", (), ())


@pytest.mark.parametrize("share", [0.4, 0.62, 0.8])
def test_cut_off(take: tuple[Samples, int], share: float) -> None:
    samples, rate = take
    found = assess(samples[:, : round(share * samples.shape[1])], rate, TEXT, "en-us")
    assert found.state == "failed"
    assert "truncated" in names(found)


def test_cut_off_by_the_engine_s_own_times(take: tuple[Samples, int]) -> None:
    samples, rate = take
    words = [(0, 3, 0.1, 0.2), (4, 11, 0.2, 0.7)]
    found = assess(samples, rate, TEXT, "en-us", words)
    assert "11 % of the text" in found.findings[0].sentence
    assert found.state == "failed"
    assert assess(samples, rate, TEXT, "en-us", [(90, len(TEXT) - 1, 4.0, 4.5)]).state == "good"


def test_said_twice(take: tuple[Samples, int]) -> None:
    samples, rate = take
    again = np.concatenate([samples, 0.9 * samples[:, -round(1.8 * rate) :]], axis=1)
    found = assess(again, rate, TEXT, "en-us")
    assert found.state == "failed"
    assert "looped" in names(found)


def test_a_text_that_repeats_itself_may_be_heard_twice(say: Callable[..., Heard]) -> None:
    text = "And the river ran on and on. And the river ran on and on."
    heard = say(text)
    found = assess(heard.samples[None], heard.rate, text, "en-us")
    assert "looped" in found.not_assessed
    assert found.state == "good"
    assert says_twice(text)
    assert not says_twice(TEXT)


def test_a_long_silence_unless_it_was_asked_for(take: tuple[Samples, int]) -> None:
    samples, rate = take
    half = samples.shape[1] // 2
    paused = np.concatenate([samples[:, :half], np.zeros((1, 2 * rate), np.float32), samples[:, half:]], axis=1)
    found = assess(paused, rate, TEXT, "en-us")
    assert (found.state, names(found)) == ("doubtful", {"silence"})
    assert "2." in found.findings[0].sentence
    assert assess(paused, rate, TEXT, "en-us", asked_pause_s=2.0).state == "good"


def test_clipped_and_quiet(take: tuple[Samples, int]) -> None:
    samples, rate = take
    clipped = np.clip(samples * 3 / np.abs(samples).max(), -1, 1)
    assert "clipping" in names(assess(clipped, rate, TEXT, "en-us"))
    found = assess(samples * 10 ** (-30 / 20), rate, TEXT, "en-us")
    assert (found.state, names(found)) == ("doubtful", {"level"})


@pytest.mark.parametrize("kind", ["silence", "noise", "tone"])
def test_nothing_spoken(kind: str) -> None:
    time = np.arange(4 * 22_050) / 22_050
    sound = {
        "silence": np.zeros(time.size), "noise": np.random.default_rng(1).standard_normal(time.size) * 0.05,
        "tone": 0.2 * np.sin(2 * np.pi * 440 * time),
    }[kind]  # fmt: skip
    found = assess(sound.astype(np.float32)[None], 22_050, TEXT, "en-us")
    assert (found.state, names(found)) == ("failed", {"no_speech"})


def test_speed_is_reckoned_with(say: Callable[..., Heard]) -> None:
    heard = say(TEXT, speed=2.0)
    assert assess(heard.samples[None], heard.rate, TEXT, "en-us", speed=2.0).state == "good"
    hurried = assess(heard.samples[None], heard.rate, f"{TEXT} {TEXT[::-1]}", "en-us")
    assert hurried.state == "failed", "twice the text in half the time was not said"


def test_digits_are_not_held_against_their_length(say: Callable[..., Heard]) -> None:
    text = "1234567890 98765432 1029384756"
    heard = say(text)
    found = assess(heard.samples[None], heard.rate, text, "en-us")
    assert "rate" in found.not_assessed
    assert "truncated" not in names(found)


def test_an_unplayable_file_failed_and_a_long_one_is_not_assessed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF nothing")
    request = AssessRequest(broken, TEXT, "en", 1.0)
    assert assess_file(request, lambda *_: None).state == "failed"
    fine = tmp_path / "fine.wav"
    soundfile.write(fine, np.zeros(22_050, dtype=np.float32), 22_050)
    monkeypatch.setattr(quality, "LONGEST_S", 0.5)
    assert assess_file(AssessRequest(fine, TEXT, "en", 1.0), lambda *_: None).state == "not assessed"


def test_a_check_without_figures_is_not_assessed(take: tuple[Samples, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        quality,
        "card",
        lambda: {"checks": {"truncated": {"precision": 0.89, "recall": 1.0, "false_alarms_on_clean": 0}}},
    )
    samples, rate = take
    found = assess(samples[:, : samples.shape[1] // 3], rate, TEXT, "en-us")
    assert (found.state, found.findings) == ("good", ())
    assert set(found.not_assessed) == set(quality.CHECKS)


def test_the_published_card_vouches_for_every_check() -> None:
    assert all(quality.vouched(name) for name in quality.CHECKS)
    assert not quality.vouched("beauty")


def test_the_first_is_kept_unless_the_second_is_better() -> None:
    good, doubtful, failed = (TakeQuality(state, (), (), {}) for state in ("good", "doubtful", "failed"))  # type: ignore[arg-type]
    assert better(failed, good)
    assert better(failed, doubtful)
    assert not better(failed, failed)
    assert not better(good, failed)
