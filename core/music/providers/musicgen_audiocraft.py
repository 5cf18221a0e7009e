"""MusicGen by Meta's own library, audiocraft, for whoever has it: STUDIO_MUSICGEN_BACKEND=audiocraft. The same request and
answer as musicgen_making, by the library's public functions alone. It reads the weights in its own form, which lie in the
same repositories: state_dict.bin and compression_state_dict.bin.
"""

from __future__ import annotations

import math
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.kit.children import Progress
from core.kit.errors import Cancelled, SetupError
from core.models.devices import give_memory_back, is_memory, pick
from core.music.providers.musicgen_making import Batch, Composed, MakeRequest, no_memory, step_db

_FILES = ("state_dict.bin", "compression_state_dict.bin")


def lacks() -> SetupError | None:
    if find_spec("audiocraft") is not None and find_spec("torch") is not None:
        return None
    return SetupError(
        "audiocraft is not installed, and STUDIO_MUSICGEN_BACKEND asks for it.",
        "Set STUDIO_MUSICGEN_BACKEND=transformers, which needs requirements-musicgen.txt alone, or install audiocraft "
        "into this environment by its own instructions.", "not_installed",
    )  # fmt: skip


_loaded: dict[tuple[str, str], Any] = {}


def compose(request: MakeRequest, progress: Progress) -> Batch:
    """Runs in the child. audiocraft draws all pieces of a batch from one source of chance, so they are made one by one:
    a seed makes the same piece whoever is beside it."""
    import soundfile
    import torch

    device = request.device
    try:
        progress("Loading the model", 0.0)
        device = pick(request.device)
        model = _model(request, device)
        began = time.monotonic()
        done = []
        for number, piece in enumerate(request.pieces):
            _set(model, request, progress, number)
            torch.manual_seed(piece.seed)
            with torch.inference_mode():
                if piece.melody is None:
                    made = model.generate([piece.text])
                else:
                    heard, rate = _heard(piece.melody)
                    made = model.generate_with_chroma([piece.text], torch.from_numpy(heard)[None], rate)
            sound = np.asarray(made[0].float().cpu().numpy(), dtype=np.float32)
            sound = np.clip(sound[:, : round(request.seconds * model.sample_rate)], -1.0, 1.0)
            soundfile.write(piece.out, sound.T, model.sample_rate, subtype="PCM_16", format="WAV")
            done.append(_composed(sound, model, request))
    except (MemoryError, RuntimeError) as error:
        if not is_memory(error):
            raise
        give_memory_back()
        raise no_memory(device, request.model) from None
    progress("Making sound of it", 1.0)
    return Batch(tuple(done), device, round(time.monotonic() - began, 3))


def _model(request: MakeRequest, device: str) -> Any:
    from audiocraft.models import MusicGen

    key = (str(request.weights), device)
    if key not in _loaded:
        missing = [name for name in _FILES if not (request.weights / name).is_file()]
        if missing:
            raise SetupError(
                f"audiocraft reads {', '.join(missing)}, and {request.weights} has none.",
                "Put them there from the model's page on the hub, or set STUDIO_MUSICGEN_BACKEND=transformers.", "no_weights",
            )  # fmt: skip
        _loaded.clear()
        _loaded[key] = MusicGen.get_pretrained(str(request.weights), device=device)
    return _loaded[key]


def _set(model: Any, request: MakeRequest, progress: Progress, number: int) -> None:
    knobs = request.knobs
    model.set_generation_params(
        use_sampling=True, top_k=knobs.top_k, top_p=knobs.top_p, temperature=knobs.temperature, duration=request.seconds,
        cfg_coef=knobs.guidance, extend_stride=request.window_s - request.context_s,
    )  # fmt: skip
    began = time.monotonic()

    def step(done: int, steps: int) -> None:
        if request.stop.exists():
            raise Cancelled
        share = (number + done / max(1, steps)) / len(request.pieces)
        left = (time.monotonic() - began) * (steps - done) / done if done >= 10 else 0.0
        progress(f"Composing, about {left:.0f} s more" if left > 2 else "Composing", min(0.97, 0.02 + 0.95 * share))

    model.set_custom_progress_callback(step)


def _heard(path: Path) -> tuple[NDArray[np.float32], int]:
    from core.audio.files import decode

    audio = decode(path, mono=True)
    return np.ascontiguousarray(audio.samples[:, : int(600 * audio.sample_rate)], dtype=np.float32), audio.sample_rate


def _composed(sound: NDArray[np.float32], model: Any, request: MakeRequest) -> Composed:
    rate = int(model.sample_rate)
    stride = request.window_s - request.context_s
    more = max(0, math.ceil((request.seconds - request.window_s) / stride - 1e-9))
    starts = [request.window_s + n * stride for n in range(more)]
    seams = tuple({"at_s": start, "step_db": step_db(sound, round(start * rate))} for start in starts)
    frames = math.ceil(request.seconds * int(model.frame_rate))
    return Composed(sound.shape[1] / rate, len(sound), rate, frames * int(model.lm.num_codebooks), seams)
