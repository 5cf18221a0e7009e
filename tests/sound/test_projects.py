"""Projects: versions, conflicts, and the document of a voice over music."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.app import Studio, build_studio
from core.kit.actor import LOCAL, Actor
from core.kit.errors import NotFound, UserError
from core.kit.settings import load_settings
from core.sound.projects import document, voice_over_music
from core.sound.types import Document
from core.store.assets import Asset
from tests.library.sounds import bring


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    built = build_studio(load_settings(home=tmp_path_factory.mktemp("projects") / "home"))
    yield built
    built.close()


@pytest.fixture
def tone(desk: Studio, tmp_path: Path) -> Asset:
    return bring(desk, tmp_path, "Tone", seconds=2.0)


def one_clip(asset: Asset, **track: object) -> Document:
    return document(tracks=[{"name": "A", "role": "music", "clips": [{"asset_id": asset.id}]} | track])


def test_every_save_is_a_version_and_none_changes(desk: Studio, tone: Asset) -> None:
    row = desk.projects.create(LOCAL, "  My\n project ", one_clip(tone))
    assert (row.name, row.version) == ("My project", 1)
    saved = desk.projects.save(LOCAL, row.id, 1, one_clip(tone, gain_db=-3.0), "quieter")
    assert saved.version == 2
    assert desk.projects.open(LOCAL, row.id)[1].tracks[0].gain_db == -3.0
    assert desk.projects.open(LOCAL, row.id, 1)[1].tracks[0].gain_db == 0.0
    assert [(v["version"], v["message"]) for v in desk.projects.history(LOCAL, row.id)] == [
        (2, "quieter"),
        (1, "Created"),
    ]
    back = desk.projects.save(LOCAL, row.id, 2, desk.projects.open(LOCAL, row.id, 1)[1], "back to 1")
    assert back.version == 3
    assert desk.projects.open(LOCAL, row.id)[1] == desk.projects.open(LOCAL, row.id, 1)[1]
    with pytest.raises(NotFound):
        desk.projects.open(LOCAL, row.id, 9)


def test_a_change_of_an_older_version_is_refused(desk: Studio, tone: Asset) -> None:
    row = desk.projects.create(LOCAL, "Two windows", one_clip(tone))
    desk.projects.save(LOCAL, row.id, 1, one_clip(tone, gain_db=-1.0))
    with pytest.raises(UserError) as conflict:
        desk.projects.save(LOCAL, row.id, 1, one_clip(tone, gain_db=-9.0))
    assert conflict.value.code == "version_conflict"
    assert conflict.value.hint
    assert desk.projects.open(LOCAL, row.id)[1].tracks[0].gain_db == -1.0
    assert len(desk.projects.history(LOCAL, row.id)) == 2


def test_projects_are_their_owners(desk: Studio, tmp_path: Path) -> None:
    ann, ben = Actor("ann"), Actor("ben")
    asset = bring(desk, tmp_path, "Ann's tone", actor=ann)
    row = desk.projects.create(ann, "Ann's", one_clip(asset))
    for attempt in (lambda: desk.projects.open(ben, row.id), lambda: desk.projects.history(ben, row.id),
                    lambda: desk.projects.create(ben, "Ben's", one_clip(asset)),
                    lambda: desk.sound.render(ben, row.id)):  # fmt: skip
        with pytest.raises(NotFound):
            attempt()
    assert [project.id for project in desk.projects.list(ben)] == []
    with pytest.raises(NotFound):
        desk.projects.save(ben, row.id, 1, document())


WRONG: dict[str, dict[str, object]] = {
    "a gain beyond reason": {"gain_db": 90.0},
    "a gain of nan": {"gain_db": float("nan")},
    "a pan beyond the side": {"pan": 1.5},
    "an unknown role": {"role": "lyrics"},
    "an unknown field": {"colour": "red"},
    "a negative start": {"clips": [{"asset_id": "x", "start_s": -1}]},
    "an endless start": {"clips": [{"asset_id": "x", "start_s": float("inf")}]},
    "a clip without an asset": {"clips": [{}]},
    "too many clips": {"clips": [{"asset_id": "x"}] * 2001},
}


@pytest.mark.parametrize("what", WRONG)
def test_a_document_that_cannot_be_is_one_sentence(what: str) -> None:
    with pytest.raises(UserError) as error:
        document(tracks=[{"name": "A", "role": "music", "clips": []} | WRONG[what]])
    assert error.value.hint
    assert "\n" not in error.value.message


def test_a_document_may_only_hold_what_can_be_heard(desk: Studio, tone: Asset) -> None:
    with pytest.raises(NotFound):
        desk.projects.create(
            LOCAL, "Ghost", document(tracks=[{"name": "A", "role": "music", "clips": [{"asset_id": "ghost"}]}])
        )
    with pytest.raises(UserError, match="loudness"):
        desk.projects.create(LOCAL, "Loud", one_clip(tone).model_copy(update={"loudness": "louder"}))
    silent = desk.projects.create(LOCAL, "Muted", one_clip(tone, mute=True))
    with pytest.raises(UserError, match="nothing that sounds"):
        desk.sound.render(LOCAL, silent.id)


def test_voice_over_music_is_the_smallest_project(desk: Studio, tmp_path: Path) -> None:
    one, two = bring(desk, tmp_path, "One", seconds=2.0), bring(desk, tmp_path, "Two", seconds=3.0)
    bed = bring(desk, tmp_path, "Bed", seconds=1.0)
    made = voice_over_music([one, two], bed, intro_s=1.0, gap_s=0.5, tail_s=2.0, duck_db=12)
    voice, music = made.tracks
    assert [clip.start_s for clip in voice.clips] == [1.0, 3.5]
    assert made.length_s == pytest.approx(1.0 + 2.0 + 0.5 + 3.0 + 2.0)
    assert (voice.role, music.role, music.clips[0].loop) == ("voice", "music", True)
    assert music.duck is not None
    assert music.duck.depth_db == 12
    assert voice_over_music([one], None).tracks[0].clips[0].start_s == 0
    alone = voice_over_music([], bed)
    assert (alone.tracks[0].duck, alone.tracks[0].clips[0].loop, alone.length_s) == (None, False, None)
    assert voice_over_music([one], bed, duck_db=0).tracks[1].duck is None
    for wrong in ({"duck_db": 99}, {"music_pan": 3}, {"gap_s": -9.0, "intro_s": 0.0}, {"tail_s": float("nan")}):
        with pytest.raises(UserError):
            voice_over_music([one, two], bed, **wrong)


def test_an_unknown_setting_is_a_users_mistake(desk: Studio, tone: Asset) -> None:
    with pytest.raises(UserError):
        desk.sound.voice_over_music(LOCAL, [tone.id], None, loudness="podcast")


def test_a_refused_mix_leaves_no_project(desk: Studio, tone: Asset) -> None:
    before = len(desk.projects.list(LOCAL))
    with pytest.raises(UserError):
        desk.sound.voice_over_music(LOCAL, [tone.id], None, priority="whenever")
    assert len(desk.projects.list(LOCAL)) == before


def test_the_same_key_is_the_same_project(desk: Studio, tone: Asset) -> None:
    first = desk.sound.voice_over_music(LOCAL, [tone.id], None, idempotency_key="once")
    before = len(desk.projects.list(LOCAL))
    assert desk.sound.voice_over_music(LOCAL, [tone.id], None, idempotency_key="once").id == first.id
    assert len(desk.projects.list(LOCAL)) == before
