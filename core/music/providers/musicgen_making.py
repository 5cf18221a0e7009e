"""What the process that keeps the model is asked for: pieces by words, several at once where their length and knobs agree."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.kit.children import Progress
from core.kit.errors import Cancelled, Rejected
from core.models.devices import give_memory_back, is_memory
from core.music.providers import musicgen_chroma
from core.music.providers.musicgen_aloud import Aloud
from core.music.providers.musicgen_model import Loaded, loaded
from core.music.providers.musicgen_sampling import Knobs, sample, sow
from core.music.providers.musicgen_sizes import CONTEXT_S, WINDOW_S, size
from core.music.styles import adapter

_TOLD_EVERY_S = 0.25
_SEAM_S = 0.1


@dataclass(frozen=True)
class Piece:
    text: str
    seed: int
    out: Path
    melody: Path | None = None


@dataclass(frozen=True)
class MakeRequest:
    pieces: tuple[Piece, ...]
    seconds: float
    knobs: Knobs
    weights: Path
    model: str
    device: str
    threads: int
    stop: Path
    """Appears when nobody wants it any more."""
    eight_bit: bool = False
    style: Path | None = None
    """A trained adapter: see core.music.styles.lora."""
    window_s: float = WINDOW_S
    context_s: float = CONTEXT_S
    aloud: Path | None = None
    """The folder where its sound is handed over as it comes; of one piece alone."""


@dataclass(frozen=True)
class Composed:
    """Of one piece."""

    seconds: float
    channels: int
    sample_rate: int
    tokens: int
    seams: tuple[dict[str, float], ...]
    """Where a new window begins: `at_s`, and `step_db`, the level of the tenth of a second after against the one before."""


@dataclass(frozen=True)
class Batch:
    pieces: tuple[Composed, ...]
    device: str
    work_s: float
    """Without the loading, for all of them."""


def compose(request: MakeRequest, progress: Progress) -> Batch:
    """Runs in the child. StudioErrors only, but for defects."""
    device = request.device
    try:
        progress("Loading the model", 0.0)
        model = loaded(request.weights, request.device, request.threads, request.eight_bit)
        device = model.device
        worn = adapter.worn(model.decoder, request.style, device) if request.style else nullcontext()
        with worn:
            return _compose(model, request, progress)
    except (MemoryError, RuntimeError) as error:
        if not is_memory(error):
            raise
        give_memory_back()
        raise no_memory(device, request.model) from None


def _compose(model: Loaded, request: MakeRequest, progress: Progress) -> Batch:
    import soundfile
    import torch

    tunes = [musicgen_chroma.chroma_of(piece.melody) if piece.melody else None for piece in request.pieces]
    began = time.monotonic()
    samples = round(request.seconds * model.rate)
    aloud = Aloud(model, request.aloud, samples) if request.aloud and len(request.pieces) == 1 else None
    with torch.inference_mode():
        codes, starts = generate(model, request, tunes, progress, aloud)
        progress("Making sound of it", 0.97)
        sounds = model.sound(codes)
    done = []
    for piece, sound in zip(request.pieces, sounds, strict=True):
        soundfile.write(piece.out, sound[:, :samples].T, model.rate, subtype="PCM_16", format="WAV")
        seams = tuple(
            {"at_s": start / model.frames_a_second, "step_db": step_db(sound, start * sound.shape[1] // codes.shape[-1])}
            for start in starts
        )  # fmt: skip
        done.append(Composed(samples / model.rate, len(sound), model.rate, codes.shape[1] * codes.shape[2], seams))
    progress("Making sound of it", 1.0)
    return Batch(tuple(done), model.device, round(time.monotonic() - began, 3))


def generate(
    model: Loaded,
    request: MakeRequest,
    tunes: Sequence[NDArray[np.float32] | None],
    progress: Progress,
    aloud: Aloud | None = None,
) -> tuple[Any, tuple[int, ...]]:
    """Codes of (pieces, codebooks, frames), and the frames at which a new window begins."""
    import torch

    rate = model.frames_a_second
    total = math.ceil(request.seconds * rate - 1e-6)
    window, context = round(request.window_s * rate), round(request.context_s * rate)
    seeds, texts = [piece.seed for piece in request.pieces], [piece.text for piece in request.pieces]
    chances = sow(model, seeds)
    codes = torch.zeros((len(texts), model.codebooks, 0), dtype=torch.long, device=model.device)
    step = _Watch(request.stop, windows(total, window, context), model.codebooks // model.channels - 1, progress)
    starts = []
    plain = None
    for had, known, new in windows(total, window, context):
        if plain is None or any(tune is not None for tune in tunes):
            heard = [
                None if tune is None else musicgen_chroma.part(tune, (had - known) / rate, max(1, model.chroma_frames))
                for tune in tunes
            ]
            plain = model.condition(texts, request.knobs.guided, heard)
        told = None if aloud is None else partial(_told, aloud, codes)
        piece = sample(model, plain, codes[..., had - known :], new, request.knobs, chances, step, told)
        codes = torch.cat([codes, piece], dim=-1)
        if had:
            starts.append(had)
    if aloud is not None:
        aloud.next(codes, whole=True)
    return codes, tuple(starts)


def _told(aloud: Aloud, before: Any, fresh: Any) -> None:
    import torch

    aloud.next(torch.cat([before, fresh], dim=-1))


def windows(total: int, window: int, context: int) -> list[tuple[int, int, int]]:
    """(frames there are, of which are heard again, frames to make) until there are `total`."""
    plan = []
    had = 0
    while had < total:
        known = min(had, context)
        new = min(window - known, total - had)
        plan.append((had, known, new))
        had += new
    return plan


def step_db(sound: NDArray[np.float32], at: int) -> float:
    """Of (channels, frames): how much louder it is after this sample than before it."""
    reach = max(1, int(_SEAM_S * 32_000))
    before, after = (float(np.sqrt(np.mean(np.square(part)) + 1e-12)) for part in (sound[:, max(0, at - reach) : at], sound[:, at : at + reach]))  # fmt: skip
    return round(20 * math.log10(after / before), 2)


class _Watch:
    """Called before each step: says how far it is and how long it still takes, and ends it when nobody wants it."""

    def __init__(self, stop: Path, plan: list[tuple[int, int, int]], lag: int, progress: Progress) -> None:
        self._stop = stop
        self._progress = progress
        self._steps = sum(new + lag for _, _, new in plan)
        self._done = 0
        self._began = time.monotonic()
        self._told = 0.0

    def __call__(self) -> None:
        if self._stop.exists():
            raise Cancelled
        now = time.monotonic()
        if self._done == 0 or now - self._told > _TOLD_EVERY_S:
            self._told = now
            share = self._done / self._steps
            left = (now - self._began) * (1 - share) / share if self._done >= 10 else 0.0
            said = f"Composing, about {left:.0f} s more" if left > 2 else "Composing"
            self._progress(said, 0.02 + 0.95 * share)
        self._done += 1


def no_memory(device: str, model: str) -> Rejected:
    """Not retried: it would end the same way."""
    smaller = size(model).smaller
    offered = f"Choose the model {smaller}" if smaller else "Ask for fewer pieces at once"
    other = "set STUDIO_MODEL_DEVICE=cpu" if device != "cpu" else "set STUDIO_CPU_JOBS=1 and close other programs"
    error = Rejected(
        f"The memory of this machine ({device}) is too small for MusicGen's model {model} at this moment.",
        f"{offered}, {other}, or use the composer.",
    )
    error.code = "out_of_memory"
    return error


Target = Callable[[MakeRequest, Progress], Batch]
