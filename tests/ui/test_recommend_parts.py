"""What the Recommend page shows, without a browser: a clip's facts, its drawing, cues, prices and the names in them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from core.flows.recommending import changes, cues
from core.kit.errors import UserError
from core.store.clips import ClipRow
from core.video.scenes import scan
from core.video.types import Clip
from ui_gradio.parts import clip_rows, scoring, suggestions
from ui_gradio.parts.cues import asked, cues_of, whole
from ui_gradio.theme import STATIC

MONTAGE = Path(__file__).parents[1] / "media" / "montage_bbb_hardcuts.mp4"
ROW: dict[str, Any] = {
    "id": "clip_1", "asset_id": "asset_1", "name": "<img src=x onerror=alert(1)>", "job_id": "job_1", "seconds": 15.9,
    "facts": {}, "user_id": "local", "organisation_id": "local", "created_at": None,
}  # fmt: skip


@pytest.fixture(scope="module")
def clip() -> Clip:
    found, pictures = scan(MONTAGE, max_seconds=60)
    assert clip_rows.picture(pictures[0]).startswith("data:image/jpeg;base64,/9j/")
    return found


def test_a_clip_is_told_in_words_and_drawn_to_its_length(clip: Clip) -> None:
    shown = clip_rows.clip_row(ClipRow(**ROW), clip)
    assert shown["facts"].startswith("0:15.9 · 640 × 360 · 24 frames a second · 8 scenes")
    scenes = shown["scenes"]
    assert [scene["number"] for scene in scenes] == list(range(1, 9))
    assert scenes[0]["left"] == 0
    assert scenes[-1]["left"] + scenes[-1]["width"] == pytest.approx(100, abs=0.01)
    assert scenes[1]["left"] == pytest.approx(100 * 61 / 382, abs=0.01)
    assert [curve["name"] for curve in shown["curves"]] == ["energy", "motion", "brightness", "speech"]
    assert all(curve["d"].startswith("M0 ") for curve in shown["curves"])
    assert shown["name"] == ROW["name"], "escaping is the page's: it goes in as text"


def test_a_curve_of_hours_is_no_longer_than_one_of_minutes() -> None:
    long = clip_rows.path([0.5] * 20_000)
    assert long.count("L") == clip_rows._POINTS + 1
    assert clip_rows.path([]) == ""
    assert clip_rows.path([2.0, -1.0]) == "M0 2.0L250.0 2.0L750.0 98.0L1000 98.0"


def test_a_silent_clip_says_so(clip: Clip) -> None:
    silent = clip_rows.clip_row(ClipRow(**ROW), clip.model_copy(update={"sounds": False, "warnings": ("Cut off.",)}))
    assert silent["warnings"] == ["Cut off.", clip_rows.SILENT]


def test_what_a_person_changes_stays_and_what_follows_is_counted_anew(clip: Clip) -> None:
    planned = cues.plan(clip, seed=3, one=True)[0]
    changed = changes.refitted(clip, planned.model_copy(update={"mood": "epic", "bpm": 100.0, "end_s": 10.0}))
    assert (changed.mood, changed.bpm, changed.key) == ("epic", 100.0, planned.key)
    assert changed.scenes == (1, 2, 3, 4, 5)
    assert changed.bars == pytest.approx(10 * 100 / 240, abs=0.01)
    fitted = changes.on_the_cuts(clip, changed)
    assert fitted.bpm == pytest.approx(100, rel=cues.MOST_BEND)
    assert (2 * fitted.bars) == pytest.approx(round(2 * fitted.bars), abs=0.01)
    assert changes.offered(clip, changed).genre == planned.genre


def test_a_cue_is_split_at_a_cut_and_joined_again(clip: Clip) -> None:
    whole_ = cues.plan(clip, seed=3, one=True)[0]
    at = clip.scenes[4].start_s
    first, second = changes.split(clip, whole_, at)
    assert (first.end_s, second.start_s, first.scenes, second.scenes) == (at, at, (1, 2, 3, 4), (5, 6, 7, 8))
    assert (first.ending, second.ending) == ("cut", whole_.ending)
    again = changes.joined(clip, first, second)
    assert (again.start_s, again.end_s, again.genre) == (whole_.start_s, whole_.end_s, first.genre)
    with pytest.raises(UserError, match="cannot be split"):
        changes.split(clip, whole_, 0.2)


@pytest.mark.parametrize(
    ("values", "told"),
    [({"bpm": 900}, "Cue 2, bpm"), ({"mood": "<b>"}, "Cue 2, mood"), ({"end_s": 0.4}, "0.40 s long"), ({"end_s": "x"}, "Cue 2, end_s")],
)  # fmt: skip
def test_a_wrong_value_is_named_with_its_cue(clip: Clip, values: dict[str, Any], told: str) -> None:
    good = cues.plan(clip, seed=3, one=True)[0].model_dump(mode="json")
    with pytest.raises(UserError, match=told):
        cues_of({"cues": [good, good | values | {"offer": {"what": "of the page"}}]})


def test_what_does_not_count_is_not_asked_for() -> None:
    form = {"over": "", "text": "Left over", "voice": "asset_9", "voice_start_s": "x", "music_gain_db": "-3,5"}
    values = scoring._values({"clip": "clip_1", "seed": "7", "form": form})
    assert (values["music_gain_db"], values["seed"]) == (-3.5, 7)
    assert not {"text", "voice", "voice_start_s", "provider"} & set(values)
    with pytest.raises(UserError, match="has no text"):
        scoring._values({"clip": "clip_1", "form": form | {"over": "text", "text": " ", "voice_start_s": "1"}})
    with pytest.raises(UserError, match="No recording"):
        scoring._values({"clip": "clip_1", "form": {"over": "voice"}})
    with pytest.raises(UserError, match="is not a number"):
        scoring._values({"clip": "clip_1", "form": form | {"over": "text"}})
    with pytest.raises(UserError, match="seed"):
        whole("many")
    assert asked({"clip": "clip_1", "provider": "musicgen"})["provider"] == "musicgen"


def test_a_recommendation_is_shown_with_its_reason_and_its_rivals(clip: Clip) -> None:
    shown = suggestions.told(changes.offered(clip, cues.plan(clip, seed=3, one=True)[0]))
    assert "Motion" in shown["why"]
    assert "frames" in shown["landing"]
    assert len(shown["choices"]) > 1
    assert shown["choices"][0]["share"] >= shown["choices"][1]["share"]


def test_names_reach_the_page_as_text_alone() -> None:
    """What a user wrote is never part of a template or of markup that a script puts together."""
    for name in ("film", "scenes", "cues", "scoring", "scored"):
        script = (STATIC / "js" / f"{name}.js").read_text(encoding="utf-8")
        assert set(re.findall(r"innerHTML = ([^;]+);", script)) <= {"PLAY", "OPTIONS[name]"}
        assert "insertAdjacentHTML" not in script
