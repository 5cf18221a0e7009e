"""What a style does with a request: only what was left open, by the distribution it measured, the same for the same seed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.music.composer.arrange import arrange
from core.music.composer.plan import plan
from core.music.quality.rules import rules
from core.music.styles.profile import profile
from core.music.styles.steering import WEIGHTS, Steered, steered
from core.music.types import Material, MusicRequest


def track(**values: Any) -> dict[str, Any]:
    plain = {
        "asset_id": "asset_1", "name": "One", "seconds": 30.0, "bpm": 100.0, "beats_per_bar": 4, "key": "A minor",
        "key_confidence": 0.9, "minor_chords": 0.6, "section_s": 8.0, "sections": 3, "lufs": -14.0, "range_lu": 4.0,
        "crest_db": 12.0, "centroid_hz": 600.0, "octaves_db": [0.0] * 8, "width": 0.1, "energy": 0.5,
        "energy_curve": [-3.0] * 8, "onsets_per_s": 3.0, "genre": None, "mood": None, "intensity": None, "instruments": [],
    }  # fmt: skip
    return plain | values


def asked(tracks: list[dict[str, Any]], **values: Any) -> Steered:
    material = Material(style={"id": "style_1", "name": "Ours", "profile": profile(tracks)})
    return steered(MusicRequest(material=material, **{"seed": 1, **values}))


def test_a_profile_tells_medians_and_spreads() -> None:
    found = profile([track(bpm=bpm) for bpm in (90.0, 100.0, 130.0)] + [track(bpm=None, key=None)])
    assert found["figures"]["bpm"] == {"median": 100.0, "low": 92.0, "high": 124.0, "tracks": 3}
    assert (found["keys"], found["minor"]) == ({"A minor": 3}, 1.0)
    assert found["figures"]["width"]["tracks"] == 4


def test_open_tempi_lie_where_the_tracks_lie_and_nowhere_between() -> None:
    groups = [track(bpm=bpm) for bpm in (80.0, 82.0, 140.0, 141.0)]
    drawn = [asked(groups, seed=seed).request.bpm or 0 for seed in range(60)]
    assert all(80 <= bpm <= 83 or 138 <= bpm <= 141 for bpm in drawn)
    assert {bpm < 100 for bpm in drawn} == {True, False}
    assert asked(groups, seed=7) == asked(groups, seed=7)


@pytest.mark.parametrize(
    ("field", "value", "prompt"),
    [("bpm", 170.0, ""), ("key", "Eb major", ""), ("genre", "jazz", ""), ("intensity", "low", ""),
     ("bpm", None, "at 93 bpm"), ("key", None, "in F# major"), ("genre", None, "a jazz trio")],
)  # fmt: skip
def test_what_is_asked_for_wins(field: str, value: Any, prompt: str) -> None:
    tracks = [track(genre="house", intensity="high")] * 3
    left = asked(tracks).request
    found = asked(tracks, prompt=prompt, **({field: value} if value else {}))
    assert getattr(found.request, field) == value
    assert getattr(left, field) not in (None, value)
    assert not [each for each in found.why if each.lower().startswith({"bpm": "tempo"}.get(field, field))]
    others = {"bpm", "key"} - {field}
    assert {each: getattr(found.request, each) for each in others} == {each: getattr(left, each) for each in others}


def test_every_choice_has_its_reason() -> None:
    found = asked([track(genre="house", mood="dark", instruments=["organ"])] * 3)
    assert [each.split()[0] for each in found.why] == ["Tempo", "Key", "Genre", "Mood", "Instruments:"]
    assert "all at 100" in found.why[0]
    assert "most of its tracks are house" in found.why[2]


def test_energy_chooses_an_intensity_only_where_it_is_plain() -> None:
    chosen = [asked([track(energy=energy)] * 3).request.intensity for energy in (0.2, 0.5, 0.8)]
    assert chosen == ["low", None, "high"]


def test_a_genre_is_told_by_its_reference_or_not_at_all() -> None:
    jazz = rules()["references"]["jazz_band"]["octaves_db"]
    assert asked([track(octaves_db=jazz)] * 3).request.genre == "jazz"
    assert asked([track(octaves_db=[0, 9, 0, 9, 0, 9, 0, 9])] * 3).request.genre is None


def test_the_band_plays_what_the_tracks_have() -> None:
    def comping(share: float) -> int:
        tracks = [track(genre="jazz", instruments=["organ"])] * round(10 * share) + [track(genre="jazz")] * 10
        wanted = [asked(tracks, seed=seed).request for seed in range(80)]
        return sum(layer.instrument == "organ" for one in wanted for layer in arrange(plan(one)).values())

    assert comping(1.0) > comping(0.0)
    chosen = asked([track(instruments=["organ"])] * 3, instruments=("harp",))
    assert WEIGHTS not in chosen.request.material.style


def test_without_a_style_nothing_changes() -> None:
    plain = MusicRequest(prompt="rain", seed=3)
    assert steered(plain) == Steered(plain, ())
    assert plan(plain) == replace(plan(plain), leaning={})
