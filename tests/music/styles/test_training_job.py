"""The whole way on a tiny random MusicGen: a style is taught by a job whose worker dies in the middle, another goes on
where it stopped, and a piece made with it is another than without. Skipped where the library is not installed."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from core.app import Studio, build_studio
from core.kit.actor import LOCAL
from core.kit.children import Children
from core.kit.settings import load_settings
from core.models.catalogue import find
from core.models.shelf import Shelf
from core.music.providers.musicgen import MusicGen
from core.rights import gate
from core.store import assets, charges, styles
from core.store.jobs import Job
from tests import forked
from tests.music.providers import musicgen_child as inside
from tests.music.providers.musicgen_checkpoint import needs_musicgen
from tests.music.styles.test_teaching_a_model import styled

pytestmark = needs_musicgen
TRACK_S = 20.0


def work(home: str, **settings: Any) -> None:
    """A worker, until it is killed."""
    studio = build_studio(load_settings(home=Path(home), **settings))
    studio.ensure_worker()
    while True:
        time.sleep(0.1)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    children = Children(limit=1)
    children.run(inside.build_in_child, folder, kept=MusicGen(folder, threads=1).kept)
    children.close()
    Shelf(folder).agree(find("musicgen-small"), "a test")
    return folder


@pytest.fixture
def settings(models: Path, home: Path) -> dict[str, Any]:
    shutil.copytree(models, home / "models")
    return {"model_threads": 1, "model_device": "cpu"}


@pytest.fixture
def musical(home: Path, settings: dict[str, Any]) -> Iterator[Studio]:
    built = build_studio(load_settings(home=home, **settings))
    yield built
    built.close()


@pytest.fixture
def style_id(musical: Studio, tmp_path: Path) -> str:
    """Of three tracks of 20 s: tones that pulse."""
    time_s = np.arange(round(TRACK_S * 32_000)) / 32_000
    found = []
    for number, hz in enumerate((220.0, 330.0, 440.0)):
        file = tmp_path / f"{number}.wav"
        soundfile.write(file, 0.5 * np.sin(2 * np.pi * hz * time_s) * (np.sin(4 * np.pi * time_s) > 0), 32_000)
        found.append(kept(musical, file))
    return styled(musical, found)


def kept(studio: Studio, file: Path) -> str:
    asset, _ = studio.importing.bring_in(LOCAL, file, licence_id="uploaded-own")
    return asset.id


def until(studio: Studio, job: Job, said: Callable[[Job], bool], seconds: float = 600) -> Job:
    end = time.monotonic() + seconds
    while not said(found := studio.jobs.show(LOCAL, job.id)):
        assert time.monotonic() < end, (found.status, found.stage, found.error)
        time.sleep(0.02)
    return found


def epoch(stage: str) -> int:
    return int(stage.partition("epoch ")[2].partition(" ")[0] or 0)


def piece(studio: Studio, **values: Any) -> assets.Asset:
    job = studio.music.compose(
        LOCAL, provider="musicgen", model="small", prompt="calm drum", seconds=3.0, seed=7, **values
    )
    ended = until(studio, job, lambda found: found.ended)
    assert ended.status == "done", ended.error
    return studio.jobs.assets(LOCAL, job.id)[0]


@pytest.mark.timeout(900)
def test_taught_by_a_job_that_dies_and_goes_on_then_worn(
    musical: Studio, style_id: str, home: Path, settings: dict[str, Any]
) -> None:
    plan = musical.styles.plan(LOCAL, style_id)
    assert (plan.model, plan.tracks, plan.sound_s, plan.measured) == ("small", 3, 60.0, False)
    job = musical.styles.train(LOCAL, style_id, epochs=4)
    first = forked.start(work, str(home), environment={}, **settings)
    try:
        until(musical, job, lambda found: epoch(found.stage or "") >= 3)
    finally:
        first.kill()
        first.wait(60)
    seen: list[str] = []
    second = forked.start(work, str(home), environment={}, **settings)
    try:
        ended = until(musical, job, lambda found: bool(seen.append(found.stage or "")) or found.ended)
        assert ended.status == "done", ended.error
        again = seen[next(n for n, stage in enumerate(seen) if stage.startswith(("Loading", "Listening"))) :]
        assert min(filter(None, map(epoch, again))) >= 3, "what was learned before the crash is not learned again"
        (file,) = musical.styles.learned(LOCAL, style_id)
        assert (ended.result or {})["style_id"] == style_id
        assert (file.model, file.facts["licence"], file.facts["epochs"]) == ("small", "CC BY-NC 4.0", 4)
        row = musical.styles.get(LOCAL, style_id)
        assert (file.facts["sources"], file.facts["rights"]) == (row.sources, row.rights)
        assert file.facts["chunks"] == 6
        with musical.store.db.read() as connection:
            billed = charges.of_job(connection, job.id)
            assert billed
            assert not sum(charge.settled_usd for charge in billed)

        worn, plain = piece(musical, style=style_id), piece(musical)
        assert worn.sha256 != plain.sha256
        said = worn.generation_config["style"]
        assert (said["id"], said["lora"]) == (style_id, {"model": "small", "sha256": file.sha256})
        assert "style" not in plain.generation_config
        with musical.store.db.read() as connection:
            links = {(link.source_id, link.role) for link in assets.sources_of(connection, worn.id)}
            assert links == {(source, styles.SOURCE_ROLE) for source in row.sources}
            assert not gate.may(connection, worn, gate.Use("web", commercial=True)).allowed, (
                "the licence of the weights"
            )
        musical.styles.rename(LOCAL, style_id, "Ours, renamed")
        assert [each.sha256 for each in musical.styles.learned(LOCAL, style_id)] == [file.sha256]
        musical.styles.delete(LOCAL, style_id)
        assert not musical.store.blobs.has(file.sha256)
    finally:
        second.kill()
        second.wait(60)


def test_a_cancel_ends_it_in_the_middle_and_keeps_nothing(musical: Studio, style_id: str) -> None:
    musical.ensure_worker()
    job = musical.styles.train(LOCAL, style_id, epochs=200)
    until(musical, job, lambda found: epoch(found.stage or "") >= 2)
    musical.jobs.cancel(LOCAL, job.id)
    ended = until(musical, job, lambda found: found.ended)
    assert ended.status == "cancelled"
    assert not musical.styles.learned(LOCAL, style_id)
    assert piece(musical).duration_s == 3.0, "the process that has the model goes on"
