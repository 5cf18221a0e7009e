"""Plain words on a set of samples: how many, what another gains, why points are lost."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.voice.references import Check, ReferenceReport, advice, card, check
from core.voice.references.advising import clean_speech_s, coverage

GOOD = ReferenceReport(12.0, 10.0, (), 1.0, True)
BAD = ReferenceReport(1.0, 0.5, (Check("length", "problem", 0.5, "s", 1.0, "Only 0.5 s.", "Record more."),), 0.0, False)


def test_coverage_halves_what_is_missing_every_20_s() -> None:
    assert coverage(0) == 0
    assert coverage(20) == pytest.approx(0.5)
    assert coverage(40) == pytest.approx(0.75)


def test_only_clean_usable_speech_counts() -> None:
    half = ReferenceReport(12.0, 10.0, (), 0.35, True)
    assert clean_speech_s((GOOD, BAD, half)) == pytest.approx(10 + 10 * 0.5)


def test_none_yet() -> None:
    (line,) = advice(())
    assert "3 to 5" in line


def test_another_gains_less_and_less() -> None:
    assert "from 29 % to 50 %" in advice((GOOD,))[1]
    assert "from 65 % to 75 %" in advice((GOOD,) * 3)[1]
    assert "little" in advice((GOOD,) * 5)[1]
    assert "replace" in advice((GOOD,) * 10)[1]


def test_refused_samples_are_named() -> None:
    lines = advice((GOOD, BAD))
    assert lines[0].startswith("1 sample usable, 10 s")
    assert "1 sample cannot be used" in lines[1]
    assert lines[-1] == "Sample 2: Only 0.5 s. It costs all of 100 points. Record more."


def test_a_noisy_sample_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, voice: tuple[NDArray[np.float32], int], hiss: NDArray[np.float32]
) -> None:
    monkeypatch.setattr(card, "vouched", lambda name: True)
    report = check(voice[0] + 0.03 * hiss, voice[1])
    assert any("dB above the noise" in line and "quiet room" in line for line in advice((report,)))
