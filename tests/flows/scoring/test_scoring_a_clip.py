"""A film goes in and comes back scored: real cuts, real music, real ffmpeg; for nothing, with every right told."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.app import Studio
from core.audio import files, meters
from core.kit.actor import LOCAL, Actor
from core.kit.errors import NotFound, UserError
from core.rights.gate import Use
from core.store.jobs import DONE, Job
from core.video import footage
from tests.video import films

SPEECH = films.MEDIA / "clean_control.flac"


def clip_of(studio: Studio, film: Path) -> str:
    asset, _ = studio.importing.bring_in(LOCAL, film, kind="video", licence_id="uploaded-own")
    job = studio.wait(LOCAL, studio.video.take_apart(LOCAL, asset.id).id, 120)
    assert job.status == DONE, job.error
    return str(job.result["clip_id"])


def scored(studio: Studio, **values: Any) -> tuple[Job, dict[str, Any]]:
    """(the job, its assets by role)"""
    job = studio.wait(LOCAL, studio.scoring.submit(LOCAL, **values).id, 300)
    assert job.status == DONE, job.error
    return job, {each["role"]: studio.library.get(LOCAL, each["id"]) for each in job.result["assets"]}


def level_db(sound: files.Audio, start_s: float, end_s: float) -> float:
    piece = sound.samples[:, round(start_s * sound.sample_rate) : round(end_s * sound.sample_rate)]
    return float(10 * np.log10(np.square(piece, dtype=np.float64).mean() + 1e-12))


def test_a_film_where_people_speak_comes_back_scored_and_ducked(working: Studio, tmp_path: Path) -> None:
    film = films.talking(tmp_path / "talk.mp4", SPEECH, start_s=6.0)
    clip_id = clip_of(working, film)
    row, clip = working.video.clip(LOCAL, clip_id)
    start, end = clip.spoken[0][0], clip.spoken[-1][1]
    assert start == pytest.approx(6.3, abs=0.5)
    job, made = scored(working, clip_id=clip_id, seed=4, one=True, loudness="podcast")
    out = working.library.file(LOCAL, made["primary"].id)
    found = footage.probe(out, max_seconds=60)
    frames, damage = footage.watch(out, found, lambda number, frame: None, max_seconds=60)
    assert (found.codec, found.container, found.width, damage) == ("h264", "mov", 640, ())
    assert frames == pytest.approx(row.facts["seconds"] * 24, abs=1)
    assert job.result["picture_copied"] is True
    heard = files.decode(out)
    assert meters.integrated_lufs(heard.samples, heard.sample_rate) == pytest.approx(-16, abs=0.5)
    assert made["primary"].cost_usd == 0
    # The music alone: softer while somebody speaks by what was asked, and back after.
    mix = working.library.beside(LOCAL, job.result["mix"])
    music = files.decode(working.library.file(LOCAL, next(each.id for each in mix if each.role == "stem:music")))
    plain = files.decode(working.library.file(LOCAL, job.result["cues"][0]["asset_id"]))
    under = level_db(music, start + 1, end - 1) - level_db(plain, start + 1, end - 1)
    free = level_db(music, 1, start - 1) - level_db(plain, 1, start - 1)
    assert free - under == pytest.approx(10, abs=0.6)


def test_everything_is_told_of_what_plays(working: Studio) -> None:
    clip_id = clip_of(working, films.MONTAGE)
    job, made = scored(working, clip_id=clip_id, seed=9, name="The spot")
    told = job.result["cues"]
    planned = working.scoring.plan(LOCAL, clip_id=clip_id, seed=9).cues
    assert [each["seconds"] for each in told] == [round(cue.seconds, 3) for cue in planned]
    with working.library.file(LOCAL, made["cue_sheet"].id).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    data = json.loads(working.library.file(LOCAL, made["cue_sheet:json"].id).read_text(encoding="utf-8"))
    assert data == {"title": "The spot", "cues": told}
    assert [(row["start"], row["made_by"], row["licence_id"]) for row in rows] == [
        (each["start"], "composer", "own-work") for each in told
    ]
    lineage = {link.role for link in working.library.sources(LOCAL, made["primary"].id)}
    assert lineage == {"film", "mix", *(f"cue:{number}" for number in range(1, len(told) + 1))}
    project, document = working.projects.open(LOCAL, job.result["project_id"])
    assert project.name == "The spot"
    music = next(track for track in document.tracks if track.role == "music")
    assert [clip.start_s for clip in music.clips] == [cue.start_s for cue in planned]
    assert [round(marker.at_s * 24) for marker in document.markers] == [0, *films.MONTAGE_CUTS]
    assert working.library.may(LOCAL, made["primary"].id, Use(platform="youtube", commercial=True)).allowed


def test_a_film_of_unknown_rights_is_not_cleared_by_its_music(working: Studio) -> None:
    asset, _ = working.importing.bring_in(LOCAL, films.MONTAGE, kind="video", licence_id="unknown")
    job = working.wait(LOCAL, working.video.take_apart(LOCAL, asset.id).id, 120)
    _, made = scored(working, clip_id=job.result["clip_id"], seed=1, one=True)
    verdict = working.library.may(LOCAL, made["primary"].id, Use(platform="youtube", commercial=True))
    assert not verdict.allowed
    assert "montage" in str(verdict)


def test_a_silent_film_gets_music_and_a_voice(working: Studio, tmp_path: Path) -> None:
    clip_id = clip_of(working, films.mute(tmp_path / "mute.mp4"))
    job, made = scored(working, clip_id=clip_id, seed=2, one=True, text="A rabbit wakes up. It is a fine morning.")
    assert made["primary"].lufs == pytest.approx(-14, abs=0.5)
    _, document = working.projects.open(LOCAL, job.result["project_id"])
    assert [(track.name, track.mute) for track in document.tracks] == [
        ("Film", True),
        ("Voice", False),
        ("Music", False),
    ]


def test_a_voice_longer_than_the_film_is_refused_before_anything_is_made(working: Studio) -> None:
    clip_id = clip_of(working, films.MONTAGE)
    voice, _ = working.importing.bring_in(LOCAL, SPEECH, kind="voiceover", licence_id="uploaded-own")
    before = len(working.jobs.list(LOCAL))
    with pytest.raises(UserError, match="over the end of the clip"):
        working.scoring.submit(LOCAL, clip_id=clip_id, voice=voice.id, voice_start_s=10)
    with pytest.raises(UserError, match="not both"):
        working.scoring.submit(LOCAL, clip_id=clip_id, voice=voice.id, text="Hello")
    with pytest.raises(UserError, match="no loudness target"):
        working.scoring.submit(LOCAL, clip_id=clip_id, loudness="cinema")
    with pytest.raises(NotFound):
        working.scoring.submit(Actor("mallory"), clip_id=clip_id)
    assert len(working.jobs.list(LOCAL)) == before
