"""Polishing through the studio: a new piece with its captions, its rights and both measurements."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile

from core.app import Studio, build_studio
from core.audio.voicing.presets import Overrides
from core.kit.actor import LOCAL
from core.kit.errors import NotFound, UserError
from core.kit.settings import load_settings
from core.rights.gate import Use
from core.store.assets import Asset
from core.store.jobs import Job
from tests.library.sounds import bring

TEXT = "# One\nThe harbour wakes before the town does.\n\n# Two\nA rope creaks somewhere, and nobody says a word."


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    built = build_studio(load_settings(home=tmp_path_factory.mktemp("polishing") / "home"))
    built.ensure_worker()
    yield built
    built.close()


def assets(desk: Studio, job: Job) -> dict[str, Asset]:
    ended = desk.jobs.wait(LOCAL, job.id, 90)
    assert ended.status == "done", ended.error
    return {asset.role: asset for asset in desk.jobs.assets(LOCAL, job.id)}


@pytest.fixture(scope="module")
def spoken(desk: Studio) -> dict[str, Asset]:
    return assets(desk, desk.voice.speak(LOCAL, text=TEXT, voice="Emma", name="Harbour"))


def first_word_s(desk: Studio, made: dict[str, Asset]) -> float:
    return float(json.loads(desk.library.file(LOCAL, made["captions"].id).read_text())["words"][0]["start_s"])


def test_an_audiobook_beside_the_take(desk: Studio, spoken: dict[str, Asset]) -> None:
    made = assets(desk, desk.polishing.submit(LOCAL, spoken["primary"].id, "audiobook"))
    assert set(made) == {"primary", "captions", "captions:srt", "captions:vtt", "captions:ass"}
    piece = made["primary"]
    assert (piece.kind, piece.name, piece.sample_rate) == ("voiceover", "Harbour, audiobook", 44_100)
    told = piece.generation_config["polish"]
    assert told["preset"] == "audiobook"
    assert {row["name"] for row in told["requirements"] if row["passed"]} == {
        "rms", "dbtp", "noise_floor", "head_s", "tail_s", "length_s", "sample_rate",
    }  # fmt: skip
    assert told["before"]["lufs"] == pytest.approx(spoken["primary"].lufs, abs=0.1)
    assert told["after"]["lufs"] == pytest.approx(piece.lufs, abs=0.1)
    assert told["shift_s"] > 0.4
    assert first_word_s(desk, made) - first_word_s(desk, spoken) == pytest.approx(told["shift_s"], abs=0.002)
    info = soundfile.info(str(desk.library.file(LOCAL, piece.id)))
    assert info.duration == pytest.approx(piece.duration_s, abs=0.001)
    assert [link.source_id for link in desk.library.sources(LOCAL, piece.id)] == [spoken["primary"].id]
    assert piece.licence["title"] == spoken["primary"].licence["title"]


def test_rights_of_an_upload_stay_with_what_is_made_of_it(desk: Studio, tmp_path: Path) -> None:
    upload = bring(desk, tmp_path, "Somebody's", kind="voiceover", seconds=3.0)
    piece = assets(desk, desk.polishing.submit(LOCAL, upload.id, "clean", Overrides(deess=False)))["primary"]
    assert not desk.library.may(LOCAL, piece.id, Use(platform="web")).allowed
    assert piece.generation_config["polish"]["overrides"] == {"deess": False}


def test_a_speech_job_ends_with_its_preset(desk: Studio, spoken: dict[str, Asset]) -> None:
    made = assets(desk, desk.voice.speak(LOCAL, text=TEXT, voice="Emma", sound="audiobook"))
    told = made["primary"].generation_config["sound"]
    assert all(row["passed"] for row in told["requirements"]), told["requirements"]
    assert first_word_s(desk, made) - first_word_s(desk, spoken) == pytest.approx(told["shift_s"], abs=0.002)
    plain = [row["start_s"] for row in spoken["primary"].generation_config["sections"]]
    moved = [row["start_s"] for row in made["primary"].generation_config["sections"]]
    assert moved == [pytest.approx(start + told["shift_s"], abs=0.002) for start in plain]
    assert made["primary"].sample_rate == 44_100


def test_a_podcast_keeps_the_times(desk: Studio, spoken: dict[str, Asset]) -> None:
    made = assets(desk, desk.voice.speak(LOCAL, text=TEXT, voice="Emma", sound="podcast"))
    assert first_word_s(desk, made) == first_word_s(desk, spoken)
    assert made["primary"].lufs == pytest.approx(-19, abs=0.15)


def test_what_cannot_be_polished(desk: Studio, spoken: dict[str, Asset]) -> None:
    with pytest.raises(UserError, match="no sound preset 'loud'"):
        desk.polishing.submit(LOCAL, spoken["primary"].id, "loud")
    with pytest.raises(UserError, match="holds no sound"):
        desk.polishing.submit(LOCAL, spoken["captions"].id, "clean")
    with pytest.raises(NotFound):
        desk.polishing.submit(LOCAL, "asset_none", "clean")
    with pytest.raises(UserError, match="no sound preset 'loud'"):
        desk.voice.speak(LOCAL, text="One.", sound="loud")


def test_the_same_key_makes_one_job(desk: Studio, spoken: dict[str, Asset]) -> None:
    first, second = (
        desk.polishing.submit(LOCAL, spoken["primary"].id, "clean", idempotency_key="once") for _ in range(2)
    )
    assert first.id == second.id
