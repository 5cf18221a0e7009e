"""The statistics of trials against what is known of them: intervals, strengths, what is proposed, what is compared."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from core.kit.errors import UserError
from core.music.trials.blind import letters, level_gain_db
from core.music.trials.optimiser import propose
from core.music.trials.planning import planned, values_of
from core.music.trials.rates import Seen, bradley_terry, rates, wilson


def test_wilson_as_published() -> None:
    """Newcombe 1998, table I, method 3: 81 of 263; 15 of 148; 0 of 20; 1 of 29."""
    for wins, of, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        assert wilson(wins, of) == pytest.approx((low, high), abs=5e-5)
    assert wilson(0, 0) == (0.0, 1.0)


def test_bradley_terry_finds_the_strengths_pairs_were_drawn_from() -> None:
    truth = {"a": 0.5, "b": 0.3, "c": 0.2}
    draw = random.Random(4)
    pairs = []
    for one, other in combinations(truth, 2):
        for _ in range(2000):
            wins = draw.random() < truth[one] / (truth[one] + truth[other])
            pairs.append((one, other) if wins else (other, one))
    assert bradley_terry(pairs) == pytest.approx(truth, abs=0.03)
    alone = bradley_terry([("a", "b")])
    assert 0.5 < alone["a"] < 0.95, "one win is not certainty"
    assert bradley_terry([]) == {}


def seen(share: float, wins: int, of: int) -> list[Seen]:
    shares = {"90": share, "120": 1 - share}
    return [Seen("bpm", shares, "90" if n < wins else "120") for n in range(of)]


def test_a_rate_is_held_against_chance() -> None:
    """One variant in four that wins a quarter of the time has shown nothing; that wins nearly always, something."""
    assert {each.verdict for each in rates(seen(0.25, 10, 40))} == {"no difference shown"}
    best, worst = rates(seen(0.25, 36, 40))
    assert (best.value, best.verdict, best.chance) == ("90", "better than chance", 0.25)
    assert worst.verdict == "worse than chance"
    assert {each.verdict for each in rates(seen(0.5, 9, 9))} == {"too few to say"}


def test_a_proposal_follows_what_won_and_says_how_sure_it_is() -> None:
    nothing = propose({"bpm": [90, 120]}, [], seed=3)
    assert "Nothing was chosen yet" in nothing.said
    assert {propose({"bpm": [90, 120]}, [], seed=n).values["bpm"] for n in range(20)} == {90, 120}
    few = propose({"bpm": [90, 120]}, seen(0.5, 3, 3), seed=3)
    assert "Too few to say: 3 choices" in few.said
    much = [propose({"bpm": [90, 120]}, seen(0.5, 36, 40), seed=n) for n in range(20)]
    assert {each.values["bpm"] for each in much} == {90}
    assert (much[0].beliefs[0].value, much[0].beliefs[0].enough) == ("90", True)
    assert much[0].beliefs[0].best > 0.99
    assert much[0] == propose({"bpm": [90, 120]}, seen(0.5, 36, 40), seed=0)
    by_chance = propose({"bpm": [90, 120]}, seen(0.25, 100, 400), seed=1)
    assert all(abs(each.mean - 0.5) < 0.03 for each in by_chance.beliefs), "chance among four is chance among two"


def test_what_is_compared() -> None:
    whole = planned({"bpm": [90, 120], "mood": ["calm", "dark"]}, None, [], 0)
    assert len(whole.variants) == 4
    some = planned({"bpm": [80, 90, 100, 110], "seed": [1, 2, 3, 4], "mood": ["calm", "dark"]}, 4, [], 5)
    assert {each["bpm"] for each in some.variants} == {80, 90, 100, 110}
    assert {each["seed"] for each in some.variants} == {1, 2, 3, 4}
    assert some == planned({"bpm": [80, 90, 100, 110], "seed": [1, 2, 3, 4], "mood": ["calm", "dark"]}, 4, [], 5)
    listed = planned({}, None, [{"provider": "composer"}, {"provider": "mubert", "bpm": 90}], 0)
    assert listed.axes == {"provider": ["composer", "mubert"], "bpm": [None, 90]}

    def filled(name: str, values: dict[str, object]) -> dict[str, object]:
        return {"preset": name} | values

    assert values_of({"template": "calm-bed"}, {"bpm": 90}, filled) == {"preset": "calm-bed", "bpm": 90}
    template = {"name": "Intro", "values": {"mood": "inspiring", "seconds": 15}}
    assert values_of({"seconds": 5, "seed": 1}, {"template": template}, filled) == {
        "mood": "inspiring",
        "seconds": 5,
        "seed": 1,
    }


@pytest.mark.parametrize(
    ("grid", "listed", "why"),
    [
        ({}, [], "a grid of values or a list"), ({"bpm": [90]}, [], "1 variants"), ({"bpm": list(range(40, 60))}, [], "20 variants"),
        ({"colour": ["red", "blue"]}, [], "'colour' cannot be compared"), ({"bpm": []}, [], "0 values"),
        ({}, [{"bpm": 90}, {"bpm": 90}], "are the same"), ({"bpm": [1, 2]}, [{"bpm": 1}], "Give one|a grid of values or"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared(grid: dict[str, list[object]], listed: list[dict[str, object]], why: str) -> None:
    with pytest.raises(UserError, match=why):
        planned(grid, None, listed, 0)


def test_letters_are_each_listeners_own_and_levels_never_rise() -> None:
    orders = {tuple(letters("salt", f"user{n}", 4).values()) for n in range(60)}
    assert len(orders) > 12, "of 24"
    assert letters("salt", "ada", 16) == letters("salt", "ada", 16)
    assert list(letters("salt", "ada", 3)) == ["A", "B", "C"]
    gain = level_gain_db([-14.0, -20.0, None])
    assert [gain(level) for level in (-14.0, -20.0, None)] == [-6.0, 0.0, 0.0]
