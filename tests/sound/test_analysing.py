"""Analysis as a job: durable, refused where there is nothing to hear, stopped at its deadline, readable later."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.errors import NotFound, ProviderError, StudioError, UserError
from core.store.assets import Asset
from core.store.jobs import CANCELLED, DONE, FAILED
from tests.audio.signals import noise, piece, write


@pytest.fixture
def asset(studio: Studio, tmp_path: Path) -> Asset:
    return studio.importing.bring_in(LOCAL, write(tmp_path / "song.wav", piece(8)), licence_id="uploaded-own")[0]


def test_quick_and_full(working: Studio, asset: Asset) -> None:
    studio = working
    quick = studio.wait(LOCAL, studio.analysing.submit(LOCAL, asset.id).id, 60)
    assert (quick.status, quick.kind, quick.title) == (DONE, "analyse", "Analysis of song")
    report = studio.analysing.report(LOCAL, quick.id)
    assert report["report"] == "quick"
    assert report["asset_id"] == asset.id
    assert report["bpm"] == pytest.approx(120, rel=0.02)
    assert "beats" not in report
    assert studio.jobs.assets(LOCAL, quick.id) == []
    full = studio.wait(LOCAL, studio.analysing.submit(LOCAL, asset.id, full=True).id, 60)
    report = studio.analysing.report(LOCAL, full.id)
    assert {"beats", "chords", "sections", "curves", "stereo", "speech_share", "mel_png"} <= set(report)
    json.dumps(report, allow_nan=False)
    assert studio.analysing.latest(LOCAL, asset.id) == studio.jobs.show(LOCAL, full.id)
    assert studio.analysing.latest(LOCAL, "asset_none") is None


def test_it_is_the_report_of_the_file_itself(working: Studio, asset: Asset) -> None:
    job = working.wait(LOCAL, working.analysing.submit(LOCAL, asset.id).id, 60)
    report = working.analysing.report(LOCAL, job.id)
    at_once = working.analysing.now(working.library.file(LOCAL, asset.id))
    assert at_once == {name: report[name] for name in at_once}


def test_the_same_key_is_the_same_job(studio: Studio, asset: Asset) -> None:
    first = studio.analysing.submit(LOCAL, asset.id, idempotency_key="k")
    assert studio.analysing.submit(LOCAL, asset.id, full=True, idempotency_key="k").id == first.id


def test_what_is_refused(studio: Studio, asset: Asset) -> None:
    with pytest.raises(NotFound):
        studio.analysing.submit(LOCAL, "asset_none")
    with pytest.raises(StudioError):
        studio.analysing.submit(Actor(user_id="somebody else"), asset.id)
    job = studio.analysing.submit(LOCAL, asset.id)
    with pytest.raises(StudioError, match="not there yet"):
        studio.analysing.report(LOCAL, job.id)
    with pytest.raises(StudioError):
        studio.analysing.report(Actor(user_id="somebody else"), job.id)
    with pytest.raises(UserError, match="no file"):
        studio.analysing.now("nowhere.wav")


def test_captions_hold_no_sound(working: Studio) -> None:
    job = working.wait(LOCAL, working.voice.speak(LOCAL, text="One two.").id, 60)
    captions = next(one for one in working.jobs.assets(LOCAL, job.id) if one.kind == "captions")
    with pytest.raises(UserError, match="holds no sound"):
        working.analysing.submit(LOCAL, captions.id)
    with pytest.raises(UserError, match="no analysis"):
        working.analysing.report(LOCAL, job.id)


def test_past_its_deadline_it_fails_and_the_next_one_runs(working: Studio, asset: Asset, tmp_path: Path) -> None:
    long = working.importing.bring_in(LOCAL, write(tmp_path / "long.wav", noise(240, 0.2)), licence_id="uploaded-own")[
        0
    ]
    working.analysing._timeout_s = 0.3
    late = working.wait(LOCAL, working.analysing.submit(LOCAL, long.id, full=True).id, 60)
    assert late.status == FAILED
    with pytest.raises(ProviderError, match="time limit"):
        working.analysing.report(LOCAL, late.id)
    working.analysing._timeout_s = 60.0
    assert working.wait(LOCAL, working.analysing.submit(LOCAL, asset.id).id, 60).status == DONE


def test_cancel(studio: Studio, asset: Asset) -> None:
    job = studio.analysing.submit(LOCAL, asset.id)
    studio.jobs.cancel(LOCAL, job.id)
    assert studio.jobs.show(LOCAL, job.id).status == CANCELLED
    assert isinstance(studio.analysing.submit(LOCAL, asset.id, priority="low").id, str)


def test_silence_has_a_report(working: Studio, tmp_path: Path) -> None:
    path = write(tmp_path / "still.wav", np.zeros((1, 44100), np.float32))
    still = working.importing.bring_in(LOCAL, path, licence_id="uploaded-own")[0]
    job = working.wait(LOCAL, working.analysing.submit(LOCAL, still.id, full=True).id, 60)
    report = working.analysing.report(LOCAL, job.id)
    assert (report["lufs"], report["bpm"], report["key"]) == (None, None, None)
    assert [problem["kind"] for problem in report["problems"]] == ["silence"]
