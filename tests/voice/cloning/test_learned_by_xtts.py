"""A voice of one's own by XTTS-v2, from consent to deletion, through the real worker. The library is the real one on a tiny
checkpoint where it is installed; what needs none of it is tested everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.app import build_studio
from core.kit.actor import LOCAL
from core.kit.children import Children
from core.kit.errors import SetupError
from core.kit.settings import load_settings
from core.models.catalogue import find
from core.models.shelf import Shelf
from core.rights.gate import Use
from core.store import voices
from core.store.assets import Asset
from core.store.jobs import Job
from core.store.voices import VoiceFile, VoiceRow
from core.voice.providers import coqui_process
from tests.voice.cloning.conftest import Desk
from tests.voice.providers import xtts_child as inside
from tests.voice.providers.xtts_checkpoint import needs_xtts


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, pool = tmp_path_factory.mktemp("models"), Children(limit=1)
    pool.run(inside.build_in_child, folder)
    pool.close()
    Shelf(folder).agree(find("xtts"), "a test")
    return folder


@pytest.fixture
def real(home: Path, takes: list[Path], models: Path) -> Iterator[Desk]:
    built = Desk(studio=None, takes=takes)  # type: ignore[arg-type]
    settings = load_settings(home=home, models_dir=models, model_threads=1)
    built.studio = build_studio(settings, providers=(built.local, built.parrot))
    built.studio.ensure_worker()
    yield built
    built.studio.close()


def profiles(desk: Desk, voice: VoiceRow) -> list[VoiceFile]:
    with desk.studio.store.db.read() as connection:
        return voices.files_of(connection, voice.id, "profile:xtts")


def piece(desk: Desk, job: Job) -> Asset:
    assert job.status == "done", job.error
    return desk.studio.jobs.assets(LOCAL, job.id)[0]


@needs_xtts
def test_from_recordings_to_a_piece_that_may_not_be_sold_and_to_the_end(real: Desk) -> None:
    voice = real.trained("Narrator", "xtts", "parrot")
    assert sorted(voice.engines) == ["parrot", "xtts"]
    (file,) = profiles(real, voice)
    assert voice.engines["xtts"]["profile"] == file.sha256
    assert voice.engines["xtts"]["likeness"]["similarity"]["encoder"] == "XTTS-v2"
    made = piece(real, real.speak(voice, seed=3))
    assert made.generation_config["provider"] == "xtts"
    assert made.licence["commercial"] is False
    assert "Coqui Public Model License" in made.licence["title"]
    verdict = real.studio.library.may(LOCAL, made.id, Use("youtube", commercial=True))
    assert not verdict.allowed
    assert "may not be used commercially" in " ".join(verdict.reasons)
    assert real.studio.library.may(LOCAL, made.id, Use("youtube")).allowed
    # By another engine of the same voice it may be sold: the terms are the engine's, not the voice's.
    chosen = real.studio.cloning.edit(LOCAL, voice.id, engine="parrot")
    assert piece(real, real.speak(chosen)).licence["commercial"] is True
    # Learned again: the older latents are gone.
    real.ended(real.studio.cloning.train(LOCAL, voice.id, ["xtts"]))
    assert len(profiles(real, voice)) == 1
    (newer,) = profiles(real, voice)
    gone = real.studio.cloning.delete(LOCAL, voice.id)
    assert gone.left == {}
    assert not real.studio.store.blobs.has(newer.sha256)
    assert not real.studio.store.blobs.has(file.sha256) or file.sha256 == newer.sha256


@needs_xtts
def test_another_engine_speaks_where_its_weights_are_damaged(real: Desk, models: Path) -> None:
    voice = real.trained("Narrator", "xtts", "parrot")
    path = models / "xtts" / "model.pth"
    whole = path.read_bytes()
    try:
        path.write_bytes(whole[:50_000])
        made = piece(real, real.speak(voice))
    finally:
        path.write_bytes(whole)
    assert made.generation_config["provider"] == "parrot"
    (told,) = made.generation_config["failovers"]
    assert told["engine"] == "xtts"
    assert "damaged or of another version" in told["why"]
    assert made.licence["commercial"] is True  # nothing of XTTS-v2 is in it


def test_it_learns_nothing_before_its_licence_is_agreed_to(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coqui_process, "find_spec", lambda name: object())
    place = desk.studio.settings.models / "xtts"
    place.mkdir(parents=True)
    for name in find("xtts").files:
        (place / name).write_bytes(b"as good as real, to look at")
    made = desk.create()
    with pytest.raises(SetupError, match="Nobody has agreed to the licence of XTTS-v2") as error:
        desk.studio.cloning.train(LOCAL, made.id, ["xtts"])
    assert "studio models agree xtts" in error.value.hint
    (learner,) = [each for each in desk.studio.cloning.engines() if each.name == "xtts"]
    assert (learner.ready, learner.local, learner.title) == (False, True, "XTTS-v2 (no commercial use)")
    Shelf(desk.studio.settings.models).agree(find("xtts"), "ada")
    assert next(each.ready for each in desk.studio.cloning.engines() if each.name == "xtts")


def test_a_voice_that_xtts_learned_is_spoken_by_another_where_it_is_not_installed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coqui_process, "find_spec", lambda name: None)
    voice = desk.trained()
    with desk.studio.store.db.write() as connection:
        voices.change(connection, voice.id, engines=voice.engines | {"xtts": {"profile": "0" * 64}}, engine="xtts")
    assert piece(desk, desk.speak(voice)).generation_config["provider"] == "parrot"
    with desk.studio.store.db.write() as connection:
        voices.change(connection, voice.id, engines={"xtts": {"profile": "0" * 64}})
    with pytest.raises(Exception, match="No engine that learned the voice") as error:
        desk.speak(voice)
    assert "(xtts)" in str(error.value)
