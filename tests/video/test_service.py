"""A film through the doors: brought in, taken apart as a job, looked up; hostile and odd ones refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.errors import NotFound, UserError
from core.store.jobs import DONE

MEDIA = Path(__file__).parents[1] / "media"


MONTAGE = MEDIA / "montage_bbb_hardcuts.mp4"
CUTS = [61, 122, 173, 234, 260, 280, 321]


@pytest.fixture
def film(studio: Studio) -> str:
    asset, _ = studio.importing.bring_in(LOCAL, MONTAGE, kind="video", licence_id="unknown")
    return asset.id


def test_a_film_is_taken_apart_as_a_job(working: Studio, film: str) -> None:
    job = working.wait(LOCAL, working.video.take_apart(LOCAL, film).id, 60)
    assert job.status == DONE, job.error
    row, clip = working.video.clip(LOCAL, job.result["clip_id"])
    assert (row.asset_id, row.name) == (film, MONTAGE.stem)
    assert [scene.first_frame for scene in clip.scenes] == [0, *CUTS]
    assert [scene.id for scene in clip.scenes] == job.result["scenes"]
    assert clip.scenes[-1].end_s == pytest.approx(382 / 24, abs=0.001)
    again, whole, scene = working.video.scene(LOCAL, clip.scenes[2].id)
    assert (again.id, whole, scene) == (row.id, clip, clip.scenes[2])
    assert working.video.picture(LOCAL, scene.id).startswith(b"\xff\xd8")
    assert working.video.of_film(LOCAL, film) == (row, clip)
    assert working.video.list(LOCAL) == ([row], 1)


def test_anothers_clip_is_not_there(working: Studio, film: str) -> None:
    job = working.wait(LOCAL, working.video.take_apart(LOCAL, film).id, 60)
    stranger = Actor("mallory")
    for ask in (
        lambda: working.video.clip(stranger, job.result["clip_id"]),
        lambda: working.video.scene(stranger, job.result["scenes"][0]),
        lambda: working.video.picture(stranger, job.result["scenes"][0]),
        lambda: working.video.delete(stranger, job.result["clip_id"]),
        lambda: working.video.take_apart(stranger, film),
    ):
        with pytest.raises(NotFound):
            ask()
    assert working.video.list(stranger) == ([], 0)


def test_a_clip_is_deleted_and_its_film_stays(working: Studio, film: str) -> None:
    job = working.wait(LOCAL, working.video.take_apart(LOCAL, film).id, 60)
    working.video.delete(LOCAL, job.result["clip_id"])
    with pytest.raises(NotFound):
        working.video.scene(LOCAL, job.result["scenes"][0])
    assert working.library.get(LOCAL, film).kind == "video"


def test_what_is_no_film_is_refused_in_words(studio: Studio, tmp_path: Path) -> None:
    for file, told in (
        (cut_short(tmp_path), "never finished"),
        (MEDIA / "clean_control.flac", "holds sound and no picture"),
        (MEDIA / "text_renamed.wav", "no video file"),
    ):
        with pytest.raises(UserError, match=told) as refused:
            studio.importing.bring_in(LOCAL, file, kind="video")
        assert file.name in str(refused.value)
    song, _ = studio.importing.bring_in(LOCAL, MEDIA / "clean_control.flac", kind="voiceover")
    with pytest.raises(UserError, match="no film"):
        studio.video.take_apart(LOCAL, song.id)


def cut_short(folder: Path) -> Path:
    """As when an upload breaks off: what the index tells is there, the index is not."""
    file = folder / "broken off.mp4"
    data = MONTAGE.read_bytes()
    file.write_bytes(data[: len(data) * 3 // 10])
    return file
