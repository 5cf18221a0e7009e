"""Best of several by an engine that makes the further tries in one go: one call for them, each heard by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.app import Studio, build_studio
from core.kit.actor import LOCAL
from core.kit.settings import load_settings
from core.music.providers import neural_pace
from core.music.providers.musicgen import MusicGen
from core.music.types import BESIDE, TRY, MusicRequest
from core.providers.base import Call, Made, Output
from core.store.assets import Asset
from tests.music.sellers import RATE, Seller


class Band(Seller):
    """Free, on this machine, and plays all seeds at once. The third it plays is the one without a hole."""

    def __init__(self) -> None:
        super().__init__("band")
        self.info = replace(self.info, units=(), resource="cpu")
        self.calls: list[tuple[int, ...]] = []
        self.played: list[int] = []

    def maximum(self, request: MusicRequest) -> dict[str, object]:  # type: ignore[override]
        return {}

    def make(self, request: MusicRequest, call: Call) -> Made:
        seeds = (request.seed or 0, *request.material.seeds)
        self.calls.append(seeds)
        files = [self._play(request, call.folder / f"{number}.wav", seed) for number, seed in enumerate(seeds)]
        first, *others = (Output(f"{TRY}{n}" if n else "primary", file, "music") for n, file in enumerate(files))
        told = [{"model": "one", "seed": seed} for seed in seeds]
        return Made((first, *others), facts=told[0] | ({BESIDE: told[1:]} if others else {}))

    def _play(self, request: MusicRequest, path: Path, seed: int) -> Path:
        self.played.append(seed)
        time_s = np.arange(round(request.seconds * RATE)) / RATE
        tone = 0.3 * np.sin(2 * np.pi * 220 * time_s) * np.exp(-6 * ((time_s * 2) % 1.0))
        if len(self.played) != 3:
            tone[len(tone) // 3 :] = 0
        soundfile.write(path, tone.astype(np.float32), RATE)
        return path


@pytest.fixture
def band() -> Band:
    return Band()


@pytest.fixture
def stage(home: Path, band: Band) -> Iterator[Studio]:
    studio = build_studio(load_settings(home=home), providers=(band,))
    studio.ensure_worker()
    yield studio
    studio.close()


def made(studio: Studio, **values: object) -> tuple[list[Asset], list[str]]:
    job = studio.music.compose(LOCAL, provider="band", prompt="rain", seconds=6, seed=5, **values)
    ended = studio.jobs.wait(LOCAL, job.id, timeout_s=180)
    assert ended.status == "done", ended.error
    steps = [
        attempt.step for attempt, charge in studio.jobs.attempts(LOCAL, job.id) if charge and not charge.settled_usd
    ]
    return studio.jobs.assets(LOCAL, job.id), steps


def test_once_the_first_was_too_low_the_rest_are_made_in_one_call(stage: Studio, band: Band) -> None:
    (piece,), steps = made(stage, best_of=4, min_score=100)
    assert [len(seeds) for seeds in band.calls] == [1, 3]
    assert len(set(band.played)) == 4
    assert steps == ["main", "again:1"], "one attempt and one charge of nothing for all of them"
    quality = piece.generation_config["quality"]
    assert len(quality["tries"]) == 4
    assert quality["tries"].index(max(quality["tries"])) == 2
    assert piece.generation_config["seed"] == band.played[2]
    assert piece.role == "primary"
    assert BESIDE not in piece.generation_config


def test_what_was_made_beside_a_good_one_is_not_listened_to(stage: Studio, band: Band) -> None:
    (piece,), _ = made(stage, best_of=4, min_score=0)
    assert band.calls == [(5,)], "the first was good enough"
    assert len(piece.generation_config["quality"]["tries"]) == 1


def test_musicgen_goes_by_what_this_machine_measured(tmp_path: Path) -> None:
    request = MusicRequest(prompt="rain", seed=1, model="small")
    engine = MusicGen(tmp_path, "cpu")
    assert engine.gains(request, 4, None)
    assert engine.gains(request, 4, tmp_path), "not measured yet: tried"
    neural_pace.remember(tmp_path, "musicgen-small-cpu-transformers", 10, 20)
    neural_pace.remember(tmp_path, "musicgen-small-cpu-transformers-x4", 10, 30)
    assert engine.gains(request, 4, tmp_path), "30 s of work in place of 80"
    neural_pace.remember(tmp_path, "musicgen-small-cpu-transformers-x4", 10, 70)
    assert not engine.gains(request, 4, tmp_path), "70 s of work, of which a part may be for nothing"
    assert engine.gains(request, 3, tmp_path), "of three nothing is known"
    assert MusicGen(tmp_path, "cuda").gains(request, 4, tmp_path)
