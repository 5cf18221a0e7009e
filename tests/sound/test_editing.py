"""The rules of editing a project, and what a render of the edited one sounds like."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from core.app import Studio, build_studio
from core.kit.actor import LOCAL
from core.kit.errors import NotFound, UserError
from core.kit.settings import load_settings
from core.sound import editing, walking
from core.sound.edits import edits
from core.sound.projects import document
from core.sound.sounding import heard
from core.sound.types import Document
from core.store.assets import Asset
from tests.library.sounds import bring

LENGTHS = {"bed": 10.0, "voice": 4.0}
RATE = 44_100


def piece(**more: Any) -> Document:
    """A bed from 0 to 10 s, a voice from 2 to 6 s."""
    tracks = [
        {"id": "music", "name": "Music", "role": "music", "clips": [{"id": "bed", "asset_id": "bed"}]},
        {"id": "talk", "name": "Voice", "role": "voice", "clips": [{"id": "say", "asset_id": "voice", "start_s": 2.0}]},
    ]
    return document(tracks=tracks, **more)


def done(found: Document, *wishes: dict[str, Any]) -> Document:
    return editing.apply(found, edits(list(wishes)), LENGTHS)


def clip(found: Document, clip_id: str) -> Any:
    return editing.clip_of(found, clip_id)[1]


def test_old_documents_get_the_same_ids_at_every_reading() -> None:
    old = {"tracks": [{"name": "A", "role": "music", "clips": [{"asset_id": "x"}, {"asset_id": "y"}]},
                      {"name": "B", "role": "voice", "clips": [{"asset_id": "z", "id": "c1"}]}],
           "markers": [{"at_s": 1.0, "label": "here"}]}  # fmt: skip
    one, two = Document.model_validate(old), Document.model_validate(old)
    assert one == two
    assert [track.id for track in one.tracks] == ["t1", "t2"]
    assert [each.id for _, each in one.clips()] == ["c1-2", "c2", "c1"]
    assert one.markers[0].id == "m1"
    assert Document.model_validate(one.model_dump(mode="json")) == one
    with pytest.raises(UserError, match="two parts"):
        document(tracks=[{"id": "a", "name": "A", "role": "music"}, {"id": "a", "name": "B", "role": "music"}])


def test_the_audio_studios_own_names_are_understood() -> None:
    found = done(piece(), {"edit": "add", "track": "music", "type": "audio", "asset_id": "voice", "start": 5, "duration": 2,
                           "volume": 0.5, "url": "/media/voice", "id": "new"})  # fmt: skip
    made = clip(found, "new")
    assert (made.start_s, made.duration_s, made.gain_db) == (5, 2, pytest.approx(-6.02, abs=0.01))
    whole = {"name": "A", "role": "music", "clips": [{"asset_id": "bed", "start": 1, "volume": 0}]}
    assert document(tracks=[whole]).tracks[0].clips[0].mute


def test_a_clip_is_moved_trimmed_split_and_copied() -> None:
    found = done(piece(), {"edit": "move", "clip": "say", "start_s": 3.5, "track": "music"})
    assert [each.id for each in found.tracks[0].clips] == ["bed", "say"]
    assert clip(done(found, {"edit": "move", "clip": "say", "by_s": -9}), "say").start_s == 0
    trimmed = clip(done(piece(), {"edit": "trim", "clip": "say", "start_s": 2.5, "end_s": 5}), "say")
    assert (trimmed.start_s, trimmed.offset_s, trimmed.duration_s) == (2.5, 0.5, 2.5)
    again = done(
        done(piece(), {"edit": "trim", "clip": "say", "start_s": 2.5}), {"edit": "trim", "clip": "say", "start_s": 2}
    )
    assert (clip(again, "say").offset_s, clip(again, "say").duration_s) == (0, 4)
    halves = done(piece(), {"edit": "split", "clip": "say", "at_s": 3, "id": "rest"}).tracks[1].clips
    assert [(each.id, each.start_s, each.offset_s, each.duration_s) for each in halves] == [
        ("say", 2, 0, 1), ("rest", 3, 1, 3)]  # fmt: skip
    copied = done(piece(), {"edit": "duplicate", "clip": "say", "id": "echo"})
    assert (clip(copied, "echo").start_s, clip(copied, "echo").asset_id) == (6, "voice")
    assert [each.id for _, each in done(copied, {"edit": "delete", "clip": "say"}).clips()] == ["bed", "echo"]


def test_fades_keep_inside_their_clip() -> None:
    faded = done(piece(), {"edit": "fade", "clip": "say", "in_s": 1, "out_s": 2})
    assert (clip(faded, "say").fade_in_s, clip(faded, "say").fade_out_s) == (1, 2)
    short = clip(done(faded, {"edit": "trim", "clip": "say", "end_s": 3.5}), "say")
    assert short.fade_in_s + short.fade_out_s == pytest.approx(1.5)
    left, right = done(faded, {"edit": "split", "clip": "say", "at_s": 4}).tracks[1].clips
    assert (left.fade_in_s, left.fade_out_s, right.fade_in_s, right.fade_out_s) == (1, 0, 0, 2)


def test_tracks_and_markers() -> None:
    found = done(
        piece(),
        {"edit": "add_track", "id": "fx", "name": "Effects", "role": "effects", "position": 0},
        {"edit": "gain", "track": "fx", "gain_db": -3}, {"edit": "pan", "track": "fx", "pan": -0.5},
        {"edit": "mute", "track": "fx"}, {"edit": "solo", "track": "talk"},
        {"edit": "track", "track": "music", "name": "Bed", "duck_db": 12},
        {"edit": "marker", "id": "b", "at_s": 4, "label": "drop", "kind": "beat"}, {"edit": "marker", "id": "a", "at_s": 1},
        {"edit": "set_marker", "marker": "a", "at_s": 6, "label": "end"}, {"edit": "piece", "length_s": 8},
    )  # fmt: skip
    assert [track.name for track in found.tracks] == ["Effects", "Bed", "Voice"]
    assert (found.tracks[0].gain_db, found.tracks[0].pan, found.tracks[0].mute, found.tracks[2].solo) == (
        -3,
        -0.5,
        True,
        True,
    )
    assert found.tracks[1].duck is not None
    assert [(each.id, each.at_s, each.label) for each in found.markers] == [("b", 4, "drop"), ("a", 6, "end")]
    less = done(found, {"edit": "delete_track", "track": "fx"}, {"edit": "delete_marker", "marker": "b"},
                {"edit": "track", "track": "music", "duck_db": 0, "position": 1}, {"edit": "piece", "length_s": 0})  # fmt: skip
    assert [track.id for track in less.tracks] == ["talk", "music"]
    assert (less.tracks[1].duck, len(less.markers), less.length_s) == (None, 1, None)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a clip that is not there": ({"edit": "move", "clip": "gone", "start_s": 1}, "no clip"),
    "a track that is not there": ({"edit": "solo", "track": "gone"}, "no track"),
    "before the sound": ({"edit": "trim", "clip": "say", "start_s": 1}, "begins at 2.000"),
    "after the sound": ({"edit": "trim", "clip": "say", "end_s": 6.5}, "ends at 6.000"),
    "an end before the beginning": ({"edit": "trim", "clip": "say", "end_s": 1}, "Nothing would be left"),
    "a cut beside the clip": ({"edit": "split", "clip": "say", "at_s": 1.5}, "not inside"),
    "fades longer than the clip": ({"edit": "fade", "clip": "say", "in_s": 3, "out_s": 3}, "do not fit"),
    "a gain beyond reason": ({"edit": "gain", "clip": "say", "gain_db": 90}, "gain_db"),
    "neither clip nor track": ({"edit": "mute"}, "clip or a track"),
    "an unknown edit": ({"edit": "explode"}, "edit"),
    "a moment of nan": ({"edit": "move", "clip": "say", "start_s": float("nan")}, "start_s"),
    "an id twice": ({"edit": "duplicate", "clip": "say", "id": "bed"}, "already"),
    "longer than the asset": ({"edit": "add", "track": "talk", "asset_id": "voice", "duration_s": 9}, "4.000 s long"),
    "nothing to trim": ({"edit": "trim", "clip": "say"}, "edge"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_is_one_sentence(what: str) -> None:
    wish, said = WRONG[what]
    with pytest.raises(UserError, match=said) as error:
        done(piece(), wish)
    assert error.value.hint
    assert "\n" not in error.value.message


def test_all_edits_or_none() -> None:
    with pytest.raises(UserError, match="Edit 2 of 2"):
        done(piece(), {"edit": "delete", "clip": "say"}, {"edit": "mute", "clip": "say"})


def test_a_loop_goes_to_the_end() -> None:
    looped = done(piece(), {"edit": "loop", "clip": "bed"})
    for wish in ({"edit": "split", "clip": "bed", "at_s": 5}, {"edit": "trim", "clip": "bed", "end_s": 5}):
        with pytest.raises(UserError, match="loop"):
            done(looped, wish)
    assert clip(done(looped, {"edit": "trim", "clip": "bed", "start_s": 1}), "bed").start_s == 1


def test_what_is_heard() -> None:
    found = piece()
    assert [track.id for track in heard(done(found, {"edit": "mute", "track": "talk"}))] == ["music"]
    assert [track.id for track in heard(done(found, {"edit": "mute", "clip": "bed"}))] == ["talk"]
    alone = done(found, {"edit": "solo", "track": "talk"}, {"edit": "mute", "track": "talk"})
    assert [track.id for track in heard(alone)] == ["talk"], "as in the player: solo is heard"
    split = done(
        found, {"edit": "split", "clip": "say", "at_s": 3, "id": "b"}, {"edit": "split", "clip": "b", "at_s": 5}
    )
    assert [(each.start_s, each.duration_s) for each in heard(split)[1].clips] == [(2, 4)]
    moved = done(split, {"edit": "gain", "clip": "b", "gain_db": -1})
    assert len(heard(moved)[1].clips) == 3


def test_undo_and_redo_walk_versions() -> None:
    steps: dict[int, int | None] = {1: None, 2: None, 3: None}
    assert (walking.undo_to(steps, 3), walking.redo_to(steps, 3)) == (2, None)
    steps[4] = 2
    assert (walking.undo_to(steps, 4), walking.redo_to(steps, 4)) == (1, 3)
    steps[5] = 1
    assert (walking.undo_to(steps, 5), walking.redo_to(steps, 5)) == (None, 2)
    steps[6] = 2
    assert (walking.undo_to(steps, 6), walking.redo_to(steps, 6)) == (1, 3)
    steps[7] = None  # edited after the undo: there is no way forward any more
    assert (walking.undo_to(steps, 7), walking.redo_to(steps, 7)) == (2, None)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    built = build_studio(load_settings(home=tmp_path_factory.mktemp("editing") / "home"))
    built.ensure_worker()
    yield built
    built.close()


def steady(studio: Studio, folder: Path, name: str, hertz: float, seconds: float = 4.0) -> Asset:
    """A sine on both sides, as loud at its end as at its beginning."""
    time = np.arange(round(seconds * RATE)) / RATE
    both = np.stack([0.2 * np.sin(2 * np.pi * hertz * time)] * 2, axis=1)
    soundfile.write(folder / f"{name}.wav", both.astype(np.float32), RATE, subtype="FLOAT")
    return studio.importing.bring_in(LOCAL, folder / f"{name}.wav", name=name)[0]


def rendered(studio: Studio, project_id: str) -> np.ndarray:
    job = studio.jobs.wait(LOCAL, studio.sound.render(LOCAL, project_id).id, 60)
    assert job.status == "done", job.error
    mix = next(each for each in studio.jobs.assets(LOCAL, job.id) if each.role == "primary")
    samples, rate = soundfile.read(studio.library.file(LOCAL, mix.id), dtype="float64", always_2d=True)
    assert rate == RATE
    return np.asarray(samples.T)


def tone(samples: np.ndarray, hertz: float, start_s: float, end_s: float) -> float:
    """Level of one frequency, in dB."""
    part = samples[round(start_s * RATE) : round(end_s * RATE)]
    wave = np.exp(-2j * np.pi * hertz * np.arange(part.size) / RATE)
    return float(20 * np.log10(max(1e-9, 2 * abs(np.mean(part * wave)))))


def test_a_render_sounds_as_edited(desk: Studio, tmp_path: Path) -> None:
    low, high = steady(desk, tmp_path, "Low", 300.0), steady(desk, tmp_path, "High", 2000.0)
    start = document(tracks=[
        {"id": "a", "name": "A", "role": "music", "clips": [{"id": "low", "asset_id": low.id}]},
        {"id": "b", "name": "B", "role": "effects", "clips": [{"id": "high", "asset_id": high.id}]},
    ])  # fmt: skip
    row = desk.projects.create(LOCAL, "Edited", start)
    whole = rendered(desk, row.id)
    opened = desk.timelines.edit(LOCAL, row.id, 1, edits([
        {"edit": "split", "clip": "low", "at_s": 1.0, "id": "mid"}, {"edit": "split", "clip": "mid", "at_s": 2.5},
    ]))  # fmt: skip
    assert (opened.row.version, opened.undo, opened.redo) == (2, 1, None)
    assert np.array_equal(rendered(desk, row.id), whole), "a split by itself changes nothing"
    desk.timelines.edit(LOCAL, row.id, 2, edits([
        {"edit": "pan", "clip": "low", "pan": -1}, {"edit": "mute", "clip": "mid"},
        {"edit": "trim", "clip": "high", "start_s": 1.0, "end_s": 3.0}, {"edit": "move", "clip": "high", "start_s": 2.0},
        {"edit": "fade", "clip": "high", "in_s": 1.0}, {"edit": "gain", "track": "b", "gain_db": -6},
    ]))  # fmt: skip
    left, right = rendered(desk, row.id)
    level = tone(left, 300, 2.6, 3.9)
    assert tone(left, 300, 0.1, 0.9) == pytest.approx(level, abs=0.2)
    assert tone(right, 300, 0.1, 0.9) < level - 60, "panned left"
    assert tone(left, 300, 1.05, 2.4) < level - 60, "mute"
    assert tone(left, 2000, 0.1, 1.9) < level - 60, "moved"
    assert tone(left, 2000, 3.2, 3.9) == pytest.approx(level - 6, abs=0.3), "6 dB down"
    assert tone(left, 2000, 2.0, 2.2) < level - 15, "it fades in"
    desk.timelines.edit(LOCAL, row.id, 3, edits([{"edit": "solo", "track": "b"}]))
    left, _ = rendered(desk, row.id)
    assert tone(left, 300, 2.6, 3.9) < tone(left, 2000, 3.2, 3.9) - 60, "solo"


def test_versions_conflicts_undo_and_redo(desk: Studio, tmp_path: Path) -> None:
    sound = bring(desk, tmp_path, "Bell", seconds=2.0)
    start = document(tracks=[{"name": "A", "role": "music", "clips": [{"asset_id": sound.id}]}])
    row = desk.projects.create(LOCAL, "Two people", start)
    step = edits([{"edit": "move", "clip": "c1", "by_s": 1}])
    one = desk.timelines.edit(LOCAL, row.id, 1, step)
    assert one.document.tracks[0].clips[0].start_s == 1
    with pytest.raises(UserError) as conflict:
        desk.timelines.edit(LOCAL, row.id, 1, edits([{"edit": "delete", "clip": "c1"}]))
    assert conflict.value.code == "version_conflict"
    assert "Moved a clip" in conflict.value.message
    assert desk.timelines.open(LOCAL, row.id).document == one.document
    two = desk.timelines.edit(LOCAL, row.id, 2, step)
    back = desk.timelines.undo(LOCAL, row.id, two.row.version)
    assert (back.document.tracks, back.row.version, back.redo) == (one.document.tracks, 4, 3)
    back = desk.timelines.undo(LOCAL, row.id, 4)
    assert (back.document.tracks, back.undo) == (start.tracks, None)
    with pytest.raises(UserError, match="nothing to undo"):
        desk.timelines.undo(LOCAL, row.id, 5)
    forth = desk.timelines.redo(LOCAL, row.id, 5)
    assert forth.document.tracks == one.document.tracks
    old = desk.timelines.restore(LOCAL, row.id, 6, 3)
    assert (old.document.tracks, old.undo) == (two.document.tracks, 2)
    assert len(desk.projects.history(LOCAL, row.id)) == 7, "nothing is lost"


def test_a_project_whose_sound_is_gone_can_still_be_edited(desk: Studio, tmp_path: Path) -> None:
    bell, gone = bring(desk, tmp_path, "Gong", seconds=2.0), bring(desk, tmp_path, "Leaves", seconds=2.0)
    clips = [{"id": "a", "asset_id": bell.id}, {"id": "b", "asset_id": gone.id}]
    row = desk.projects.create(
        LOCAL, "Half", document(tracks=[{"id": "t", "name": "A", "role": "music", "clips": clips}])
    )
    desk.library.bin(LOCAL, [gone.id])
    desk.library.purge(LOCAL, [gone.id])
    job = desk.jobs.wait(LOCAL, desk.sound.render(LOCAL, row.id).id, 60)
    assert job.status == "failed"
    assert "gone" in str(job.error)
    moved = desk.timelines.edit(LOCAL, row.id, 1, edits([{"edit": "move", "clip": "b", "start_s": 1}]))
    with pytest.raises(UserError, match="gone"):
        desk.timelines.edit(LOCAL, row.id, moved.row.version, edits([{"edit": "split", "clip": "b", "at_s": 2}]))
    desk.timelines.edit(LOCAL, row.id, moved.row.version, edits([{"edit": "delete", "clip": "b"}]))
    assert rendered(desk, row.id).size
    with pytest.raises(NotFound):
        desk.timelines.edit(LOCAL, row.id, 3, edits([{"edit": "add", "track": "t", "asset_id": gone.id}]))
