"""Speech from Kokoro-82M on one's own machine: 54 voices in 9 languages, blends of them, free.

The model lives in a child process of its own, loaded at the first request, warm for the next and over jobs, given up when
nobody asks for a while. A cancel kills it; the next request has a new one.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from core.kit.children import Kept
from core.kit.errors import ProviderError, SetupError, UserError
from core.models.catalogue import Weights, find
from core.models.shelf import Shelf
from core.providers.base import Call, Made, Output, ProviderInfo, Units
from core.voice.engine import Utterance, words_fact
from core.voice.providers import kokoro_voices as catalogue
from core.voice.providers.kokoro_model import no_memory
from core.voice.providers.kokoro_reading import english_reader
from core.voice.providers.kokoro_speaking import SpeakRequest, Spoken, speak
from core.voice.types import Voice

MODEL = "kokoro-v1_0"
OPTIONAL_SET = "requirements-kokoro.txt"
LONGEST = 2000
"""Characters of a request. The model takes a sentence at a time, so this is only for the progress to be seen."""
_SECONDS_PER_CHARACTER = 1.0
"""Generous: an old processor needs less than a tenth of it."""
_LOADING_S = 300.0


class KokoroSpeech:
    info = ProviderInfo(
        name=catalogue.PROVIDER,
        title="Kokoro",
        kind="speech",
        resource="cpu",
        capabilities=frozenset({"seed"}),
        optional_set=OPTIONAL_SET,
        licence="kokoro-output",
        models=(MODEL,),
        idempotent=True,
    )

    speeds = (0.5, 2.0)
    default_model = MODEL

    def __init__(self, models: Path, device: str = "auto", threads: int = 0, idle_minutes: float = 10.0) -> None:
        self._shelf = Shelf(models)
        self._device = device
        self._threads = threads or os.cpu_count() or 1
        self.kept = Kept(catalogue.PROVIDER, idle_minutes * 60, self._threads)
        """The child that has the model."""

    @property
    def _weights(self) -> Weights:
        return find(catalogue.PROVIDER)

    def lacks(self) -> SetupError | None:
        """What is still to be done before it can speak."""
        if any(find_spec(module) is None for module in ("torch", "kokoro", "misaki")):
            return SetupError(
                f"{OPTIONAL_SET} is not installed.",
                f"Run: pip install -r {OPTIONAL_SET} (its first lines say how to leave CUDA out)",
                "not_installed",
            )
        try:
            self._shelf.ready(self._weights)
        except SetupError as error:
            return error
        return None

    def about(self) -> str:
        """For `studio doctor`."""
        return english_reader()[1]

    def voices(self) -> tuple[Voice, ...]:
        """Those whose file is there and whose language can be read."""
        place = self._shelf.place(self._weights) / "voices"
        return tuple(
            voice for voice in catalogue.voices()
            if (place / f"{voice.engine['voice']}.pt").is_file() and catalogue.readable(str(voice.engine["voice"]))
        )  # fmt: skip

    def voice(self, own: str) -> Voice:
        """Also a blend of voices. UserError or NotFound for what is none."""
        return catalogue.voice_of(catalogue.parse_blend(own))

    def longest(self, model: str) -> int:
        if model != MODEL:
            raise UserError(f"Kokoro has no model {model[:60]!r}.", f"There is: {MODEL}.", "no_model")
        return LONGEST

    def maximum(self, request: Utterance) -> Units:
        return {}

    def make(self, request: Utterance, call: Call) -> Made:
        asked = self._checked(request, call.folder / "speech.wav")
        try:
            spoken: Spoken = call.children.run(
                speak, asked, progress=call.progress, cancelled=call.cancelled, kept=self.kept,
                timeout_s=_LOADING_S + len(request.text) * _SECONDS_PER_CHARACTER,
            )  # fmt: skip
        except BaseException as error:
            asked.out.unlink(missing_ok=True)
            if isinstance(error, ProviderError) and error.code == "process_died":
                # The system ends whoever takes the last memory, without a word.
                raise no_memory(self._device) from None
            raise
        facts = {"model": MODEL, "voice": asked.blend.id, "seed": request.seed, "device": spoken.device}
        timed = {} if spoken.words is None else words_fact(spoken.words)
        sound = Output("primary", asked.out, "voiceover", {"duration_s": round(spoken.seconds, 4)})
        return Made((sound,), facts={**facts, **timed})

    def _checked(self, request: Utterance, out: Path) -> SpeakRequest:
        most = self.longest(request.model)
        if not request.text.strip():
            raise UserError("There is nothing to say.", "Give at least one word.")
        if len(request.text) > most:
            raise UserError(
                f"{len(request.text):,} characters are too many for one request to Kokoro.", f"At most {most:,}."
            )
        slowest, fastest = self.speeds
        if not slowest <= request.speed <= fastest:
            raise UserError(f"Speed {request.speed:g} cannot be asked of Kokoro.", f"From {slowest:g} to {fastest:g}.")
        blend = catalogue.parse_blend(request.voice)
        language = catalogue.language_of(blend.heaviest)
        lacking = self.lacks()
        if lacking is not None:
            raise lacking
        catalogue.check_readable(language)
        return SpeakRequest(
            request.text, blend, language, request.speed, request.seed, self._shelf.ready(self._weights), self._device,
            self._threads, out,
        )  # fmt: skip
