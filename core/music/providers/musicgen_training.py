"""Teaching MusicGen a style, on one's own machine and in the process that keeps its model: one model's memory is enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.kit.errors import SetupError
from core.models.catalogue import find
from core.music.providers import neural_pace
from core.music.providers.musicgen import LICENCE, NAME, OPTIONAL_SET, MusicGen
from core.music.providers.musicgen_making import no_memory
from core.music.providers.musicgen_sizes import SIZES, Size, expected_pace, size
from core.music.providers.neural_process import ask
from core.music.styles.lora import LoraRequest, Track, Trained, train_lora
from core.providers.base import Call, Made, Output, ProviderInfo, Units

KIND = "style"
ADAPTER = "adapter"
"""Role of the one output."""
EPOCHS = 10
CHUNK_S = 10.0
_TRAINING = 0.35
"""Of the work that playing takes for a second of sound, what learning from one takes, where neither was measured here: it
hears all frames at once, and then goes back through them."""
_LEAST_PATIENCE_S, _PATIENCE = 3600.0, 20.0


@dataclass(frozen=True)
class StyleLesson:
    tracks: tuple[Track, ...]
    sound_s: float
    """Of all tracks together."""
    model: str
    epochs: int
    seed: int
    folder: Path
    """Outlives a crash: what was learned up to the last epoch lies there, and is gone on with."""


class MusicGenTraining:
    info = ProviderInfo(
        name=NAME, title="MusicGen", kind=KIND, resource="cpu",
        models=tuple(each.name for each in SIZES), optional_set=OPTIONAL_SET, licence=LICENCE, idempotent=True,
    )  # fmt: skip

    def __init__(self, engine: MusicGen) -> None:
        self._engine = engine

    def lacks(self) -> SetupError | None:
        return self._engine.lacks()

    def about(self) -> str:
        return "learns styles on this machine"

    def maximum(self, request: StyleLesson) -> Units:
        return {}

    def ready(self, model: str) -> Size:
        """The model, "" for the usual one, if it could be trained now. UserError or SetupError that says what is missing."""
        of = size(model or self._engine.default_model)
        self._engine.ready_for(of)
        return of

    def estimate_s(self, lesson_s: float, epochs: int, of: Size, cache: Path | None) -> tuple[float, bool]:
        """Seconds of work for so much sound, and whether that was measured on this machine. Training ends sooner where
        nothing gets better."""
        measured = neural_pace.known(cache, self._pace_name(of))
        pace = measured or expected_pace(of, self._engine.device) * _TRAINING
        return pace * lesson_s * epochs, measured is not None

    def make(self, request: StyleLesson, call: Call) -> Made:
        of = size(request.model)
        weights = self._engine.ready_for(of)
        asked = LoraRequest(
            request.tracks, weights, of.name, request.folder, request.seed, call.folder / "stop", self._engine.device,
            self._engine.threads, epochs=request.epochs, chunk_s=CHUNK_S,
        )  # fmt: skip
        work_s, measured = self.estimate_s(request.sound_s, request.epochs, of, call.cache)
        call.progress(told(work_s, measured), 0.0)
        trained: Trained = ask(
            train_lora, asked, call, self._engine.kept, stop=asked.stop, outs=(),
            work_s=max(_LEAST_PATIENCE_S, work_s * _PATIENCE), no_memory=lambda: no_memory(self._engine.device, of.name),
        )  # fmt: skip
        neural_pace.remember(call.cache, self._pace_name(of), trained.heard_s, trained.work_s)
        licence = find(of.weights)
        facts = {
            "model": of.name, "weights": of.weights, "licence": licence.licence, "licence_url": licence.licence_url,
            "epochs": len(trained.losses), "best_epoch": trained.best_epoch, "losses": list(trained.losses),
            "held_out": list(trained.held_out), "chunks": trained.chunks, "rank": asked.rank, "seed": request.seed,
            "device": trained.device, "work_s": trained.work_s,
        }  # fmt: skip
        return Made((Output(ADAPTER, trained.file, KIND),), facts=facts)

    def _pace_name(self, of: Size) -> str:
        return f"{NAME}-training-{of.name}-{self._engine.device}"


def heard_s(seconds: Sequence[float]) -> float:
    """Of tracks of these lengths, how much is learned from each epoch: whole chunks, the last one filled or left out."""
    return sum(max(0, round(each / CHUNK_S)) for each in seconds) * CHUNK_S


def told(work_s: float, measured: bool) -> str:
    """For a person who waits."""
    long = f"about {work_s:.0f} s" if work_s < 90 else f"about {work_s / 60:.0f} min"
    if work_s >= 5400:
        long = f"about {work_s / 3600:.1f} h"
    return f"Starting; {long} of work at most" + ("" if measured else ", by a rough table")
