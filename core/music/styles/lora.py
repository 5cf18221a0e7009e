"""A style for MusicGen, learned from a few tracks of one's own: low-rank adapters on the decoder's attention.

The tracks are cut into chunks and heard as the model hears them (tokens); the adapters learn to guess each next frame of
them by the tracks' own descriptions. One chunk in ten is held out: what is kept are the adapters of the epoch that guessed
those best, and training ends when they get worse. After each epoch all is written down, so that a crash loses nothing and
the next call goes on; the chance of an epoch depends on seed and epoch alone, so it ends as if it had never stopped.
"""

from __future__ import annotations

import math
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.kit.children import Progress
from core.kit.errors import Cancelled, StudioError, UserError
from core.models.devices import give_memory_back, is_memory, pick
from core.music.providers import musicgen_model
from core.music.providers.musicgen_making import no_memory
from core.music.providers.musicgen_model import Condition, Loaded
from core.music.styles import adapter
from core.music.styles.lora_checkpoint import Held, hold, take_up

FEWEST, MOST = 3, 50
_LEAST_CHUNKS = 4
_HELD_OUT = 0.1
_UNSAID = 0.1
"""Share of the chunks that are learned without their words, as the model itself was trained: guidance needs both."""
_NORM = 1.0


@dataclass(frozen=True)
class Track:
    path: Path
    text: str
    """Its own description: the words that will call the style."""


@dataclass(frozen=True)
class LoraRequest:
    tracks: tuple[Track, ...]
    weights: Path
    model: str
    out: Path
    """A folder: the adapter (adapter.NAME), and while it is trained what the next call needs to go on."""
    seed: int
    stop: Path
    """Appears when nobody wants it any more."""
    device: str = "auto"
    threads: int = 1
    epochs: int = 10
    rank: int = 8
    alpha: float = 16.0
    learning_rate: float = 1e-4
    chunk_s: float = 10.0
    patience: int = 3
    """Epochs without a better guess of what was held out, before it ends."""


@dataclass(frozen=True)
class Trained:
    file: Path
    """The adapter of the best epoch."""
    losses: tuple[float, ...]
    """Of each epoch, on what it learned from."""
    held_out: tuple[float, ...]
    """Of each epoch, on what it did not hear."""
    best_epoch: int
    """From 1; the one that is kept."""
    chunks: int
    device: str
    work_s: float
    """Of this call, without the loading."""
    heard_s: float
    """Seconds of sound this call learned from, each epoch's anew."""


@dataclass(frozen=True)
class Chunk:
    codes: Any
    """(1, codebooks, frames)"""
    condition: Condition
    silent: Condition
    """The same without words."""


def train_lora(request: LoraRequest, progress: Progress) -> Trained:
    """Runs in a child. StudioErrors only, but for defects."""
    device = request.device
    try:
        _check(request)
        progress("Loading the model", 0.0)
        device = pick(request.device)
        return _train(request, device, progress)
    except (MemoryError, RuntimeError) as error:
        if not is_memory(error):
            raise
        give_memory_back()
        raise no_memory(device, request.model) from None


def _check(request: LoraRequest) -> None:
    if not FEWEST <= len(request.tracks) <= MOST:
        raise UserError(f"{len(request.tracks)} tracks cannot make a style.", f"Give {FEWEST} to {MOST}.", "tracks")
    limits = {"epochs": (1, 200), "rank": (1, 64), "chunk_s": (1.0, 30.0), "learning_rate": (1e-6, 1e-1)}
    for name, (least, most) in limits.items():
        if not least <= getattr(request, name) <= most:
            raise UserError(f"{name} = {getattr(request, name):g} cannot be used.", f"From {least:g} to {most:g}.")
    for track in request.tracks:
        if not track.text.strip():
            raise UserError(f"{track.path.name} has no description.", "Say in a few words what it sounds like.")


def _train(request: LoraRequest, device: str, progress: Progress) -> Trained:
    import torch

    torch.set_num_threads(request.threads)
    musicgen_model.forget()
    model = musicgen_model.load(request.weights, device)
    model.model.float()  # half precision loses what is small
    began = time.monotonic()
    learned, kept_out = _split(_chunks(model, request, progress), request.seed)
    found = adapter.places(model.decoder)
    pairs = _fresh(found, request)
    parameters = [each for pair in pairs.values() for each in pair]
    optimiser = torch.optim.AdamW(parameters, lr=request.learning_rate, weight_decay=0.01)
    held = take_up(request.out, _mark(request), pairs, optimiser) or Held()
    before = len(held.losses)
    width = int(model.decoder.config.hidden_size)
    with adapter.put_on(found, pairs, request.alpha / request.rank):
        while len(held.losses) < request.epochs and not _worse(held, request.patience):
            epoch = len(held.losses)
            left = _left(began, epoch - before, request.epochs - epoch)
            loss = _epoch(model, learned, parameters, optimiser, request, epoch, progress, left)
            with torch.no_grad():
                guessed = float(np.mean([float(loss_of(model, chunk.codes, chunk.condition)) for chunk in kept_out]))
            held = held.after(loss, guessed)
            if held.best_epoch == len(held.losses):
                told = {"epochs": epoch + 1, "losses": held.losses, "held_out": held.held_out, "seed": request.seed}
                facts = adapter.Facts(request.model, request.rank, request.alpha, width, told)
                adapter.save(request.out / adapter.NAME, pairs, facts)
            hold(request.out, _mark(request), pairs, optimiser, held)
    progress("Learning the style", 1.0)
    return Trained(
        request.out / adapter.NAME, tuple(held.losses), tuple(held.held_out), held.best_epoch,
        len(learned) + len(kept_out), device, round(time.monotonic() - began, 3),
        request.chunk_s * len(learned) * (len(held.losses) - before),
    )  # fmt: skip


