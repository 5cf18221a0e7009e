"""Tracks heard under a clip before they are paid for, and compared there blind: drafts that nobody can publish."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from core.api.service import api
from core.app import Studio, build_studio
from core.audio import files
from core.kit.actor import LOCAL, Actor
from core.kit.errors import NotFound, RightsError, UserError
from core.kit.settings import load_settings
from core.rights.gate import Use
from core.sound.projects import document
from core.store.jobs import DONE, Job
from tests.clouds.openverse import GONE, OpenverseServer, uuid
from tests.clouds.service import Fault
from tests.library.sounds import bring
from tests.video import films
from tests.video.taken_apart import put

SPEECH = films.MEDIA / "clean_control.flac"
ONE, TWO, THREE = ({"provider": "openverse", "track_id": uuid(number)} for number in (20, 21, 22))


@pytest.fixture(scope="module")
def cloud() -> Iterator[OpenverseServer]:
    with OpenverseServer() as running:
        yield running


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, cloud: OpenverseServer) -> Iterator[Studio]:
    opened = build_studio(load_settings(home=tmp_path_factory.mktemp("auditions") / "home", openverse_url=cloud.url))
    opened.ensure_worker()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def clip(desk: Studio, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Somebody speaks from the sixth second on."""
    film = films.talking(tmp_path_factory.mktemp("film") / "talk.mp4", SPEECH, start_s=6.0)
    asset, _ = desk.importing.bring_in(LOCAL, film, kind="video", licence_id="uploaded-own")
    job = ended(desk, desk.video.take_apart(LOCAL, asset.id))
    return str(job.result["clip_id"])  # type: ignore[index]


def ended(studio: Studio, job: Job) -> Job:
    job = studio.wait(LOCAL, job.id, 120)
    assert job.status == DONE, job.error
    return job


def auditioned(studio: Studio, track: dict[str, str], **values: Any) -> tuple[dict[str, Any], files.Audio, str]:
    """(where it lies, what is heard, its asset)"""
    job = ended(studio, studio.auditioning.submit(LOCAL, track, **values))
    (made,) = studio.jobs.assets(LOCAL, job.id)
    assert made.draft
    return dict(job.result or {}), files.decode(studio.library.file(LOCAL, made.id)), made.id


def test_a_preview_lies_under_the_stretch_and_stays_a_draft(desk: Studio, clip: str, cloud: OpenverseServer) -> None:
    told, sound, asset_id = auditioned(desk, ONE, clip_id=clip, start_s=1.0, seconds=4.0)
    assert (told["start_s"], told["seconds"], told["preview"]) == (1.0, 4.0, True)
    assert sound.samples.shape[1] / sound.sample_rate == pytest.approx(4.0, abs=0.01)
    # Nobody speaks there; the preview is two seconds long.
    assert level_db(sound, 0.3, 1.3) > -30 > level_db(sound, 2.5, 3.5)
    fetched = len(cloud.asked_for("file"))
    auditioned(desk, ONE, clip_id=clip, start_s=2.0, seconds=2.0)
    assert len(cloud.asked_for("file")) == fetched, "the preview is there already"

    film_id = told["film_id"]
    lineage = {each.source_id: each.role for each in desk.library.sources(LOCAL, asset_id)}
    assert lineage == {film_id: "film", told["track"]["asset_id"]: "music"}
    verdict = desk.library.may(LOCAL, asset_id, Use(platform="youtube"))
    assert not verdict.allowed
    assert any("is a preview, to try it" in reason for reason in verdict.reasons), verdict.reasons


def test_a_film_made_with_a_preview_cannot_be_published(desk: Studio, clip: str, tmp_path: Path) -> None:
    told, _, asset_id = auditioned(desk, TWO, clip_id=clip, seconds=3.0)
    row = desk.projects.create(
        LOCAL, "Cut with a preview",
        document(tracks=[
            {"name": "Film", "role": "effects", "clips": [{"type": "video", "asset_id": told["film_id"], "duration_s": 3}]},
            {"name": "Music", "role": "music", "clips": [{"asset_id": told["track"]["asset_id"]}]},
        ]),
    )  # fmt: skip
    (mix,) = desk.jobs.assets(LOCAL, ended(desk, desk.sound.render(LOCAL, row.id, stems=False)).id)
    for piece in (mix.id, asset_id):
        with pytest.raises(RightsError):
            desk.exporting.export(LOCAL, piece, tmp_path, format="mp3", use=Use(platform="youtube"))


