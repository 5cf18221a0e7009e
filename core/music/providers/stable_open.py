"""Music and sounds from Stability AI's Stable Audio Open on one's own machine, by the diffusers library. 44.1 kHz stereo.

Free, commercial use too, below a yearly revenue that its licence names.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.kit.children import Kept
from core.kit.errors import SetupError, UserError
from core.models.catalogue import Weights, find
from core.models.shelf import Shelf
from core.music.providers import neural_pace
from core.music.providers.musicgen_prompt import text_of
from core.music.providers.neural_process import ask, uninstalled
from core.music.providers.stable_making import Composed, MakeRequest, compose, no_memory
from core.music.types import MusicRequest
from core.providers.base import Call, Made, Output, ProviderInfo, Units

NAME = "stable-audio-open"
MODEL = "1.0"
OPTIONAL_SET = "requirements-stable-audio.txt"
LICENCE = "stable-audio-open-output"
STEPS = 100
GUIDANCE = 7.0
_SHORTEST_S, _LONGEST_S = 1.0, 47.0
_WORK_A_STEP = {"cpu": 12.0, "cuda": 0.15, "mps": 1.5}
"""Seconds, by the size of the model; nothing here was measured with real weights. It always makes 47 s and cuts."""
_PATIENCE = 20.0


class StableAudioOpen:
    info = ProviderInfo(
        name=NAME,
        title="Stable Audio Open",
        kind="music",
        resource="cpu",
        capabilities=frozenset(
            {
                "prompt", "mood", "genre", "bpm", "key", "duration", "intensity", "instruments", "seed",
                "negative_prompt", "guidance", "steps",
            }
        ),
        optional_set=OPTIONAL_SET,
        licence=LICENCE,
        models=(MODEL,),
        idempotent=True,
    )  # fmt: skip
    default_model = MODEL

    def __init__(self, models: Path, device: str = "auto", threads: int = 0, idle_minutes: float = 10.0) -> None:
        self._shelf = Shelf(models)
        self._device = device
        self._threads = threads or os.cpu_count() or 1
        self.kept = Kept(NAME, idle_minutes * 60, self._threads)
        """The child that has the model."""

    @property
    def _weights(self) -> Weights:
        return find(NAME)

    def lacks(self) -> SetupError | None:
        lacking = uninstalled(("torch", "transformers", "diffusers", "torchsde"), OPTIONAL_SET)
        if lacking is None:
            try:
                self._shelf.usable(self._weights)
            except SetupError as error:
                return error
        return lacking

    def about(self) -> str:
        """For `studio doctor`."""
        agreed = self._shelf.agreed(self._weights)
        return f"44.1 kHz stereo, up to 47 s; licence agreed to by {agreed.by if agreed else 'nobody'}"

    def lengths(self, model: str) -> tuple[float, float]:
        if model != MODEL:
            raise UserError(f"Stable Audio Open has no model {model[:60]!r}.", f"There is: {MODEL}.", "no_model")
        return _SHORTEST_S, _LONGEST_S

    def maximum(self, request: MusicRequest) -> Units:
        return {}

    def told(self, request: MusicRequest) -> Mapping[str, Any]:
        return {
            "prompt": text_of(request), "negative_prompt": request.negative_prompt, "audio_end_in_s": request.seconds,
            "num_inference_steps": request.steps or STEPS,
            "guidance_scale": GUIDANCE if request.guidance is None else request.guidance, "seed": request.seed,
        }  # fmt: skip

    def estimate_s(self, request: MusicRequest, cache: Path | None) -> tuple[float, bool]:
        """Seconds of work, and whether that was measured on this machine. The length asked for changes nothing."""
        steps = request.steps or STEPS
        measured = neural_pace.known(cache, self._pace_name)
        return (measured or _WORK_A_STEP.get(self._device, _WORK_A_STEP["cpu"])) * steps, measured is not None

    def make(self, request: MusicRequest, call: Call) -> Made:
        shortest, longest = self.lengths(request.model or MODEL)
        if not shortest <= request.seconds <= longest:
            raise UserError(
                f"{request.seconds:g} s cannot be asked of Stable Audio Open.", f"From {shortest:g} to {longest:g} s."
            )
        lacking = self.lacks()
        if lacking is not None:
            raise lacking
        told = self.told(request)
        seed = secrets.randbelow(2**31) if request.seed is None else request.seed
        asked = MakeRequest(
            told["prompt"], told["negative_prompt"], request.seconds, told["num_inference_steps"], told["guidance_scale"],
            seed, self._shelf.place(self._weights), self._device, self._threads, call.folder / "music.wav",
            call.folder / "stop",
        )  # fmt: skip
        work_s, measured = self.estimate_s(request, call.cache)
        call.progress(neural_pace.told(work_s / asked.steps, asked.steps, measured=measured), 0.0)
        made: Composed = ask(
            compose, asked, call, self.kept, stop=asked.stop, outs=[asked.out], work_s=max(600.0, work_s * _PATIENCE),
            no_memory=lambda: no_memory(self._device),
        )  # fmt: skip
        neural_pace.remember(call.cache, self._pace_name, asked.steps, made.work_s)
        sound = {
            "duration_s": round(made.seconds, 4), "sample_rate": made.sample_rate, "channels": made.channels, "seed": seed,
        }  # fmt: skip
        facts = {
            "model": MODEL, "text": asked.prompt, "seed": seed, "device": made.device, "steps": asked.steps,
            "guidance": asked.guidance, "work_s": made.work_s, "told": dict(told),
        }  # fmt: skip
        return Made((Output("primary", asked.out, "music", sound),), facts=facts)

    @property
    def _pace_name(self) -> str:
        return f"{NAME}-{self._device}"
