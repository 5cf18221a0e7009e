"""Bars on cuts: found where there is such a tempo, told in frames where there is none."""

from __future__ import annotations

import pytest

from core.flows.recommending import tempo


def test_a_tempo_that_fits_every_cut_is_found() -> None:
    cuts = [bars * 4 * 60 / 126 for bars in (1, 2, 4, 5, 8)]
    fit = tempo.over_cuts(cuts, 25, (100, 118, 140))
    assert fit.bpm == pytest.approx(126, abs=0.11)
    assert (fit.on_beats, fit.on_bars) == (5, 5)
    assert fit.says() == "5 of 5 cuts within 2 frames of a beat, 5 of them on a bar"


def test_off_by_frames_is_told_with_its_sign() -> None:
    early, late = tempo.landings(120, [0.45, 2.05], 20).landings
    assert (early.beat_frames, late.beat_frames) == (-1.0, 1.0)
    assert (early.bar_frames, late.bar_frames) == (9.0, 1.0)


def test_without_cuts_the_usual_tempo_stays() -> None:
    fit = tempo.over_cuts([], 24, (60, 92, 130))
    assert fit.bpm == 92
    assert fit.says() == "no cuts to land on"


@pytest.mark.parametrize("seconds", [3.0, 7.2, 11.79, 30.0, 61.3])
def test_a_piece_between_two_cuts_ends_with_a_bar(seconds: float) -> None:
    bpm, bars = tempo.between(seconds, 110)
    assert bars * 4 * 60 / bpm == pytest.approx(seconds)
    assert 2 * bars == int(2 * bars)


def test_filling_prefers_a_tempo_with_the_inner_cuts_on_bars() -> None:
    # 16 s are 8 bars at 120 and 7 at 105; the cuts lie on bars of 105 only.
    cuts = [16 / 7 * number for number in (2, 3, 5)]
    assert tempo.filling(16, 112, cuts, 24, 0.12) == (pytest.approx(105), 7)
    assert tempo.filling(16, 116, [], 24, 0.12) == (pytest.approx(120), 8)