def test_it_steps_back_where_the_clip_speaks(desk: Studio, clip: str, tmp_path: Path) -> None:
    music = bring(desk, tmp_path, "A long tone", seconds=14.0, hertz=3000.0, licence_id="uploaded-own")
    _, clip_now = desk.video.clip(LOCAL, clip)
    values = {"clip_id": clip, "start_s": clip_now.spoken[0][0] - 2, "seconds": 4.0}
    told, ducked, _ = auditioned(desk, {"asset_id": music.id}, **values)
    assert told["spoken"][0]["start_s"] == pytest.approx(2.0)
    assert told["preview"] is False
    _, as_loud, _ = auditioned(desk, {"asset_id": music.id}, duck_db=0, **values)

    def falls_db(sound: files.Audio) -> float:
        return tone_db(sound, 0.5, 1.5, 3000) - tone_db(sound, 2.5, 3.5, 3000)

    assert falls_db(ducked) - falls_db(as_loud) == pytest.approx(10, abs=2)


@pytest.mark.parametrize(
    ("values", "why"),
    [({"clip_id": "clip_nowhere"}, "no clip"), ({"clip_id": "asset_of_a_sound"}, "no clip"), ({}, "under which clip"), ({"start_s": 500.0}, "nothing is left"),
     ({"seconds": 600.0}, "less than or equal")],
)  # fmt: skip
def test_stretches_that_are_none(desk: Studio, clip: str, values: dict[str, Any], why: str) -> None:
    given = values if "clip_id" in values or not values else {"clip_id": clip, **values}
    with pytest.raises((UserError, NotFound), match=why):
        desk.auditioning.submit(LOCAL, ONE, **given)


def test_what_cannot_be_heard_is_refused_at_once(desk: Studio, clip: str) -> None:
    row, _ = desk.video.clip(LOCAL, clip)
    for track, why in (
        ({"provider": "openverse", "track_id": GONE}, "has no track"),
        ({"asset_id": row.asset_id}, "no piece of music"),
        ({"asset_id": "asset_nowhere"}, "not in your library"),
        ({}, "named by its catalogue"),
    ):
        with pytest.raises((UserError, NotFound), match=why):
            desk.auditioning.submit(LOCAL, track, clip_id=clip)
    with pytest.raises(NotFound, match="no clip"):
        desk.auditioning.submit(Actor("bob"), ONE, clip_id=clip)


def test_a_clip_whose_film_is_away_has_no_picture(desk: Studio, clip: str) -> None:
    nowhere, (scene,) = put(desk, "action")
    with pytest.raises(UserError, match="film of this clip is not in your library"):
        desk.auditioning.submit(LOCAL, ONE, scene_id=scene)
    with pytest.raises(UserError, match="of another clip"):
        desk.auditioning.submit(LOCAL, ONE, scene_id=scene, clip_id=clip)
    row, _ = desk.video.clip(LOCAL, clip)
    desk.library.bin(LOCAL, [row.asset_id])
    with pytest.raises(UserError, match="in the bin"):
        desk.auditioning.submit(LOCAL, ONE, clip_id=clip)
    desk.library.restore(LOCAL, [row.asset_id])
    assert nowhere != clip


def test_a_scene_is_heard_from_its_first_picture_to_its_last(desk: Studio, clip: str) -> None:
    _, clip_now = desk.video.clip(LOCAL, clip)
    scene = clip_now.scenes[1]
    told, _, _ = auditioned(desk, ONE, scene_id=scene.id)
    assert (told["start_s"], told["seconds"]) == (pytest.approx(scene.start_s), pytest.approx(scene.seconds, abs=0.001))


def test_a_track_withdrawn_between_the_search_and_the_preview(desk: Studio, clip: str, cloud: OpenverseServer) -> None:
    """Its details are known still, and its file is gone."""
    track = {"provider": "openverse", "track_id": uuid(24)}
    desk.catalogues.track(LOCAL, **track)
    row = cloud.rows.pop(uuid(24))
    try:
        job = desk.wait(LOCAL, desk.auditioning.submit(LOCAL, track, clip_id=clip).id, 120)
    finally:
        cloud.rows[uuid(24)] = row
    assert job.status == "failed"
    assert "preview of “Piano Study 4" in (job.error or {})["message"]
    # Back again, another try brings it.
    auditioned(desk, track, clip_id=clip, seconds=2.0)


def test_an_address_that_expired_meanwhile_is_asked_for_anew(desk: Studio, clip: str, cloud: OpenverseServer) -> None:
    expired = Fault(403, b"<Error>Request has expired</Error>", {"content-type": "application/xml"})
    cloud.faults["file"].append(expired)
    told, _, _ = auditioned(desk, {"provider": "openverse", "track_id": uuid(26)}, clip_id=clip, seconds=2.0)
    assert told["preview"] is True
    assert not cloud.faults["file"]


