"""kill -9 in mid-download and mid-purchase of a catalogue's file, for real: a restart finishes what may be finished, says of the
rest that nobody can know, and buys nothing twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from core.app import Studio
from core.kit.actor import LOCAL
from core.store import charges
from core.store.jobs import Job
from tests import forked
from tests.clouds.service import Fault
from tests.clouds.soundstripe import SoundstripeServer
from tests.licensing import doomed_download

HALF = Fault(act="held")


class Shop:
    def __init__(self, home: Path, cloud: SoundstripeServer) -> None:
        self.home, self.cloud = home, cloud
        self.settings = {"soundstripe_api_key": cloud.KEY, "soundstripe_url": cloud.url}
        self.studio: Studio = doomed_download.build(home, **self.settings)

    def killed(self, form: str, stage: str) -> Job:
        job = self.studio.bringing.submit(LOCAL, "soundstripe", "3", form)
        worker = forked.start(doomed_download.main, str(self.home), stage, environment={}, **self.settings)
        try:
            if stage == "half":
                deadline = time.monotonic() + 90
                while not any(part.stat().st_size for part in self.home.rglob("track.part")):
                    assert time.monotonic() < deadline, "nothing of the file arrived"
                    time.sleep(0.01)
                worker.kill()
            assert worker.wait(timeout=90) == -9
        finally:
            worker.kill()
        assert not self.studio.jobs.show(LOCAL, job.id).ended
        return job

    def resumed(self, job: Job) -> Job:
        self.studio.ensure_worker()
        row = self.studio.jobs.wait(LOCAL, job.id, 90)
        assert row.ended, row.stage
        return row

    def bills(self, job: Job) -> list[tuple[str, str, str]]:
        with self.studio.store.db.read() as connection:
            rows = charges.of_job(connection, job.id)
        return [(row.status, str(row.reserved_usd), str(row.settled_usd)) for row in rows]

    @property
    def fetched(self) -> int:
        return len([each for each in self.cloud.asked if self.cloud.where(each) == "file"])


@contextmanager
def shop(home: Path, *faults: Fault) -> Iterator[Shop]:
    with SoundstripeServer() as cloud:
        cloud.faults["file"].extend(faults)
        opened = Shop(home, cloud)
        try:
            yield opened
        finally:
            opened.studio.close()


def test_half_of_a_preview_had_arrived(home: Path) -> None:
    with shop(home, HALF) as there:
        job = there.killed("preview", "half")
        row = there.resumed(job)
        assert row.status == "done", row.error
        (track,) = there.studio.jobs.assets(LOCAL, job.id)
        assert track.sha256 == sha256(there.cloud.files["mp3"]).hexdigest() == track.generation_config["file"]["sha256"]
        assert [bill for bill in there.bills(job) if bill[0] != "released"] == [("settled", "0", "0")]


def test_half_of_what_is_paid_for_had_arrived(home: Path) -> None:
    """Nobody can tell whether the account there counts it: a person looks, and nothing is asked for again before."""
    with shop(home, HALF) as there:
        job = there.killed("full", "half")
        row = there.resumed(job)
        assert row.status == "unknown"
        assert "Nobody can tell whether soundstripe billed this" in str(row.error)
        assert there.studio.bringing.submit(LOCAL, "soundstripe", "3", "full").id == job.id
        assert there.fetched == 1, "it was bought again"
        assert there.bills(job) == [("reserved", "1.5", "0")]
        assert there.studio.jobs.assets(LOCAL, job.id) == []


def test_it_was_paid_for_and_not_kept(home: Path) -> None:
    with shop(home) as there:
        job = there.killed("full", "paid")
        row = there.resumed(job)
        assert row.status == "done", row.error
        assert there.fetched == 1, "it was bought again"
        assert there.bills(job) == [("settled", "1.5", "1.5")]
        (track,) = there.studio.jobs.assets(LOCAL, job.id)
        assert track.sha256 == sha256(there.cloud.files["wav"]).hexdigest()
        assert there.studio.bringing.submit(LOCAL, "soundstripe", "3", "full").id == job.id
