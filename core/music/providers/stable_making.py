"""What the process that keeps Stable Audio Open is asked for: one piece, step by step of its diffusion."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.kit.children import Progress
from core.kit.errors import Cancelled, Rejected, SetupError
from core.models.devices import give_memory_back, is_memory, pick
from core.models.torchaudio_guard import let_torchaudio_in


@dataclass(frozen=True)
class MakeRequest:
    prompt: str
    negative: str
    seconds: float
    steps: int
    guidance: float
    seed: int
    weights: Path
    device: str
    threads: int
    out: Path
    stop: Path
    """Appears when nobody wants it any more."""


@dataclass(frozen=True)
class Composed:
    seconds: float
    sample_rate: int
    channels: int
    device: str
    work_s: float
    """Without the loading."""


_loaded: dict[tuple[str, str, int], Any] = {}


def compose(request: MakeRequest, progress: Progress) -> Composed:
    """Runs in the child. StudioErrors only, but for defects."""
    device = request.device
    try:
        progress("Loading the model", 0.0)
        let_torchaudio_in()
        device = pick(request.device)
        return _compose(loaded(request.weights, device, request.threads), device, request, progress)
    except (MemoryError, RuntimeError) as error:
        if not is_memory(error):
            raise
        give_memory_back()
        raise no_memory(device) from None


def _compose(pipeline: Any, device: str, request: MakeRequest, progress: Progress) -> Composed:
    import soundfile
    import torch

    began = time.monotonic()

    def step(number: int, *_: object) -> None:
        if request.stop.exists():
            raise Cancelled
        share = (number + 1) / request.steps
        left = (time.monotonic() - began) * (1 - share) / share
        progress(f"Composing, about {left:.0f} s more" if left > 2 else "Composing", 0.02 + 0.93 * min(1.0, share))

    if request.stop.exists():
        raise Cancelled
    chance = torch.Generator("cpu").manual_seed(request.seed)
    with torch.inference_mode():
        found = pipeline(
            request.prompt, negative_prompt=request.negative or None, audio_end_in_s=request.seconds,
            num_inference_steps=request.steps, guidance_scale=request.guidance, generator=chance, callback=step,
            callback_steps=1,
        ).audios[0]  # fmt: skip
    rate = int(pipeline.vae.config.sampling_rate)
    sound = np.asarray(found.float().cpu().numpy(), dtype=np.float32)[:, : round(request.seconds * rate)]
    if not np.isfinite(sound).all() or not sound.size:
        raise Rejected("The model gave no sound for this.", "Check its weights: studio models list --check")
    soundfile.write(request.out, np.clip(sound, -1.0, 1.0).T, rate, subtype="PCM_16", format="WAV")
    progress("Composing", 1.0)
    return Composed(sound.shape[1] / rate, rate, len(sound), device, round(time.monotonic() - began, 3))


def loaded(folder: Path, device: str, threads: int) -> Any:
    """The one pipeline of this process. SetupError for weights that will not do."""
    import torch

    torch.set_num_threads(threads)
    index = folder / "model_index.json"
    key = (str(folder), device, index.stat().st_mtime_ns if index.is_file() else 0)
    if key not in _loaded:
        _loaded.clear()
        _loaded[key] = _load(folder, device)
    return _loaded[key]


def _load(folder: Path, device: str) -> Any:
    import torch

    try:
        from diffusers import StableAudioPipeline

        dtype = torch.float16 if device == "cuda" else torch.float32
        pipeline = StableAudioPipeline.from_pretrained(folder, torch_dtype=dtype, local_files_only=True)
        pipeline.set_progress_bar_config(disable=True)
        return pipeline.to(device)
    except (SetupError, MemoryError):
        raise
    except Exception as error:
        if is_memory(error):
            raise
        said = " ".join(str(error).split())[:160] or type(error).__name__
        raise SetupError(
            f"The weights in {folder} are damaged or of another version ({said.rstrip('.')}).",
            f"Run: studio models remove {folder.name}, then: studio models pull {folder.name}", "weights_unusable",
        ) from None  # fmt: skip


def no_memory(device: str) -> Rejected:
    """Not retried: it would end the same way, however short the piece."""
    other = "set STUDIO_MODEL_DEVICE=cpu" if device != "cpu" else "set STUDIO_CPU_JOBS=1 and close other programs"
    error = Rejected(
        f"The memory of this machine ({device}) is too small for Stable Audio Open at this moment.",
        f"Use MusicGen's model small, {other}, or use the composer.",
    )
    error.code = "out_of_memory"
    return error