def test_compared_blind_chosen_and_kept(desk: Studio, clip: str, tmp_path: Path) -> None:
    mine = bring(desk, tmp_path, "My own", seconds=3.0)
    (own,) = desk.own_music.take(LOCAL, asset_ids=[mine.id]).proposals
    tracks = [ONE, TWO, {"provider": "own", "track_id": own.track_id}]
    trial = desk.auditioning.compare(LOCAL, tracks, clip_id=clip, seconds=3.0)
    ended(desk, desk.jobs.show(LOCAL, trial.job_id))
    shown = desk.auditioning.comparison(LOCAL, trial.id)
    assert (shown.result, shown.under.seconds) == (None, 3.0)
    levels = []
    for heard in shown.blind.heard:
        path = desk.trials.sound(LOCAL, trial.id, heard.letter, tmp_path / f"{heard.letter}.wav")
        levels.append(level_db(files.decode(path), 0.2, 1.8))
    assert max(levels) - min(levels) < 1.5
    with pytest.raises(UserError, match="Choose first"):
        desk.trials.result(LOCAL, trial.id)

    letter = next(each.letter for each in shown.blind.heard if each.number == 2)
    desk.trials.choose(LOCAL, trial.id, winner=letter, note="fits the cut")
    told = desk.auditioning.comparison(LOCAL, trial.id)
    assert told.result is not None
    best = told.result.variants[0]
    assert (best.number, best.wins, best.values["track"]["name"]) == (2, 1, "Piano Study 1, Ada Moor")
    assert [(each.user_id, each.winner, each.note) for each in told.result.choices] == [
        (LOCAL.user_id, 2, "fits the cut")
    ]
    desk.trials.keep(LOCAL, trial.id)
    kept = [each.track.ref for each in desk.playlists.favourites.listed(LOCAL)[0]]
    assert kept == [f"openverse:{uuid(21)}"]
    assert desk.trials.get(LOCAL, trial.id).kept == 2
    assert desk.library.get(LOCAL, mine.id).deleted_at is None
    with pytest.raises(UserError, match="Nothing was compared yet"):
        desk.trials.propose(LOCAL)


def test_one_or_seven_or_the_same_twice_are_no_comparison(desk: Studio, clip: str) -> None:
    seven = [{"provider": "openverse", "track_id": uuid(20 + number)} for number in range(7)]
    for tracks, why in (([ONE], "1 track cannot"), (seven, "7 tracks cannot"), ([ONE, ONE], "same track")):
        with pytest.raises(UserError, match=why):
            desk.auditioning.compare(LOCAL, tracks, clip_id=clip)


def test_over_rest(desk: Studio, clip: str) -> None:
    with TestClient(api(desk), base_url="http://127.0.0.1") as rest:
        made = rest.post("/api/music-licensing/auditions?wait=60", json={"track": ONE, "clip_id": clip, "seconds": 2})
        assert made.status_code == 200, made.text
        assert made.json()["assets"][0]["draft"] is True
        body = {"tracks": [ONE, THREE], "clip_id": clip, "seconds": 2, "name": "Which one"}
        begun = rest.post("/api/music-licensing/comparisons", json=body).json()
        desk.wait(LOCAL, begun["job_id"], 120)
        blind = rest.get(f"/api/music-licensing/comparisons/{begun['id']}")
        assert (blind.json()["revealed"], blind.json()["live"]) == ([], False)
        assert "Piano" not in blind.text
        film = rest.get(blind.json()["under"]["film_url"])
        letter = blind.json()["letters"][0]
        assert letter["audio_url"]
        chosen = rest.post(f"/api/ai-music/trials/{begun['id']}/choices", json={"winner": letter["letter"]})
        assert chosen.status_code == 201, chosen.text
        told = rest.get(f"/api/music-licensing/comparisons/{begun['id']}").json()
        assert {each["name"] for each in told["revealed"]} == {"Piano Study 0, Ada Moor", "Piano Study 2, Ada Moor"}
        assert told["choices"][0]["name"] == told["revealed"][0]["name"]
        assert rest.get("/api/music-licensing/comparisons").json()["comparisons"][0]["name"] == "Which one"
        assert rest.post("/api/music-licensing/comparisons", json=body | {"tracks": [ONE]}).status_code == 422
        assert film.headers["content-type"].startswith("video/")


def level_db(sound: files.Audio, start_s: float, end_s: float) -> float:
    piece = sound.samples[:, round(start_s * sound.sample_rate) : round(end_s * sound.sample_rate)]
    return float(10 * np.log10(np.square(piece, dtype=np.float64).mean() + 1e-12))


def tone_db(sound: files.Audio, start_s: float, end_s: float, hertz: float) -> float:
    piece = sound.samples[0, round(start_s * sound.sample_rate) : round(end_s * sound.sample_rate)].astype(np.float64)
    bins = np.abs(np.fft.rfft(piece * np.hanning(piece.size))) ** 2
    near = np.abs(np.fft.rfftfreq(piece.size, 1 / sound.sample_rate) - hertz) < 15
    return float(10 * np.log10(bins[near].sum()))
