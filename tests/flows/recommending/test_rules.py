"""From measures to music: the stated table, the reasons in words, what was kept before, seen and not silent."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from core.flows.recommending import cues, rules, suggesting, tempo
from core.flows.recommending.types import Kept
from core.music.composer.keys import parse_key
from core.video import scene_types
from core.video.types import Clip, Features, Scene

CALM: dict[str, Any] = {
    "lufs": -30.0, "energy": 0.1, "speech": 0.0, "centroid_hz": 800.0, "motion": 0.1, "motion_heights_s": 0.03,
    "brightness": 0.5, "contrast": 0.35, "warmth": 0.1, "saturation": 0.3, "flat": 0.1, "face": 0.0, "face_height": 0.0,
    "cuts_per_minute": 2.0, "position": 0.5,
}  # fmt: skip
KINDS: dict[str, dict[str, Any]] = {
    "landscape": {},
    "talking_head": {"speech": 0.8, "face": 0.9, "face_height": 0.4, "motion": 0.15},
    "conversation": {"speech": 0.8, "face": 0.4, "motion": 0.2, "cuts_per_minute": 15.0},
    "action": {"motion": 0.8, "energy": 0.7, "cuts_per_minute": 22.0},
    "montage": {"cuts_per_minute": 40.0, "motion": 0.4},
    "titles": {"flat": 0.8, "motion": 0.02, "saturation": 0.1, "contrast": 0.1},
    "product": {"brightness": 0.8, "flat": 0.55, "motion": 0.1, "saturation": 0.1},
    "calm": {"saturation": 0.05, "contrast": 0.1, "motion": 0.05, "energy": 0.0, "cuts_per_minute": 0.0, "flat": 0.25},
}  # fmt: skip


def features(**changes: Any) -> Features:
    return Features(**(CALM | changes))


def clip(*scenes: tuple[float, dict[str, Any]]) -> Clip:
    """(seconds, features) each."""
    made: list[Scene] = []
    at = 0.0
    for number, (seconds, changes) in enumerate(scenes, 1):
        found = features(**changes)
        kind, confidence, why = scene_types.classify(found)
        made.append(
            Scene(
                number=number, start_s=at, end_s=at + seconds, first_frame=round(at * 25), frames=round(seconds * 25),
                opened="cut" if at else "start", features=found, type=kind, confidence=confidence, why=why,
            )
        )  # fmt: skip
        at += seconds
    return Clip(seconds=at, fps=25, width=1280, height=720, scenes=tuple(made))


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_scene_is_told_by_its_rule(kind: str) -> None:
    told, confidence, why = scene_types.classify(features(**KINDS[kind]))
    assert told == kind
    assert confidence > 0.05
    assert why.startswith(scene_types.rules()["types"][kind]["says"])


def test_a_wild_scene_gets_driving_music_and_says_why() -> None:
    found = clip((20.0, KINDS["action"]))
    said = rules.for_scene(found, found.scenes[0])
    assert (said.genre, said.mood, said.intensity) == ("electronic", "energetic", "high")
    assert "Motion 0.8" in said.why
    assert f"{said.bpm:g} BPM" in said.why
    assert said.bpm * said.seconds / 60 % 2 == pytest.approx(0, abs=0.01)


def test_music_steps_back_where_people_speak() -> None:
    wild = clip((20.0, KINDS["action"] | {"speech": 0.45}))
    quiet = rules.for_scene(wild, wild.scenes[0])
    assert quiet.under_speech
    assert quiet.intensity == "medium"


def test_a_dark_picture_turns_the_mood() -> None:
    found = clip((20.0, {"brightness": 0.1}))
    said = rules.for_scene(found, found.scenes[0])
    assert said.mood == "nostalgic"
    assert "a dark picture turns calm" in said.choices[0].why


def test_what_was_kept_before_moves_the_order_and_is_told() -> None:
    found = clip((20.0, KINDS["landscape"]))
    plain = rules.for_scene(found, found.scenes[0])
    other = plain.choices[1].genre
    kept = [
        Kept(scene_type="landscape", genre=plain.genre, kept=0, made=8),
        Kept(scene_type="landscape", genre=other, kept=8, made=8),
        Kept(scene_type="titles", genre="jazz", kept=99, made=99),
    ]
    moved = rules.for_scene(found, found.scenes[0], kept)
    assert moved.genre == other
    assert moved.learned == (f"{plain.genre}: kept 0 of 8", f"{other}: kept 8 of 8")
    assert "jazz" not in {choice.genre for choice in moved.choices}
    assert sum(choice.share for choice in moved.choices) <= 1.001


def test_one_lucky_track_moves_nothing_far() -> None:
    found = clip((20.0, KINDS["landscape"]))
    plain = rules.for_scene(found, found.scenes[0])
    third = plain.choices[2].genre
    assert (
        rules.for_scene(found, found.scenes[0], [Kept(scene_type="landscape", genre=third, kept=1, made=1)]).genre
        == plain.genre
    )


def test_cues_lie_on_cuts_in_one_family_of_keys() -> None:
    found = clip(
        (14.0, KINDS["landscape"]), (16.0, KINDS["action"]), (3.0, KINDS["titles"]), (15.0, KINDS["landscape"])
    )
    planned = cues.plan(found, seed=11)
    assert planned == cues.plan(found, seed=11)
    assert [cue.start_s for cue in planned] == [0.0, *(cue.end_s for cue in planned[:-1])]
    assert planned[-1].end_s == 48.0
    assert {cue.start_s for cue in planned} <= {scene.start_s for scene in found.scenes}
    assert all(cue.seconds >= cues.SHORTEST_S for cue in planned)
    for cue in planned:
        assert cue.bars * 4 * 60 / cue.bpm == pytest.approx(cue.seconds, abs=0.01)
    assert len({frozenset(parse_key(cue.key).scale) for cue in planned}) == 1
    first, last = planned[0], planned[-1]
    assert (first.genre, first.mood, first.seed) == (last.genre, last.mood, last.seed), "the theme does not return"
    assert [cue.ending for cue in planned[:-1]] == ["cut"] * (len(planned) - 1)
    assert last.ending == "resolve"


def test_neighbouring_cues_have_tempos_that_go_together() -> None:
    found = clip(
        (17.3, KINDS["action"]), (21.7, KINDS["landscape"]), (13.1, KINDS["product"]), (19.9, KINDS["titles"]),
        (15.2, KINDS["action"]), (16.4, KINDS["talking_head"]),
    )  # fmt: skip
    planned = cues.plan(found, seed=3)
    assert len(planned) == 6
    assert [tempo.go_together(cue.bpm, after.bpm) for cue, after in pairwise(planned)] == [True] * 5
    for cue in planned:
        assert cue.bars * 4 * 60 / cue.bpm == pytest.approx(cue.seconds, abs=0.01), "it ends with no bar"
    # What is taken as it was planned counts as unchanged, whatever its neighbour made of its tempo.
    told = [suggesting.for_cue("clip", found, cue, planned=planned) for cue in planned]
    assert [each.told["changed"] for each in told] == [[]] * 6


def test_one_piece_may_lie_under_the_whole_clip() -> None:
    found = clip((14.0, KINDS["landscape"]), (16.0, KINDS["action"]))
    (only,) = cues.plan(found, seed=1, one=True)
    assert (only.start_s, only.end_s, only.scenes) == (0.0, 30.0, (1, 2))
