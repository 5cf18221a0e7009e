"""Best of several, as a decision on scores alone."""

from __future__ import annotations

import pytest

from core.kit.errors import UserError
from core.music.quality.choosing import best, threshold, verdict
from core.music.quality.types import Part, Score


def score(total: float, *flags: str) -> Score:
    parts = tuple(Part(name, name, 1.0, "", "", 0.1, 1.0, f"The {name} is off.") for name in flags)
    return Score(total, (*parts, Part("fine", "Fine", 1.0, "", "", 1.0, 1.0, "Good.")), flags)


def test_what_reaches_the_threshold_is_kept() -> None:
    assert verdict(score(70.0), 70).decision == "kept"
    assert not verdict(score(0.0, "tempo"), 0).again
    assert verdict(score(threshold())).decision == "kept"


def test_what_does_not_is_made_again_and_the_reason_names_the_worst() -> None:
    told = verdict(score(40.0, "tempo", "key"), 70)
    assert told.again
    assert "40 of 100" in told.reason
    assert "The tempo is off." in told.reason


def test_what_nothing_is_known_of_is_kept() -> None:
    assert verdict(Score(0.0, (Part("a", "A", None, "", "", 0.0, 0.0, "Not asked."),), ()), 70).decision == "kept"


@pytest.mark.parametrize("wanted", [-1, 101, float("nan")])
def test_a_threshold_no_score_can_have_is_refused(wanted: float) -> None:
    with pytest.raises(UserError, match="cannot be asked for"):
        verdict(score(50.0), wanted)


def test_the_best_is_the_highest_then_the_one_with_fewer_flags_then_the_earlier() -> None:
    chosen = best([score(60.0, "key"), score(80.0), score(75.0)])
    assert chosen.index == 1
    assert "Try 2 of 3" in chosen.reason
    assert "75" in chosen.reason
    assert best([score(80.0, "key"), score(80.0)]).index == 1
    assert best([score(80.0), score(80.0)]).index == 0
    assert best([score(10.0)]).reason == "It is the only one, with 10 of 100."


def test_nothing_to_choose_from() -> None:
    with pytest.raises(UserError, match="no piece"):
        best([])
