"""VITS models of the same library, in the same process: small, quick, each with voices of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.kit.errors import Rejected, SetupError
from core.models.devices import is_memory, pick
from core.models.torchaudio_guard import let_torchaudio_in
from core.voice.providers.coqui_trouble import unusable
from core.voice.providers.xtts_speaking import Spoken, utter, with_model
from core.voice.sentences import sentence_spans

CHECKPOINTS = ("model_file.pth", "model_file.pth.tar")


@dataclass(frozen=True)
class VitsRequest:
    text: str
    model: str
    speaker: str
    """ "" for a model of one voice"""
    language: str
    speed: float
    seed: int | None
    weights: Path
    device: str
    threads: int
    out: Path


@dataclass
class Vits:
    model: Any
    device: str

    @property
    def rate(self) -> int:
        return int(self.model.config.audio.sample_rate)

    def say(self, text: str, speaker: str, speed: float) -> NDArray[np.float32]:
        self.model.length_scale = 1.0 / speed
        spoken = self.model.synthesize(text, speaker=speaker or None)
        samples = np.atleast_1d(np.asarray(spoken["wav"], dtype=np.float32))
        if not np.isfinite(samples).all():
            raise Rejected("The model gave no sound for this text.", "Check its weights: studio models list --check")
        return np.clip(samples, -1.0, 1.0)


_loaded: dict[tuple[str, str, int], Vits] = {}


def speak(request: VitsRequest, progress: Callable[[str, float], None]) -> Spoken:
    """Runs in the child. StudioErrors only, but for defects."""

    def spoken(model: Vits) -> Spoken:
        def say(text: str) -> NDArray[np.float32]:
            return model.say(text.strip(), request.speaker, request.speed)

        return utter(_sentences(request), say, request, model.rate, model.device, progress)

    def load(folder: Path, device: str, threads: int) -> Vits:
        return loaded(folder, device, threads, request.model)

    found: Spoken = with_model(request, load, spoken, progress)
    return found


def _sentences(request: VitsRequest) -> Iterator[str]:
    for span in sentence_spans(request.text, request.language):
        yield request.text[span.start : span.end]


def loaded(folder: Path, device: str, threads: int, name: str) -> Vits:
    """The last one asked for stays."""
    import torch

    torch.set_num_threads(threads)
    chosen = pick(device)
    path = next((folder / each for each in CHECKPOINTS if (folder / each).is_file()), folder / CHECKPOINTS[0])
    key = (str(folder), chosen, path.stat().st_mtime_ns if path.is_file() else 0)
    if key not in _loaded:
        _loaded.clear()
        _loaded[key] = _load(folder, path, chosen, name)
    return _loaded[key]


def _load(folder: Path, path: Path, device: str, name: str) -> Vits:
    let_torchaudio_in()
    part = folder / "config.json"
    try:
        from TTS.tts.configs.vits_config import VitsConfig
        from TTS.tts.models.vits import Vits as Model

        config = VitsConfig()
        config.load_json(str(part))
        if config.model != "vits":
            raise ValueError(f"it is of a {config.model}")
        _here(config, folder)
        model = Model(config)
        part = path
        model.load_checkpoint(config, str(part), eval=True)
    except (SetupError, MemoryError):
        raise
    except FileNotFoundError as error:
        if "espeak" in str(error):
            raise SetupError(
                "This VITS model reads its texts with the program eSpeak, which is not installed.",
                "Install it, for instance: apt install espeak-ng. Or choose another voice.", "no_reader",
            ) from None  # fmt: skip
        raise unusable(part, error, name) from None
    except Exception as error:
        if is_memory(error):
            raise
        raise unusable(part, error, name) from None
    return Vits(model.to(device), device)


def _here(config: Any, folder: Path) -> None:
    """A published configuration names files of the machine it was trained on: here they lie beside it."""
    for holder in (config, config.model_args):
        for name in ("speakers_file", "language_ids_file", "d_vector_file"):
            value = getattr(holder, name, None)
            if isinstance(value, str) and value:
                setattr(holder, name, str(folder / Path(value).name))
