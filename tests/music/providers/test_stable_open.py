"""Stable Audio Open with its real libraries on a tiny random checkpoint: skipped where they are not installed."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from core.kit.children import Children
from core.kit.errors import Cancelled, Rejected, SetupError, UserError
from core.music.engine import ignored
from core.music.providers import stable_open as module
from core.music.providers.stable_open import StableAudioOpen
from core.music.types import MusicRequest
from core.providers.base import Call, Made
from core.rights.licences import record
from tests.music.providers import stable_child as inside
from tests.music.providers.musicgen_case import stable_audio_open
from tests.music.providers.stable_checkpoint import RATE, needs_stable_audio

Play = Callable[..., tuple[Made, Any]]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("models")
    with ExitStack() as servers:
        stable_audio_open(servers, folder)
        yield folder


@pytest.fixture
def play(pool: Children, models: Path, tmp_path: Path) -> Play:
    def make(folder: Path = models, call: Call | None = None, **values: Any) -> tuple[Made, Any]:
        request = MusicRequest(**{"prompt": "calm piano", "seconds": 5.0, "seed": 7, "steps": 3, **values})
        made = StableAudioOpen(folder, "cpu", threads=1).make(request, call or Call("c", tmp_path, pool))
        samples, rate = soundfile.read(made.outputs[0].path, always_2d=True)
        assert rate == RATE
        assert len(samples) == round(request.seconds * rate)
        return made, samples

    return make


@needs_stable_audio
def test_a_seed_makes_the_same_piece_again_and_knobs_are_heard(play: Play) -> None:
    made, sound = play()
    assert (made.facts["seed"], made.facts["steps"], made.facts["guidance"]) == (7, 3, 7.0)
    assert made.outputs[0].facts["channels"] == sound.shape[1] == 2
    assert np.array_equal(sound, play()[1])
    changed = ({"seed": 8}, {"steps": 4}, {"guidance": 2.0}, {"negative_prompt": "drum"}, {"prompt": "happy rock"})
    others = [play(**values)[1] for values in changed]
    assert len({each.tobytes() for each in [sound, *others]}) == 6


@needs_stable_audio
def test_progress_by_step_and_a_cancel_in_the_middle(play: Play, pool: Children, models: Path, tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    wanted = threading.Event()

    def seen(stage: str, share: float) -> None:
        told.append((stage, share))
        if len(told) > 4:
            wanted.set()

    kept = StableAudioOpen(models, "cpu", threads=1).kept
    play()
    before = pool.run(inside.process, None, kept=kept)
    folder = tmp_path / "cancelled"
    folder.mkdir()
    with pytest.raises(Cancelled):
        play(steps=500, call=Call("c", folder, pool, cancelled=wanted.is_set, progress=seen))
    assert "of work" in told[0][0]
    assert told[-1][1] < 0.9
    assert list(folder.iterdir()) == []
    assert pool.run(inside.process, None, kept=kept) == before
    play()


@needs_stable_audio
def test_memory_and_weights_that_fail_are_told(
    play: Play, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(module, "compose", inside.run_out)
        with pytest.raises(Rejected, match="too small for Stable Audio Open") as refused:
            play()
        assert refused.value.code == "out_of_memory"
    play()
    copy = tmp_path / "models"
    shutil.copytree(models, copy)
    tensors = copy / "stable-audio-open" / "transformer" / "diffusion_pytorch_model.safetensors"
    tensors.write_bytes(tensors.read_bytes()[:2000])
    with pytest.raises(SetupError, match="damaged or of another version"):
        play(folder=copy)
    for agreement in copy.glob("*.licence.json"):
        agreement.unlink()
    with pytest.raises(SetupError, match="Nobody has agreed"):
        play(folder=copy)


def test_what_it_cannot_is_said() -> None:
    engine = StableAudioOpen(Path("nowhere"))
    assert engine.lengths("1.0") == (1.0, 47.0)
    with pytest.raises(UserError, match="no model 'huge'"):
        engine.lengths("huge")
    with pytest.raises(UserError, match="60 s cannot be asked") as refused:
        engine.make(MusicRequest(prompt="x", seconds=60), Call("c", Path("nowhere"), Children(1)))
    assert refused.value.hint == "From 1 to 47 s."
    assert ignored(engine.info, MusicRequest(top_k=5, steps=9, negative_prompt="drums")) == ("top_k",)
    assert engine.told(MusicRequest(prompt="x", seconds=9))["num_inference_steps"] == 100


def test_its_licence_allows_commercial_use_with_a_note() -> None:
    kept = record(StableAudioOpen.info.licence)
    assert kept["commercial"] is True
    assert "one million US dollars" in kept["note"]
