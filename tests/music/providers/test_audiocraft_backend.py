"""The audiocraft backend against a small module with the same public API, for the real library does not run beside the
studio's other libraries. The module stands in for `audiocraft.models`; its sound is noise."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import soundfile

from core.kit.errors import Cancelled, Rejected, SetupError
from core.music.providers import musicgen_audiocraft
from core.music.providers.musicgen_making import MakeRequest, Piece
from core.music.providers.musicgen_sampling import Knobs
from tests.music.providers.musicgen_checkpoint import needs_musicgen

pytestmark = needs_musicgen


class StandIn:
    """MusicGen of audiocraft, as its documentation shows it."""

    sample_rate = 32_000
    frame_rate = 50
    lm = types.SimpleNamespace(num_codebooks=4)
    made: ClassVar[list[StandIn]] = []

    def __init__(self, name: str, device: str | None) -> None:
        self.name, self.device = name, device
        self.given: dict[str, Any] = {}
        self.tune: tuple[int, ...] = ()
        self.step: Callable[[int, int], None] | None = None

    @staticmethod
    def get_pretrained(name: str, device: str | None = None) -> StandIn:
        StandIn.made.append(StandIn(name, device))
        return StandIn.made[-1]

    def set_generation_params(
        self, use_sampling: bool = True, top_k: int = 250, top_p: float = 0.0, temperature: float = 1.0,
        duration: float = 30.0, cfg_coef: float = 3.0, two_step_cfg: bool = False, extend_stride: float = 18,
    ) -> None:  # fmt: skip
        self.given = {k: v for k, v in locals().items() if k != "self"}

    def set_custom_progress_callback(self, progress_callback: Callable[[int, int], None] | None = None) -> None:
        self.step = progress_callback

    def generate(self, descriptions: list[str], progress: bool = False, return_tokens: bool = False) -> Any:
        import torch

        frames = round(self.given["duration"] * self.frame_rate)
        for done in range(1, frames + 1):
            if self.step is not None:
                self.step(done, frames)
        if "memory" in descriptions[0]:
            raise RuntimeError("CUDA out of memory.")
        return 0.1 * torch.randn(len(descriptions), 1, frames * 640)

    def generate_with_chroma(
        self, descriptions: list[str], melody_wavs: Any, melody_sample_rate: int, progress: bool = False,
        return_tokens: bool = False,
    ) -> Any:  # fmt: skip
        self.tune = tuple(melody_wavs.shape)
        return self.generate(descriptions)


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    package, models = types.ModuleType("audiocraft"), types.ModuleType("audiocraft.models")
    package.__spec__ = ModuleSpec("audiocraft", None)
    models.MusicGen = StandIn  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "audiocraft", package)
    monkeypatch.setitem(sys.modules, "audiocraft.models", models)
    monkeypatch.setattr(musicgen_audiocraft, "_loaded", {})
    StandIn.made.clear()
    for name in ("state_dict.bin", "compression_state_dict.bin"):
        (tmp_path / name).touch()
    return tmp_path


def asked(folder: Path, *texts: str, melody: Path | None = None, seconds: float = 3.0) -> MakeRequest:
    pieces = tuple(Piece(text, 7, folder / f"{n}.wav", melody) for n, text in enumerate(texts))
    return MakeRequest(
        pieces,
        seconds,
        Knobs(0.9, 100, 0.5, 4.0),
        folder,
        "small",
        "cpu",
        1,
        folder / "stop",
        window_s=2.0,
        context_s=0.8,
    )


def quiet(stage: str, share: float) -> None:
    pass


def test_the_same_request_and_the_same_answer(weights: Path) -> None:
    told: list[float] = []
    batch = musicgen_audiocraft.compose(asked(weights, "calm", "happy"), lambda stage, share: told.append(share))
    assert len(StandIn.made) == 1
    assert StandIn.made[0].name == str(weights)
    assert StandIn.made[0].given == {
        "use_sampling": True, "top_k": 100, "top_p": 0.5, "temperature": 0.9, "duration": 3.0, "cfg_coef": 4.0,
        "two_step_cfg": False, "extend_stride": pytest.approx(1.2),
    }  # fmt: skip
    assert told == sorted(told)
    first, second = (soundfile.read(weights / f"{n}.wav")[0] for n in range(2))
    assert np.array_equal(first, second)  # one seed, whoever is beside it
    assert len(first) == 96_000
    assert [seam["at_s"] for seam in batch.pieces[0].seams] == [2.0]
    assert (batch.pieces[0].tokens, batch.pieces[0].channels, batch.device) == (600, 1, "cpu")


def test_a_melody_goes_to_the_call_that_listens(weights: Path) -> None:
    tune = weights / "tune.wav"
    soundfile.write(tune, np.zeros((16_000, 2)), 16_000)
    musicgen_audiocraft.compose(asked(weights, "calm", melody=tune), quiet)
    assert StandIn.made[0].tune == (1, 1, 16_000)


def test_a_cancel_memory_and_missing_files_are_told(weights: Path) -> None:
    request = asked(weights, "calm")
    request.stop.touch()
    with pytest.raises(Cancelled):
        musicgen_audiocraft.compose(request, quiet)
    request.stop.unlink()
    with pytest.raises(Rejected, match="too small for MusicGen's model small"):
        musicgen_audiocraft.compose(asked(weights, "memory"), quiet)
    (weights / "state_dict.bin").unlink()
    musicgen_audiocraft._loaded.clear()
    with pytest.raises(SetupError, match=r"audiocraft reads state_dict\.bin"):
        musicgen_audiocraft.compose(asked(weights, "calm"), quiet)
