"""The training loop itself, on a tiny random MusicGen: skipped where the library is not installed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from core.kit.children import Children
from core.kit.errors import Cancelled, SetupError, UserError
from core.models.catalogue import find
from core.models.shelf import Shelf
from core.music.providers.musicgen import MusicGen
from core.music.styles.lora import LoraRequest, Track, Trained, train_lora
from core.music.types import Material, MusicRequest
from core.providers.base import Call
from tests.music.providers import musicgen_child as inside
from tests.music.providers.musicgen_checkpoint import needs_musicgen

pytestmark = needs_musicgen


@pytest.fixture(scope="module")
def pool() -> Iterator[Children]:
    children = Children(limit=1)
    yield children
    children.close()


@pytest.fixture(scope="module")
def models(pool: Children, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    pool.run(inside.build_in_child, folder, kept=MusicGen(folder, threads=1).kept)
    Shelf(folder).agree(find("musicgen-small"), "a test")
    return folder


@pytest.fixture(scope="module")
def tracks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Track, ...]:
    """Three, 4 s each, of a tone that pulses."""
    folder = tmp_path_factory.mktemp("tracks")
    time_s = np.arange(4 * 32_000) / 32_000
    for number, hz in enumerate((220.0, 330.0, 440.0)):
        sound = 0.5 * np.sin(2 * np.pi * hz * time_s) * (np.sin(2 * np.pi * 2 * time_s) > 0)
        soundfile.write(folder / f"{number}.wav", sound, 32_000)
    return tuple(Track(folder / f"{number}.wav", "calm drum") for number in range(3))


@pytest.fixture(scope="module")
def asked(models: Path, tracks: tuple[Track, ...], tmp_path_factory: pytest.TempPathFactory) -> LoraRequest:
    folder = tmp_path_factory.mktemp("style")
    return LoraRequest(
        tracks, models / "musicgen-small", "small", folder / "out", 5, folder / "stop", "cpu", epochs=4, rank=4,
        learning_rate=2e-2, chunk_s=1.0,
    )  # fmt: skip


@pytest.fixture(scope="module")
def trained(pool: Children, models: Path, asked: LoraRequest) -> Trained:
    before = digest(models)
    told: list[tuple[str, float]] = []
    done: Trained = pool.run(
        train_lora, asked, kept=MusicGen(models, threads=1).kept, progress=lambda *said: told.append(said)
    )
    assert digest(models) == before
    assert [share for _, share in told] == sorted(share for _, share in told)
    assert any("epoch 2 of 4" in stage for stage, _ in told)
    return done


def lora(file: Path, model: str = "small") -> dict[str, Any]:
    """As core.music.material hands it on."""
    return {"lora": {model: {"file": str(file), "sha256": ""}}}


def digest(models: Path) -> str:
    return hashlib.sha256((models / "musicgen-small" / "model.safetensors").read_bytes()).hexdigest()


def test_the_loss_falls_and_is_told(trained: Trained) -> None:
    assert len(trained.losses) == len(trained.held_out) <= 4
    assert trained.losses[-1] < 0.95 * trained.losses[0]
    assert trained.best_epoch == 1 + int(np.argmin(trained.held_out))
    assert trained.chunks == 12


def test_only_the_adapter_is_written_and_it_is_small(trained: Trained) -> None:
    from safetensors.numpy import load_file

    tensors = load_file(trained.file)
    assert {name.rpartition(".")[2] for name in tensors} == {"down", "up"}
    assert all(name.rpartition(".")[0].endswith("_proj") for name in tensors)
    assert len(tensors) == 2 * 2 * 2 * 4  # pairs, layers, attentions, projections
    assert any(np.abs(each).max() > 0 for name, each in tensors.items() if name.endswith(".up"))


def test_a_style_is_heard_and_comes_off_without_a_trace(
    trained: Trained, pool: Children, models: Path, tmp_path: Path
) -> None:
    engine = MusicGen(models, "cpu", threads=1)
    plain = MusicRequest(prompt="calm drum", seconds=3.0, seed=7, model="small")
    worn = plain.model_copy(update={"material": Material(style=lora(trained.file))})
    sounds = [
        soundfile.read(engine.make(request, Call("c", tmp_path, pool)).outputs[0].path)[0]
        for request in (plain, worn, plain, worn)
    ]
    assert np.array_equal(sounds[0], sounds[2])
    assert np.array_equal(sounds[1], sounds[3])
    assert not np.array_equal(sounds[0], sounds[1])


def test_a_style_of_another_model_or_none_is_told(
    trained: Trained, pool: Children, models: Path, tmp_path: Path
) -> None:
    engine = MusicGen(models, "cpu", threads=1)

    def make(model: str, style: Mapping[str, Any]) -> None:
        material = Material(style=style)
        engine.make(
            MusicRequest(prompt="x", seconds=3, seed=1, model=model, material=material), Call("c", tmp_path, pool)
        )

    with pytest.raises(UserError, match="trained on MusicGen's model small"):
        make("melody", lora(trained.file))
    with pytest.raises(SetupError, match="trained on MusicGen's model small"):
        make("melody", lora(trained.file, "melody"))
    (tmp_path / "torn").write_bytes(trained.file.read_bytes()[:1000])
    with pytest.raises(SetupError, match="cannot be read"):
        make("small", lora(tmp_path / "torn"))


def test_what_was_interrupted_goes_on_and_ends_the_same(
    trained: Trained, pool: Children, models: Path, asked: LoraRequest, tmp_path: Path
) -> None:
    kept = MusicGen(models, threads=1).kept
    again = replace(asked, out=tmp_path / "out", stop=tmp_path / "stop")

    def interrupt(stage: str, _: float) -> None:
        if "epoch 3 of 4" in stage:
            again.stop.touch()

    with pytest.raises(Cancelled):
        pool.run(train_lora, again, kept=kept, progress=interrupt)
    again.stop.unlink()
    told: list[str] = []
    done = pool.run(train_lora, again, kept=kept, progress=lambda stage, share: told.append(stage))
    assert not any("epoch 1 of 4" in stage or "epoch 2 of 4" in stage for stage in told)
    assert done.losses == pytest.approx(trained.losses, rel=1e-4)
    assert done.best_epoch == trained.best_epoch


def test_it_ends_when_what_it_did_not_hear_gets_worse(
    pool: Children, models: Path, asked: LoraRequest, tmp_path: Path
) -> None:
    wild = replace(asked, out=tmp_path / "out", learning_rate=1e-1, epochs=30, patience=1)
    done = pool.run(train_lora, wild, kept=MusicGen(models, threads=1).kept)
    assert len(done.losses) < 30
    assert done.best_epoch == len(done.losses) - 1
    assert (tmp_path / "out" / "adapter.safetensors").is_file()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"epochs": 0}, "epochs = 0"), ({"rank": 100}, "rank = 100"), ({"learning_rate": 1.0}, "learning_rate = 1"),
        ({"tracks": ()}, "0 tracks"), ({"chunk_s": 30.0}, "too few to learn from"),
    ],
)  # fmt: skip
def test_what_cannot_be_learned_is_told(
    pool: Children, models: Path, asked: LoraRequest, change: dict[str, object], said: str
) -> None:
    with pytest.raises(UserError, match=said):
        pool.run(train_lora, replace(asked, **change), kept=MusicGen(models, threads=1).kept)  # type: ignore[arg-type]
