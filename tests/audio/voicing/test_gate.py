"""The pauses become quieter, the words do not change, and the gate does not flutter."""

from __future__ import annotations

import numpy as np
import pytest

from core.audio.voicing.gate import GateSettings, gate, reduction_db
from tests.audio.voicing.voices import RATE, between, noise, rms_db, vowel, words

WORDS = words()
BEGINS = [0.7 + 1.2 * n for n in range(6)]


def test_pauses_are_turned_down_by_a_limited_amount() -> None:
    gated = gate(WORDS, RATE)
    assert gated.shape == WORDS.shape
    assert gated.dtype == np.float32
    fallen = rms_db(between(WORDS, 0.1, 0.5)) - rms_db(between(gated, 0.1, 0.5))
    assert 6 < fallen <= GateSettings().depth_db + 0.1


@pytest.mark.parametrize("at_s", BEGINS)
def test_no_beginning_and_no_end_of_a_word_is_cut(at_s: float) -> None:
    """The soft 60 ms before the vowel, and everything up to its end, come out as they went in."""
    gated = gate(WORDS, RATE)
    word = between(WORDS, at_s, at_s + 0.5)
    np.testing.assert_allclose(between(gated, at_s, at_s + 0.5), word, rtol=0.02, atol=2e-5)


def test_it_does_not_chatter_on_a_level_that_trembles_about_the_threshold() -> None:
    settings = GateSettings()
    floor = -60.0
    trembling = floor + settings.above_floor_db + 2.5 * np.sin(np.arange(600) * 0.9)
    moved = np.count_nonzero(np.diff((reduction_db(trembling, floor, settings) > 0.5).astype(int)))
    assert moved <= 1


def test_a_noise_nearly_as_loud_as_the_voice_is_left_alone() -> None:
    noisy = words(floor_db=-30.0)
    assert gate(noisy, RATE) is noisy


def test_digital_silence_and_nothing_at_all_are_left_alone() -> None:
    clean = np.concatenate([np.zeros(RATE), vowel(1.0), np.zeros(RATE)]).astype(np.float32)[None]
    assert gate(clean, RATE) is clean
    nothing = np.zeros((2, RATE), dtype=np.float32)
    assert gate(nothing, RATE) is nothing
    empty = np.zeros((1, 0), dtype=np.float32)
    assert gate(empty, RATE).shape == (1, 0)


def test_both_channels_move_together() -> None:
    stereo = np.concatenate([WORDS, 0.5 * WORDS + noise(WORDS.shape[1] / RATE, -70, 9)[None].astype(np.float32)])
    gated = gate(stereo.astype(np.float32), RATE)
    loud = np.abs(stereo) > 1e-3
    ratio = np.where(loud, gated / np.where(loud, stereo, 1), 1)
    both = loud.all(axis=0)
    np.testing.assert_allclose(ratio[0, both], ratio[1, both], atol=1e-3)
