"""Films as people have them: each is scored rightly, or refused in one clear sentence."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.app import Studio, build_studio
from core.audio import files
from core.kit.actor import LOCAL
from core.kit.errors import StudioError
from core.kit.settings import load_settings
from core.store.jobs import DONE, Job
from core.video import footage
from core.video.footage import Footage
from core.video.muxing import Muxed, mux_in_child
from tests.video import films

SPEECH = films.MEDIA / "clean_control.flac"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    opened = build_studio(load_settings(home=tmp_path_factory.mktemp("odd") / "home"))
    opened.ensure_worker()
    yield opened
    opened.close()


def taken_apart(studio: Studio, film: Path) -> Job:
    asset, _ = studio.importing.bring_in(LOCAL, film, kind="video", licence_id="uploaded-own")
    return studio.wait(LOCAL, studio.video.take_apart(LOCAL, asset.id).id, 240)


def scored(studio: Studio, film: Path, **values: Any) -> tuple[Job, Path]:
    taken = taken_apart(studio, film)
    assert taken.status == DONE, taken.error
    values = {"clip_id": taken.result["clip_id"], "seed": 1, "one": True} | values
    job = studio.wait(LOCAL, studio.scoring.submit(LOCAL, **values).id, 300)
    assert job.status == DONE, job.error
    primary = next(each["id"] for each in job.result["assets"] if each["role"] == "primary")
    return job, studio.library.file(LOCAL, primary)


def looked(film: Path) -> tuple[Footage, int]:
    found = footage.probe(film, max_seconds=4 * 3600)
    frames, damage = footage.watch(film, found, lambda number, frame: None, max_seconds=4 * 3600)
    assert damage == ()
    return found, frames


def muxed(film: Path, folder: Path) -> tuple[Muxed, Footage, int]:
    """The film under another sound, which is as long as its picture."""
    found = footage.probe(film, max_seconds=60)
    frames, _ = footage.watch(film, found, lambda number, frame: None, max_seconds=60)
    sound, out = folder / "sound.m4a", folder / "out.mp4"
    time = np.arange(round(frames / found.fps * 44100)) / 44100
    files.encode(
        sound, np.repeat(0.2 * np.sin(2 * np.pi * 440 * time)[None], 2, axis=0).astype(np.float32), 44100, "m4a"
    )
    made = mux_in_child((str(film), str(sound), str(out), 60.0), lambda stage, share: None)
    return made, *looked(out)


def first_sound_s(film: Path) -> float:
    """When something is heard."""
    found = footage.probe(film, max_seconds=60)
    sound = files.decode(film)
    loud = np.flatnonzero(np.abs(sound.samples).max(axis=0) > 0.02)
    return float(loud[0] / sound.sample_rate + found.sound_start_s)


@pytest.mark.parametrize("late_s", [1.5, -0.7])
def test_sound_that_begins_later_or_earlier_than_the_picture_stays_where_it_was(
    desk: Studio, tmp_path: Path, late_s: float
) -> None:
    film = films.late(tmp_path / "late.mp4", SPEECH, late_s)
    job, out = scored(desk, film, music_gain_db=-60, duck_db=0)
    _, clip = desk.video.clip(LOCAL, job.request["clip_id"])
    assert clip.sound_start_s == pytest.approx(max(0.0, late_s), abs=0.07), "short of what the codec itself delays"
    assert first_sound_s(out) == pytest.approx(first_sound_s(film), abs=0.04)
    assert looked(out)[1] == pytest.approx(clip.seconds * clip.fps, abs=1)


@pytest.mark.parametrize("make", [films.uneven, films.turned, films.truncated, films.covered, films.mute])
def test_an_odd_film_is_scored(desk: Studio, tmp_path: Path, make: Callable[[Path], Path]) -> None:
    film = make(tmp_path / "film.mp4")
    job, out = scored(desk, film)
    _, clip = desk.video.clip(LOCAL, job.request["clip_id"])
    before = footage.probe(film, max_seconds=60)
    found, frames = looked(out)
    assert found.sounds
    assert (found.width, found.height, found.rotated) == (before.width, before.height, before.rotated)
    assert frames / found.fps == pytest.approx(clip.seconds, abs=0.1)
    assert files.probe(out).duration_s == pytest.approx(clip.seconds, abs=0.15)
    assert found.varies == before.varies


def test_a_film_is_known_by_what_is_in_it(desk: Studio, tmp_path: Path) -> None:
    film = tmp_path / "song.mp3"
    shutil.copy(films.captioned(tmp_path / "captions.mp4"), film)
    job, out = scored(desk, film)
    assert job.result["captions"] == 1
    assert footage.probe(out, max_seconds=60).captions == ("mov_text",)


def test_ten_bits_and_their_colours_stay_when_the_picture_is_copied(tmp_path: Path) -> None:
    made, found, frames = muxed(films.hdr(tmp_path / "hdr.mp4"), tmp_path)
    assert (made.copied, found.codec, found.hdr, frames) == (True, "hevc", True, 72)


def test_what_an_mp4_cannot_hold_is_drawn_anew(tmp_path: Path) -> None:
    film = films.odd(tmp_path / "odd.avi", "ffv1", "12.5")
    made, found, frames = muxed(film, tmp_path)
    assert (made.copied, found.codec, found.width, found.height) == (False, "h264", 160, 90)
    assert frames == looked(film)[1]


@pytest.mark.parametrize("rate", ["24000/1001", "120", "7.3"])
def test_odd_rates(tmp_path: Path, rate: str) -> None:
    ffmpeg_film = tmp_path / "rate.mp4"
    films.ffmpeg(
        "-i", films.MONTAGE, "-t", 2, "-an", "-r", rate, "-c:v", "libx264", "-preset", "ultrafast", ffmpeg_film
    )
    before, frames = looked(ffmpeg_film)
    made, found, after = muxed(ffmpeg_film, tmp_path)
    assert (made.copied, after) == (True, frames)
    assert found.fps == pytest.approx(before.fps)


@pytest.mark.parametrize("name", ["captions.mp4", "captions.mkv"])
def test_captions_are_as_they_were(tmp_path: Path, name: str) -> None:
    made, found, _ = muxed(films.captioned(tmp_path / name), tmp_path)
    assert (made.captions, made.left_out, found.captions) == (1, (), ("mov_text",))
    films.ffmpeg("-i", tmp_path / "out.mp4", "-map", "0:s:0", tmp_path / "told.srt")
    assert (tmp_path / "told.srt").read_text(encoding="utf-8") == (tmp_path / "captions.srt").read_text(
        encoding="utf-8"
    ) + "\n"


def test_captions_that_are_pictures_are_left_out_and_told(tmp_path: Path) -> None:
    film = tmp_path / "pictures.mkv"
    text = films.captioned(tmp_path / "captions.mkv")
    films.ffmpeg(
        "-i", text, "-f", "lavfi", "-i", "color=black:s=720x480:d=1", "-map", "0:v", "-map", "0:a", "-map", "0:s", "-map", "0:s",
        "-c", "copy", "-c:s:0", "copy", "-c:s:1", "webvtt", film,
    )  # fmt: skip
    made, found, _ = muxed(film, tmp_path)
    assert (made.captions, found.captions) == (2, ("mov_text", "mov_text"))


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (films.framed, "no picture|no frames|no video"),
        (lambda out: shutil.copy(SPEECH, out), "holds sound and no picture"),
        (lambda out: out.write_bytes(films.MONTAGE.read_bytes()[:90_000]) and out, "never finished"),
    ],
)
def test_what_has_no_picture_is_refused(desk: Studio, tmp_path: Path, make: Any, told: str) -> None:
    with pytest.raises(StudioError, match=told):
        desk.importing.bring_in(LOCAL, Path(make(tmp_path / "film.mp4")), kind="video")


def test_three_hours_are_refused_by_their_header(desk: Studio, tmp_path: Path) -> None:
    job = taken_apart(desk, films.hours(tmp_path / "hours.mp4"))
    assert job.status == "failed"
    assert job.error is not None
    assert job.error["code"] == "too_long"
    assert "hours" in job.error["message"]
