"""Music from Meta's MusicGen on one's own machine. Free, and by the licence of its weights not for commercial use.

The model lives in a child process of its own, warm over jobs, given up when nobody asks for a while. A cancel stops it in
the middle and leaves it loaded.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from core.kit.children import Kept
from core.kit.errors import Rejected, SetupError, UserError
from core.models.catalogue import Weights, find
from core.models.shelf import Shelf
from core.music.engine import STREAM
from core.music.providers import musicgen_audiocraft, neural_pace
from core.music.providers.musicgen_making import Batch, Composed, MakeRequest, Piece, Target, compose, no_memory
from core.music.providers.musicgen_request import (
    file_of,
    has_tune,
    knobs_of,
    learned_by,
    style_fact,
    style_of,
    words_of,
)
from core.music.providers.musicgen_sizes import DEFAULT, SIZES, Size, expected_pace, size
from core.music.providers.neural_process import ask, uninstalled
from core.music.types import BESIDE, TRY, MusicRequest
from core.providers.base import Call, Made, Output, ProviderInfo, Units

NAME = "musicgen"
OPTIONAL_SET = "requirements-musicgen.txt"
LICENCE = "musicgen-output"
Backend = Literal["transformers", "audiocraft"]
AT_ONCE = 8
"""Pieces in one go; more would only wait for memory."""
_SHORTEST_S, _LONGEST_S = 1.0, 600.0
_WORTH = 0.75
"""Of the work that pieces are one by one, what they may be in one go to be made so."""
_PATIENCE = 20.0
"""Times the expected work, before it counts as stuck."""


class MusicGen:
    info = ProviderInfo(
        name=NAME,
        title="MusicGen",
        kind="music",
        resource="cpu",
        capabilities=frozenset(
            {
                "prompt", "mood", "genre", "bpm", "key", "duration", "intensity", "instruments", "seed", "temperature",
                "top_k", "top_p", "guidance", "melody", "style", STREAM,
            }
        ),
        optional_set=OPTIONAL_SET,
        licence=LICENCE,
        models=tuple(each.name for each in SIZES),
        idempotent=True,
    )  # fmt: skip

    def __init__(
        self, models: Path, device: str = "auto", threads: int = 0, idle_minutes: float = 10.0,
        backend: Backend = "transformers", eight_bit: bool = False,
    ) -> None:  # fmt: skip
        self._shelf = Shelf(models)
        self._device = device
        self._threads = threads or os.cpu_count() or 1
        self._backend = backend
        if backend == "audiocraft":  # it hands over nothing before it is done
            self.info = replace(self.info, capabilities=self.info.capabilities - {STREAM})
        self._eight_bit = eight_bit
        self.kept = Kept(NAME, idle_minutes * 60, self._threads)
        """The child that has the model."""

    @property
    def default_model(self) -> str:
        """The usual one, or else the first whose weights are here."""
        there = self._there()
        return DEFAULT if DEFAULT in there or not there else there[0]

    def lacks(self) -> SetupError | None:
        """Nothing, as soon as one of its models is there."""
        return self._uninstalled() or self._lacking(size(self.default_model))

    def about(self) -> str:
        """For `studio doctor`."""
        return f"by {self._backend}: {', '.join(self._there()) or 'no model'}; no commercial use"

    def lengths(self, model: str) -> tuple[float, float]:
        size(model)
        return _SHORTEST_S, _LONGEST_S

    def maximum(self, request: MusicRequest) -> Units:
        return {}

    def told(self, request: MusicRequest) -> Mapping[str, Any]:
        of = self._size(request)
        worn = style_of(request, of)
        knobs = knobs_of(request)
        return {
            "text": words_of(request), "model": of.name, "duration": request.seconds, "temperature": knobs.temperature,
            "top_k": knobs.top_k, "top_p": knobs.top_p, "guidance_scale": knobs.guidance, "seed": request.seed,
            "melody": request.melody, "style": request.style, **({"adapter": of.name} if worn else {}),
        }  # fmt: skip

    def estimate_s(self, request: MusicRequest, cache: Path | None) -> tuple[float, bool]:
        """Seconds of work, and whether that was measured on this machine."""
        of = self._size(request)
        measured = neural_pace.known(cache, self._pace_name(of))
        return (measured or expected_pace(of, self._device)) * request.seconds, measured is not None

    def make(self, request: MusicRequest, call: Call) -> Made:
        """With the further tries that may be wanted (material.seeds), where making them in one go is known to be quicker
        on this machine, or not yet known to be slower."""
        seeds = request.material.seeds[: AT_ONCE - 1]
        alone = replace(request.material, seeds=())
        request = request.model_copy(update={"material": alone})
        if not seeds or not self.gains(request, 1 + len(seeds), call.cache):
            return self.make_many([request], call)[0]
        try:
            made = self.make_many([request, *(request.model_copy(update={"seed": seed}) for seed in seeds)], call)
        except Rejected as error:
            if error.code != "out_of_memory":
                raise
            return self.make_many([request], call)[0]
        further = (replace(each.outputs[0], role=f"{TRY}{n}") for n, each in enumerate(made[1:], 1))
        facts = dict(made[0].facts) | {BESIDE: [dict(each.facts) for each in made[1:]]}
        return replace(made[0], outputs=(*made[0].outputs, *further), facts=facts)

    def gains(self, request: MusicRequest, pieces: int, cache: Path | None) -> bool:
        """Whether so many in one go are clearly less work than one by one; of those that were made some may not be
        wanted. A graphics card always gains: it waits for its memory, not for sums. Elsewhere it is what was measured
        here, and tried where nothing was."""
        if self._device == "cuda":
            return True
        pace = self._pace_name(self._size(request))
        one, many = neural_pace.known(cache, pace), neural_pace.known(cache, _together(pace, pieces))
        return one is None or many is None or many <= _WORTH * pieces * one

    def make_many(self, requests: Sequence[MusicRequest], call: Call) -> tuple[Made, ...]:
        """Pieces that differ in words and seed alone, in one go: the model is read once for all of them. UserError where
        they differ in more."""
        first = requests[0]
        of = self._size(first)
        for request in requests:
            self._check(request, of)
            if (self._size(request), knobs_of(request), request.seconds) != (of, knobs_of(first), first.seconds):
                raise UserError(
                    "Pieces made in one go differ in their words and seeds alone.", "Make the others by themselves."
                )
            if request.material.style != first.material.style:
                raise UserError("Pieces made in one go have one style.", "Make the others by themselves.")
        if len(requests) > AT_ONCE:
            raise UserError(f"{len(requests)} pieces are too many for one go.", f"At most {AT_ONCE}.")
        lacking = self._uninstalled() or self._lacking(of)
        if lacking is not None:
            raise lacking
        pieces = tuple(
            Piece(
                words_of(request), secrets.randbelow(2**31) if request.seed is None else request.seed,
                call.folder / f"music{f'-{n}' * bool(n)}.wav", request.material.melody,
            )
            for n, request in enumerate(requests)
        )  # fmt: skip
        asked = MakeRequest(
            pieces, first.seconds, knobs_of(first), self._shelf.place(self._definition(of)), of.name, self._device,
            self._threads, call.folder / "stop", self._eight_bit, file_of(style_of(first, of)),
            aloud=call.folder if first.material.aloud else None,
        )  # fmt: skip
        target: Target = compose if self._backend == "transformers" else musicgen_audiocraft.compose
        work_s, measured = self.estimate_s(first, call.cache)
        pace = self._pace_name(of)
        call.progress(neural_pace.told(work_s / first.seconds, first.seconds, measured=measured), 0.0)
        batch: Batch = ask(
            target, asked, call, self.kept, stop=asked.stop, outs=[piece.out for piece in pieces],
            work_s=max(600.0, work_s * _PATIENCE * len(pieces)), no_memory=lambda: no_memory(self._device, of.name),
        )  # fmt: skip
        known_as = pace if len(pieces) == 1 else _together(pace, len(pieces))  # several together are quicker each
        neural_pace.remember(call.cache, known_as, first.seconds, batch.work_s)
        return tuple(
            self._made(request, piece, composed, of, batch)
            for request, piece, composed in zip(requests, pieces, batch.pieces, strict=True)
        )

    def _made(self, request: MusicRequest, piece: Piece, composed: Composed, of: Size, batch: Batch) -> Made:
        sound = {
            "duration_s": round(composed.seconds, 4), "sample_rate": composed.sample_rate, "channels": composed.channels,
            "seed": piece.seed,
        }  # fmt: skip
        facts = {
            "model": of.name, "text": piece.text, "seed": piece.seed, "device": batch.device, "tokens": composed.tokens,
            "seams": [dict(seam) for seam in composed.seams], "backend": self._backend, "eight_bit": self._eight_bit,
            "work_s": batch.work_s, "made_together": len(batch.pieces), "told": dict(self.told(request)),
            **style_fact(request, of),
        }  # fmt: skip
        return Made((Output("primary", piece.out, "music", sound),), facts=facts)

    def _size(self, request: MusicRequest) -> Size:
        if request.model:
            return size(request.model)
        usual = size(self.default_model)
        if learned := learned_by(request):
            able = [each for each in SIZES if each.name in learned and (each.melody or not has_tune(request))]
            return usual if usual in able else able[0] if able else usual
        if has_tune(request) and not usual.melody:
            melodies = [each for each in SIZES if each.melody]
            there = self._there()
            return next((each for each in melodies if each.name in there), melodies[0])
        return usual

    def _check(self, request: MusicRequest, of: Size) -> None:
        shortest, longest = self.lengths(of.name)
        if not shortest <= request.seconds <= longest:
            raise UserError(
                f"{request.seconds:g} s cannot be asked of MusicGen.", f"From {shortest:g} to {longest:g} s."
            )
        if has_tune(request) and not of.melody:
            names = ", ".join(each.name for each in SIZES if each.melody)
            raise UserError(
                f"The model {of.name} does not listen to a melody.", f"Those that do: {names}.", "no_melody"
            )
        if style_of(request, of) is not None and self._backend != "transformers":
            raise UserError(
                "A trained style is worn by the transformers backend alone.",
                "Set STUDIO_MUSICGEN_BACKEND=transformers.",
            )

    def ready_for(self, of: Size) -> Path:
        """The weights of this model, to be trained on. SetupError for whatever is missing."""
        if self._backend != "transformers":
            raise SetupError(
                "A style is trained by the transformers backend alone.", "Set STUDIO_MUSICGEN_BACKEND=transformers.", "backend"
            )  # fmt: skip
        lacking = self._uninstalled() or self._lacking(of)
        if lacking is not None:
            raise lacking
        return self._shelf.place(self._definition(of))

    @property
    def device(self) -> str:
        return self._device

    @property
    def threads(self) -> int:
        return self._threads

    def _uninstalled(self) -> SetupError | None:
        if self._backend == "audiocraft":
            return musicgen_audiocraft.lacks()
        return uninstalled(("torch", "transformers", "safetensors"), OPTIONAL_SET)

    def _definition(self, of: Size) -> Weights:
        return find(of.weights)

    def _there(self) -> list[str]:
        """The models that could play now."""
        if not self._shelf.folder.is_dir():
            return []
        agreed = self._agreed()
        return [each.name for each in SIZES if self._lacking(each, agreed) is None]

    def _agreed(self) -> bool:
        """Their licence is one, so agreeing to it for one size is enough for all."""
        return any(self._shelf.agreed(self._definition(each)) for each in SIZES)

    def _lacking(self, of: Size, agreed: bool | None = None) -> SetupError | None:
        agreed = self._agreed() if agreed is None else agreed
        try:
            (self._shelf.ready if agreed else self._shelf.usable)(self._definition(of))
        except SetupError as error:
            return error
        return None

    def _pace_name(self, of: Size) -> str:
        return f"{NAME}-{of.name}-{self._device}-{self._backend}{'-8bit' * self._eight_bit}"


def _together(pace: str, pieces: int) -> str:
    """The name under which is remembered how long so many take in one go, all of them."""
    return f"{pace}-x{pieces}"
