"""The machine around the studio: a folder nobody can write, a port that is taken, a second studio, NaN, a lost file."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.app import Studio, build_studio
from core.doctor import checks, port_taken
from core.kit.actor import LOCAL
from core.kit.errors import SetupError, UserError
from core.kit.settings import load_settings
from tests.bad_input.conftest import clean, errors_logged, refused, remedied

MEDIA = Path(__file__).parents[1] / "media"


def test_a_data_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """Permission bits do not bind root: a folder below a file, and one in a place where nothing can be made, do."""
    (tmp_path / "file").write_text("")
    for home in (tmp_path / "file", tmp_path / "file" / "home", Path("/proc/home"), Path("/sys/home")):
        with pytest.raises(SetupError) as error:
            build_studio(load_settings(home=home))
        assert str(home) in error.value.message
        assert "STUDIO_HOME" in error.value.hint


def test_a_blob_folder_that_went_bad_under_way(tmp_path: Path) -> None:
    """The disk turns read-only while a job runs: the job fails in words, and the retry finds nothing lost."""
    studio = build_studio(load_settings(home=tmp_path / "home"))
    try:
        studio.ensure_worker()
        blobs = studio.settings.blobs
        aside = blobs.with_name("aside")
        blobs.rename(aside)
        blobs.write_text("a file where the folder was")
        job = studio.jobs.wait(LOCAL, studio.voice.speak(LOCAL, text="Nowhere to go.").id, 30)
        assert job.status == "failed"
        assert job.error is not None
        assert job.error["kind"] == "SetupError"
        assert job.error["hint"]
        assert studio.jobs.assets(LOCAL, job.id) == []
        blobs.unlink()
        aside.rename(blobs)
        studio.jobs.retry(LOCAL, job.id)
        assert studio.jobs.wait(LOCAL, job.id, 30).status == "done"
        assert clean(studio) == []
        assert errors_logged(studio) == ""
    finally:
        studio.close()


def test_a_damaged_database_is_said(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "studio.sqlite").write_bytes(b"this is no database, " * 500)
    with pytest.raises(SetupError):
        build_studio(load_settings(home=home))


def test_a_second_studio_on_the_same_folder(desk: Studio) -> None:
    """It uses the running worker, and cannot start another."""
    second = build_studio(load_settings(home=desk.settings.home))
    try:
        assert second.worker_alive()
        second.ensure_worker()
        with pytest.raises(SetupError, match="already runs") as error:
            second.worker().run()
        assert error.value.hint
        job = second.jobs.wait(LOCAL, second.voice.speak(LOCAL, text="From the second.").id, 30)
        assert job.status == "done"
        assert desk.jobs.show(LOCAL, job.id).status == "done"
    finally:
        second.close()
    assert desk.worker_alive(), "closing the second studio ended the first one's worker"


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port_taken("127.0.0.1", port)
        other = build_studio(load_settings(home=tmp_path / "home", port=port))
        try:
            found = next(check for check in checks(other) if check.name == "ports")
            assert (found.state, str(port) in found.detail) == ("broken", True)
            assert "STUDIO_PORT" in found.remedy
        finally:
            other.close()
    assert not port_taken("127.0.0.1", port)


def test_samples_that_are_no_numbers(desk: Studio, tmp_path: Path) -> None:
    everything = np.full((22_050, 2), np.nan, dtype=np.float32)
    some = np.random.default_rng(1).uniform(-0.2, 0.2, (22_050, 2)).astype(np.float32)
    some[5000:5010] = np.nan
    endless = some.copy()
    endless[5000:5010] = np.inf
    for name, samples in {"all": everything, "some": some, "inf": endless}.items():
        file = tmp_path / f"{name}.wav"
        soundfile.write(file, samples, 22_050, subtype="FLOAT")
        try:
            asset, warnings = desk.importing.bring_in(LOCAL, file)
        except UserError as error:
            remedied(error)
            continue
        assert warnings, "broken samples were taken in without a word"
        assert asset.lufs is None or np.isfinite(asset.lufs)
        job = desk.jobs.wait(LOCAL, desk.sound.voice_over_music(LOCAL, [], asset.id).id, 30)
        assert job.status in ("done", "failed")
        if job.status == "done":
            mix, _ = soundfile.read(desk.library.file(LOCAL, desk.jobs.assets(LOCAL, job.id)[0].id))
            assert np.isfinite(mix).all()
    assert clean(desk) == []


ODD = ["22050_ogg_flac.oga", "aac.m4a", "mulaw_8khz.wav", "mutagen__106-invalid-streaminfo.flac", "mutagen__silence-44-s.mp3",
       "opus_24k.opus", "pedalboard__mp3_in_wav.wav", "scipy__test-44100Hz-le-1ch-4bytes-early-eof.wav",
       "scipy__test-8000Hz-le-3ch-5S-24bit.wav", "very_short_20ms.wav", "wma.wma", "hole.ogg"]  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_odd_files_go_all_the_way_through_a_mix(desk: Studio, name: str) -> None:
    """Brought in and mixed, or refused; decoding itself is tested in tests/audio."""
    try:
        asset, _ = desk.importing.bring_in(LOCAL, MEDIA / name)
    except UserError as error:
        remedied(error)
        return
    job = desk.jobs.wait(LOCAL, desk.sound.voice_over_music(LOCAL, [asset.id], asset.id).id, 60)
    if job.status == "done":
        mix, _ = soundfile.read(desk.library.file(LOCAL, desk.jobs.assets(LOCAL, job.id)[0].id))
        assert np.isfinite(mix).all()
        return
    assert job.error is not None
    assert job.error["kind"] == "UserError"
    assert job.error["hint"]


NOT_UTF8 = "\udcff.wav"
NAMES = [
    "it's.wav",
    'a "b".wav',
    "..wav",
    "नमस्ते.wav",
    "a b\tc.wav",
    "-rf.wav",
    "%s{}.wav",
    NOT_UTF8,
    "n" * 240 + ".wav",
]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_files_of_every_name_are_brought_in(desk: Studio, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    soundfile.write(tmp_path / "x.wav", np.zeros(2205, dtype=np.float32), 22_050)
    os.rename(tmp_path / "x.wav", file)
    asset, _ = desk.importing.bring_in(LOCAL, file)
    assert asset.name
    assert desk.library.get(LOCAL, asset.id).name == asset.name


def test_what_is_no_file(desk: Studio, tmp_path: Path) -> None:
    for file in (tmp_path, tmp_path / "none.wav", Path("/dev/null"), Path("")):
        refused(lambda file=file: desk.importing.bring_in(LOCAL, file))


def test_nothing_of_all_this_was_left_lying_around(desk: Studio) -> None:
    assert clean(desk) == []
    assert errors_logged(desk) == ""
