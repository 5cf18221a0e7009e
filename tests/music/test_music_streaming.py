"""Music heard while it is made: in order, through the real worker, and through a worker's death."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.app import Studio, build_studio
from core.jobs.keep import folder_of
from core.kit.actor import LOCAL
from core.kit.clock import now
from core.kit.errors import Cancelled, NotFound, RateLimited, UserError
from core.kit.settings import load_settings
from core.music import streaming
from core.music.spool import Plan, Spool
from core.music.streaming import Listening
from core.music.types import MusicRequest
from core.store import attempts, jobs
from core.store.jobs import CANCELLED, DONE, FAILED, Job

RATE = 1000
SOUND = (np.random.default_rng(3).uniform(-0.5, 0.5, (2, 4 * RATE))).astype(np.float32)
PLAN = Plan(RATE, 2, 4 * RATE, [{"name": "verse", "start_s": 0.0, "end_s": 4.0}])


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    opened = build_studio(load_settings(home=tmp_path_factory.mktemp("aloud") / "home"))
    yield opened
    opened.close()


@pytest.fixture
def job(desk: Studio) -> Job:
    """One that waits for a worker: the tests play the worker."""
    return desk.music.compose(LOCAL, genre="ambient", seconds=4.0, hear=True)


def attempt(desk: Studio, job: Job, number: int, plan: Plan = PLAN) -> Spool:
    """What a worker does when it begins."""
    row = {
        "id": f"{job.id}-{number}", "job_id": job.id, "step": "main", "number": number, "provider": "composer", "kind": "music",
        "model": "composer", "form": "make", "status": "started", "epoch": number, "created_at": now(),
    }  # fmt: skip
    with desk.store.db.write() as connection:
        attempts.add(connection, row)
    folder = folder_of(desk.settings.work, job.id) / row["id"]
    folder.mkdir(parents=True)
    return Spool(folder, plan)


def ended(desk: Studio, job: Job, status: str, **values: object) -> None:
    with desk.store.db.write() as connection:
        jobs.change(connection, job.id, status=status, **values)


def listening(desk: Studio, job: Job) -> Listening:
    return Listening(desk.store, desk.jobs, desk.settings.work, LOCAL, job)


def test_what_is_there_is_heard_before_the_rest_is_made(desk: Studio, job: Job) -> None:
    spool = attempt(desk, job, 1)
    spool.write(SOUND[:, :1500])
    waves = listening(desk, job).waves()
    parts = [next(waves)[0] for _ in range(3)]
    assert sum(part.shape[1] for part in parts) == 1500
    found = desk.music.listeners.heard(LOCAL, job.id)
    assert (found.seconds, found.ready_s, found.sections[0]["name"]) == (4.0, 1.5, "verse")
    spool.write(SOUND[:, 1500:])
    parts += [next(waves)[0] for _ in range(5)]
    ended(desk, job, DONE)
    assert list(waves) == []
    assert np.abs(np.concatenate(parts, axis=1) - SOUND).max() < 1 / 32767


def test_another_worker_goes_on_where_the_dead_one_was_heard(desk: Studio, job: Job) -> None:
    attempt(desk, job, 1).write(SOUND[:, :1700])
    waves = listening(desk, job).waves()
    parts = [next(waves)[0] for _ in range(4)]
    second = attempt(desk, job, 2)
    second.write(SOUND[:, :900])  # it begins anew: nothing of that is heard twice
    second.write(SOUND[:, 900:])
    parts += [next(waves)[0] for _ in range(5)]
    ended(desk, job, DONE)
    assert list(waves) == []
    assert np.abs(np.concatenate(parts, axis=1) - SOUND).max() < 1 / 32767


def test_who_is_slow_hears_it_after_its_folder_is_gone(desk: Studio, job: Job) -> None:
    spool = attempt(desk, job, 1)
    spool.write(SOUND)
    waves = listening(desk, job).waves()
    parts = [next(waves)[0]]
    folder = folder_of(desk.settings.work, job.id) / f"{job.id}-1"
    (folder / "heard").unlink()
    ended(desk, job, DONE)
    parts += [part for part, _ in waves]
    assert np.concatenate(parts, axis=1).shape == SOUND.shape


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (CANCELLED, None, Cancelled),
        (FAILED, {"type": "UserError", "message": "It broke.", "hint": "Mend it.", "code": "broken"}, Exception),
    ],
)
def test_a_job_that_ends_badly_is_said(
    desk: Studio, job: Job, status: str, error: dict[str, str] | None, kind: type[Exception]
) -> None:
    attempt(desk, job, 1).write(SOUND[:, :RATE])
    waves = listening(desk, job).waves()
    assert next(waves)[0].shape[1] == RATE // 2
    ended(desk, job, status, error=error)
    with pytest.raises(kind) as raised:
        list(waves)
    assert error is None or "It broke" in str(raised.value)


def test_a_disk_that_takes_nothing_costs_the_listening_alone(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "nowhere", PLAN)
    spool.write(SOUND)
    spool.close()
    assert not (tmp_path / "nowhere").exists()


def test_who_cannot_be_heard_is_told_so(desk: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="cannot be heard while") as told:
        desk.music.engines.check_streams("mubert", MusicRequest(prompt="rain"))
    assert "composer" in told.value.hint
    with pytest.raises(UserError, match="best of several"):
        desk.music.compose(LOCAL, prompt="rain", best_of=2, hear=True)
    assert {line.name for line in desk.music.engines.listing() if line.streams} == {"composer", "musicgen"}
    with pytest.raises(NotFound):
        desk.music.listeners.listen(LOCAL, "job_none", "mp3")
    monkeypatch.setattr(streaming, "STREAMS_AT_ONCE", 0)
    full, job = streaming.Listeners(desk.store, desk.jobs, desk.settings.work), desk.music.compose(LOCAL, prompt="rain")
    with pytest.raises(RateLimited):
        full.listen(LOCAL, job.id, "mp3")


def test_through_the_worker_and_leaving_leaves_the_job_alone(tmp_path: Path) -> None:
    studio = build_studio(load_settings(home=tmp_path / "home"))
    try:
        studio.ensure_worker()
        job = studio.music.compose(LOCAL, genre="ambient", seconds=8.0, seed=5, stems=False, hear=True)
        left = studio.music.listeners.listen(LOCAL, job.id, "mp3")
        data = b"".join(studio.music.listeners.listen(LOCAL, job.id, "wav"))
        left.close()
        job = studio.jobs.wait(LOCAL, job.id, timeout_s=120)
        assert job.status == "done", job.error
        kept, rate = soundfile.read(
            studio.library.file(LOCAL, studio.jobs.assets(LOCAL, job.id)[0].id), dtype="float32"
        )
        heard = np.frombuffer(data[data.index(b"data") + 8 :], "<i2").reshape(-1, 2) / np.float32(32768)
        assert heard.shape == kept.shape
        assert np.corrcoef(heard[:, 0], kept[:, 0])[0, 1] > 0.95
        later = b"".join(studio.music.listeners.listen(LOCAL, job.id, "wav"))
        again = np.frombuffer(later[later.index(b"data") + 8 :], "<i2").reshape(-1, 2) / np.float32(32768)
        assert rate == 44_100
        assert np.abs(again - kept).max() < 2 / 32768, "afterwards it is the kept file"
    finally:
        studio.close()