def _epoch(
    model: Loaded, chunks: list[Chunk], parameters: list[Any], optimiser: Any, request: LoraRequest, epoch: int,
    progress: Progress, left: str,
) -> float:  # fmt: skip
    import torch

    chance = random.Random(request.seed * 1_000_003 + epoch)
    order = chance.sample(range(len(chunks)), len(chunks))
    losses = []
    for done, number in enumerate(order):
        if request.stop.exists():
            raise Cancelled
        share = (epoch + done / len(order)) / request.epochs
        progress(f"Learning the style, epoch {epoch + 1} of {request.epochs}{left}", 0.1 + 0.9 * share)
        chunk = chunks[number]
        loss = loss_of(model, chunk.codes, chunk.silent if chance.random() < _UNSAID else chunk.condition)
        if not math.isfinite(float(loss.detach())):
            raise StudioError(
                "The training went astray: its loss is no number any more.", "Try a smaller learning rate.", "diverged"
            )
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, _NORM)
        optimiser.step()
        losses.append(float(loss.detach()))
    return float(np.mean(losses))


def loss_of(model: Loaded, codes: Any, condition: Condition) -> Any:
    """Mean cross-entropy of each next token, the codebooks lagging as when it plays."""
    import torch

    books, frames = codes.shape[1:]
    lags = torch.arange(books) // model.channels
    grid = torch.full((1, books, frames + int(lags[-1]) + 1), model.pad, dtype=torch.long, device=codes.device)
    for book in range(books):
        first = 1 + int(lags[book])
        grid[:, book, first : first + frames] = codes[:, book]
    given, wanted = grid[..., :-1], grid[..., 1:]
    out = model.decoder(
        input_ids=given.reshape(-1, given.shape[-1]), encoder_hidden_states=condition.hidden,
        encoder_attention_mask=condition.mask, use_cache=False,
    )  # fmt: skip
    guesses = out.logits[:, -wanted.shape[-1] :].float()
    wanted = wanted.reshape(books, -1)
    return torch.nn.functional.cross_entropy(guesses.transpose(1, 2), wanted, ignore_index=model.pad)


def _chunks(model: Loaded, request: LoraRequest, progress: Progress) -> list[Chunk]:
    import torch

    from core.audio.effects import resample
    from core.audio.files import decode

    found = []
    size = round(request.chunk_s * model.rate)
    with torch.no_grad():
        for number, track in enumerate(request.tracks):
            if request.stop.exists():
                raise Cancelled
            progress("Listening to the tracks", 0.1 * number / len(request.tracks))
            audio = decode(track.path, mono=model.channels == 1)
            samples = np.asarray(resample(audio.samples, audio.sample_rate, model.rate), dtype=np.float32)
            said, silent = (model.condition([text], False, [None]) for text in (track.text, ""))
            unsaid = Condition(torch.zeros_like(silent.hidden) if not model.melody else silent.hidden, silent.mask)
            for start in range(0, samples.shape[1] - size // 2, size):
                part = samples[:, start : start + size]
                if float(np.abs(part).max(initial=0.0)) > 1e-3:  # silence teaches nothing
                    found.append(Chunk(model.tokens(part), said, unsaid))
    if len(found) < _LEAST_CHUNKS:
        raise UserError(
            f"The tracks hold {len(found)} chunks of {request.chunk_s:g} s with sound, too few to learn from.",
            f"Give more or longer tracks: {_LEAST_CHUNKS} chunks at least.", "tracks",
        )  # fmt: skip
    return found


def _split(chunks: list[Chunk], seed: int) -> tuple[list[Chunk], list[Chunk]]:
    """What is learned from, and what is held out."""
    out = set(random.Random(seed).sample(range(len(chunks)), max(1, round(len(chunks) * _HELD_OUT))))
    return [c for n, c in enumerate(chunks) if n not in out], [c for n, c in enumerate(chunks) if n in out]


def _fresh(found: dict[str, Any], request: LoraRequest) -> dict[str, tuple[Any, Any]]:
    """The second of each pair is zero: before it learned anything, nothing is added."""
    import torch

    chance = torch.Generator("cpu").manual_seed(request.seed)
    pairs = {}
    for name, module in found.items():
        down = torch.randn((request.rank, module.in_features), generator=chance) / math.sqrt(module.in_features)
        up = torch.zeros((module.out_features, request.rank))
        pairs[name] = tuple(each.to(module.weight.device).requires_grad_(True) for each in (down, up))
    return pairs


def _worse(held: Held, patience: int) -> bool:
    return len(held.losses) - held.best_epoch >= patience if held.losses else False


def _mark(request: LoraRequest) -> str:
    """Tells a training from another: only its own is gone on with."""
    tracks = "|".join(f"{track.path.name}:{track.path.stat().st_size}:{track.text}" for track in request.tracks)
    return f"{request.model} {request.seed} {request.rank} {request.alpha} {request.learning_rate} {request.chunk_s} {tracks}"


def _left(began: float, done: int, left: int) -> str:
    """`done`: epochs of this call."""
    seconds = (time.monotonic() - began) / done * left if done else 0.0
    return f", about {seconds:.0f} s more" if seconds > 5 else ""
