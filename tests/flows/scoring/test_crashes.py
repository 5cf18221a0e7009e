"""What may happen while a clip is scored: the worker dies at any step, what is used is deleted, the disk is full."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.app import Studio, build_studio
from core.audio import encoding, tape
from core.flows.scoring import making
from core.kit.actor import LOCAL
from core.kit.errors import SetupError, StudioError
from core.kit.settings import load_settings
from core.store import assets, attempts
from core.store.jobs import DONE, FAILED, Job
from core.video.muxing import mux_in_child
from tests import forked
from tests.audio.signals import RATE, piece
from tests.flows.scoring import dying
from tests.leftovers import remaining
from tests.video import films


@pytest.fixture
def studio(home: Path) -> Iterator[Studio]:
    built = build_studio(load_settings(home=home, lease_seconds=2.0))
    yield built
    built.close()


@pytest.fixture
def short(tmp_path: Path) -> Path:
    out = tmp_path / "short.mp4"
    films.ffmpeg("-i", films.MONTAGE, "-t", 4, "-c", "copy", out)
    return out


def clip_of(studio: Studio, film: Path) -> str:
    asset, _ = studio.importing.bring_in(LOCAL, film, kind="video", licence_id="uploaded-own")
    job = studio.wait(LOCAL, studio.video.take_apart(LOCAL, asset.id).id, 120)
    assert job.status == DONE, job.error
    return str(job.result["clip_id"])


def submitted(studio: Studio, clip_id: str) -> Job:
    """Two cues, under the first and the second half."""
    (whole,) = studio.scoring.plan(LOCAL, clip_id=clip_id, seed=1, one=True).cues
    middle = round(whole.end_s / 2, 3)
    halves = (whole.model_copy(update={"end_s": middle, "ending": "cut"}), whole.model_copy(update={"start_s": middle}))
    return studio.scoring.submit(LOCAL, clip_id=clip_id, seed=1, cues=halves)


def music_of(studio: Studio, job: Job) -> list[list[str]]:
    """Ids of what was made for each cue."""
    with studio.store.db.read() as connection:
        made = [assets.of_job(connection, f"{job.id}/{n}") for n in (1, 2)]
    return [[each.id for each in of if each.role == "primary"] for of in made]


CHILD = "produce"


@pytest.mark.parametrize(
    ("what", "when"),
    [
        (CHILD, "during"),
        ("mix_in_child", "during"),
        pytest.param("mix_in_child", "after", marks=pytest.mark.long),
        pytest.param("encode_in_child", "during", marks=pytest.mark.long),
        pytest.param("mux_in_child", "during", marks=pytest.mark.long),
        ("mux_in_child", "after"),
    ],
)
def test_kill_9_of_the_worker_leaves_one_film_and_no_cue_made_twice(
    studio: Studio, short: Path, what: str, when: str
) -> None:
    asset, _ = studio.importing.bring_in(LOCAL, short, kind="video", licence_id="uploaded-own")
    doomed = forked.start(dying.main, str(studio.settings.home), what, when, environment={})
    until = time.monotonic() + 120
    while not studio.worker_alive():
        assert time.monotonic() < until
        time.sleep(0.02)
    taken = studio.jobs.wait(LOCAL, studio.video.take_apart(LOCAL, asset.id).id, 120)
    assert taken.status == DONE, taken.error
    job = submitted(studio, str(taken.result["clip_id"]))
    doomed.wait(timeout=240)
    before = music_of(studio, job)
    if what != CHILD:
        assert [len(made) for made in before] == [1, 1]
    studio.ensure_worker()
    job = studio.wait(LOCAL, job.id, 240)
    assert job.status == DONE, job.error
    after = music_of(studio, job)
    assert [len(made) for made in after] == [1, 1]
    assert all(old in ([], new) for old, new in zip(before, after, strict=True)), "a piece was made anew"
    if what != CHILD:
        with studio.store.db.read() as connection:
            assert [len(attempts.of_job(connection, f"{job.id}/{n}")) for n in (1, 2)] == [1, 1]
    with studio.store.db.read() as connection:
        assert sorted(each.role for each in assets.of_job(connection, job.id)) == [
            "cue_sheet",
            "cue_sheet:json",
            "primary",
        ]
    assert remaining(studio.settings.work) == []


def test_scenes_deleted_meanwhile_change_nothing(studio: Studio, short: Path) -> None:
    studio.ensure_worker()
    clip_id = clip_of(studio, short)
    job = submitted(studio, clip_id)
    studio.video.delete(LOCAL, clip_id)
    job = studio.wait(LOCAL, job.id, 240)
    assert job.status == DONE, job.error


@pytest.mark.parametrize("purged", [False, True])
def test_a_film_deleted_meanwhile_is_told(studio: Studio, short: Path, purged: bool) -> None:
    studio.ensure_worker()
    clip_id = clip_of(studio, short)
    row, _ = studio.video.clip(LOCAL, clip_id)
    studio.jobs.pause(LOCAL)
    job = submitted(studio, clip_id)
    studio.library.bin(LOCAL, [row.asset_id])
    if purged:
        studio.library.purge(LOCAL, [row.asset_id])
    studio.jobs.resume(LOCAL)
    job = studio.wait(LOCAL, job.id, 240)
    assert job.error is not None
    assert job.error["code"] == ("gone" if purged else "in_bin")
    assert ("was deleted while" if purged else "was moved to the bin while") in job.error["message"]
    assert remaining(studio.settings.work) == []
    if not purged:
        studio.library.restore(LOCAL, [row.asset_id])
        studio.jobs.retry(LOCAL, job.id)
        assert studio.wait(LOCAL, job.id, 240).status == DONE


def test_a_cue_deleted_before_the_mix_is_told(studio: Studio, short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = making.Making._mixed

    def deleted(self: making.Making, work: object, request: object, clip: object, film: object, pieces: list[assets.Asset], *rest: object) -> object:  # fmt: skip
        studio.library.bin(LOCAL, [pieces[0].id])
        studio.library.purge(LOCAL, [pieces[0].id])
        return plain(self, work, request, clip, film, pieces, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(making.Making, "_mixed", deleted)
    studio.ensure_worker()
    job = studio.wait(LOCAL, submitted(studio, clip_of(studio, short)).id, 240)
    assert job.error is not None
    assert job.error["message"] == "The music of cue 1 was deleted while the clip was scored."
    assert remaining(studio.settings.work) == []


def test_a_full_disk_while_muxing_is_told_and_the_retry_keeps_what_is_made(
    studio: Studio, short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.ensure_worker()
    monkeypatch.setattr(making, "mux_in_child", dying.mux_in_child)
    job = studio.wait(LOCAL, submitted(studio, clip_of(studio, short)).id, 240)
    assert (job.status, (job.error or {}).get("code")) == (FAILED, "disk_full"), json.dumps(job.error)
    assert remaining(studio.settings.work) == []
    before = music_of(studio, job)
    monkeypatch.undo()
    studio.jobs.retry(LOCAL, job.id)
    job = studio.wait(LOCAL, job.id, 240)
    assert job.status == DONE, job.error
    assert music_of(studio, job) == before


def test_a_full_disk_is_told_wherever_sound_is_written(tmp_path: Path) -> None:
    samples = piece(2)
    source = tmp_path / "in.wav"
    encoding.encode(source, samples, RATE, "wav24")
    full = tmp_path / "full.tape"
    full.symlink_to("/dev/full")
    with pytest.raises(SetupError, match="disk is full"):
        tape.record(source, full)
    out = tmp_path / "film.mp4"
    out.symlink_to("/dev/full")
    sound = tmp_path / "sound.m4a"
    encoding.encode(sound, samples, RATE, "m4a")
    with pytest.raises(StudioError, match="disk is full") as refused:
        mux_in_child((str(films.MONTAGE), str(sound), str(out), 60.0), lambda stage, share: None)
    assert refused.value.code == "disk_full"


def test_what_breaks_off_while_it_is_written_leaves_no_file(tmp_path: Path) -> None:
    def breaks() -> Iterator[encoding.Samples]:
        yield piece(1)
        raise OSError(28, "No space left on device")

    for name in ("m4a", "wav24", "wav32f", "flac"):
        with pytest.raises(SetupError, match="disk is full"):
            encoding.encode_blocks(tmp_path / f"x.{name}", breaks(), RATE, 2, name)
    until = time.monotonic() + 10
    while left := list(tmp_path.iterdir()):
        assert time.monotonic() < until, left
