"""Voices cloned on one's own machine: XTTS-v2 speaks with what it learned of a speaker, in 17 languages. Free, and by the
licence of its weights not for commercial use."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from core.kit.errors import SetupError, UserError
from core.providers.base import Call, Made, Output, ProviderInfo, Units
from core.voice.engine import Utterance
from core.voice.providers.coqui_process import OPTIONAL_SET, XTTS, CoquiProcess
from core.voice.providers.xtts_latents import Latents, load
from core.voice.providers.xtts_speaking import Spoken, XttsRequest, speak
from core.voice.providers.xtts_voices import check_readable, language_of, languages

MODEL = "xtts-v2"
LICENCE = "xtts-output"
LONGEST = 2000
"""Characters of a request. The model takes a sentence or two at a time, so this is only for the progress to be seen."""
SPEEDS = (0.7, 1.4)
"""It stretches what it has decided to say, before it sounds; beyond, the house stretches better."""
_SHA256 = re.compile(r"[0-9a-f]{64}")


class XttsSpeech:
    info = ProviderInfo(
        name=XTTS,
        title="XTTS-v2",
        kind="speech",
        resource="cpu",
        capabilities=frozenset({"seed", "language"}),
        optional_set=OPTIONAL_SET,
        licence=LICENCE,
        models=(MODEL,),
        idempotent=True,
    )
    speeds = SPEEDS
    default_model = MODEL

    def __init__(self, process: CoquiProcess, profile: Callable[[str], Path]) -> None:
        """`profile`: the local file of what was learned, by the SHA-256 of its bytes."""
        self.process = process
        self._profile = profile

    def lacks(self) -> SetupError | None:
        return self.process.lacks()

    def about(self) -> str:
        """For `studio doctor`."""
        agreed = self.process.shelf.agreed(self.process.definition())
        return f"clones in {len(languages())} languages; no commercial use, agreed to by {agreed.by if agreed else 'nobody'}"

    def longest(self, model: str) -> int:
        if model != MODEL:
            raise UserError(f"XTTS-v2 has no model {model[:60]!r}.", f"There is: {MODEL}.", "no_model")
        return LONGEST

    def maximum(self, request: Utterance) -> Units:
        return {}

    def make(self, request: Utterance, call: Call) -> Made:
        check(request, self.longest(request.model), self.speeds, self.info.title)
        language = language_of(request.text, request.language)
        voice = self._learned(request.profile)
        folder = self.process.weights()
        check_readable(language)
        asked = XttsRequest(
            request.text, voice, language, request.speed, request.seed, folder, self.process.device, self.process.threads,
            call.folder / "speech.wav",
        )  # fmt: skip
        spoken: Spoken = self.process.speak(speak, asked, call)
        facts = {"profile": request.profile, "language": language.id, "seed": request.seed}
        return made(spoken, asked.out, MODEL, facts)

    def _learned(self, profile: str) -> Latents:
        if not profile:
            raise UserError(
                "No trained voice was named for XTTS-v2.", "Choose one of your own voices, or train one first.", "no_profile"
            )  # fmt: skip
        gone = UserError("The trained voice is not there any more.", "Train it again, or choose another.", "no_profile")
        if not _SHA256.fullmatch(profile):
            raise gone
        try:
            path = self._profile(profile)
        except SetupError:
            raise
        except (OSError, KeyError):
            raise gone from None
        return load(path, self.process.fingerprint())


def check(request: Utterance, longest: int, speeds: tuple[float, float], title: str) -> None:
    if not request.text.strip():
        raise UserError("There is nothing to say.", "Give at least one word.")
    if len(request.text) > longest:
        raise UserError(
            f"{len(request.text):,} characters are too many for one request to {title}.", f"At most {longest:,}."
        )
    slowest, fastest = speeds
    if not slowest <= request.speed <= fastest:
        raise UserError(f"Speed {request.speed:g} cannot be asked of {title}.", f"From {slowest:g} to {fastest:g}.")


def made(spoken: Spoken, path: Path, model: str, facts: Mapping[str, object]) -> Made:
    sound = Output("primary", path, "voiceover", {"duration_s": round(spoken.seconds, 4)})
    how = {"model": model, "device": spoken.device, "chunks": spoken.pieces, "work_s": spoken.work_s}
    return Made((sound,), facts={**how, **facts})
