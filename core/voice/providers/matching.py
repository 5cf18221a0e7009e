"""An embedded voice that takes on pitch, timbre and pace of a person's recordings. No weights, no service, not a clone."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.kit.errors import Cancelled, SetupError, UserError
from core.providers.base import Call, Made, Output, ProviderInfo, Units
from core.voice.engine import Utterance
from core.voice.matching import making
from core.voice.matching.bases import calibrate, calibration, known, spoken_by
from core.voice.matching.profile import Profile, load
from core.voice.providers.espeak import EspeakProvider

PACES = (0.85, 1.2)
"""How far the speaker's pace is followed; the count of syllables it rests on is rough."""
_ENOUGH_S = 4.0
"""Voiced speech under which a pace is not to be trusted."""
_LONGEST = 5000
_SHA256 = re.compile(r"[0-9a-f]{64}")


class MatchingSpeech:
    info = ProviderInfo(
        name="matching",
        title="Voice matching (not a clone)",
        kind="speech",
        resource="cpu",
        capabilities=frozenset({"language"}),
        licence="own-work",  # of the method; what the recordings allow is held on the voice that was made from them
        models=("world-1",),
        idempotent=True,
    )
    speeds = (0.6, 1.6)
    """Of the speaker's own pace: with PACES still within what the embedded engine does itself."""
    default_model = info.models[0]

    def __init__(self, profile: Callable[[str], Path]) -> None:
        """`profile`: the local file of a profile, by the SHA-256 of its bytes."""
        self._profile = profile
        self._spoken = EspeakProvider()

    def longest(self, model: str) -> int:
        if model not in ("", *self.info.models):
            raise UserError(
                f"{self.info.title} has no model {model[:60]!r}.", f"There is: {self.default_model}.", "no_model"
            )
        return _LONGEST

    def maximum(self, request: Utterance) -> Units:
        return {}

    def make(self, request: Utterance, call: Call) -> Made:
        """`request.profile` says whose voice it is; `request.voice` is the id that the voice has with its owner and changes
        nothing here. Word times are the embedded engine's own and exact."""
        profile = self._checked(request)
        base = spoken_by(profile, request.language, request.text)
        call.progress("getting the voice ready", 0.02)
        asked = calibration(base, call.cache)
        plain = known(asked) or call.children.run(calibrate, asked, cancelled=call.cancelled, timeout_s=120.0)
        pace = _pace(profile, plain)
        folder, out = call.folder / "base", call.folder / "speech.wav"
        try:
            spoken = self._speak(request, base, pace, replace(call, folder=folder))
            words = spoken.facts["words"]
            sound = making.LayRequest(spoken.outputs[0].path, out, profile, plain)
            seconds = float(spoken.outputs[0].facts["duration_s"])
            laid: making.Laid = call.children.run(
                making.make, sound, cancelled=call.cancelled, timeout_s=180.0 + 5 * seconds,
                progress=lambda stage, fraction: call.progress(stage, 0.2 + 0.8 * fraction),
            )  # fmt: skip
            if call.cancelled():
                raise Cancelled
        except BaseException:
            out.unlink(missing_ok=True)
            raise
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        facts = {
            "model": self.default_model, "profile": request.profile, "base": f"espeak:{base}", "pace": pace,
            "likeness": laid.likeness, "words": words,
        }  # fmt: skip
        output = Output("primary", out, "voiceover", {"duration_s": laid.duration_s})
        return Made((output,), facts=facts)

    def _speak(self, request: Utterance, base: str, pace: float, call: Call) -> Made:
        call.folder.mkdir()
        own = Utterance(
            request.text, base, self._spoken.default_model, language=request.language,
            speed=round(request.speed * pace, 2),
        )  # fmt: skip
        return self._spoken.make(
            own, replace(call, progress=lambda stage, part: call.progress(stage, 0.05 + 0.15 * part))
        )

    def _checked(self, request: Utterance) -> Profile:
        longest = self.longest(request.model)
        if not request.text.strip():
            raise UserError("There is no text to speak.", "Write something.")
        if len(request.text) > longest:
            raise UserError(f"{len(request.text):,} characters are too many at once.", f"At most {longest:,}.")
        slowest, fastest = self.speeds
        if not slowest <= request.speed <= fastest:
            raise UserError(
                f"Speed {request.speed:g} cannot be spoken by a matched voice.", f"From {slowest:g} to {fastest:g}."
            )
        if not request.profile:
            raise UserError(
                "No trained voice was named for voice matching.", "Choose one of your own voices, or train one first.",
                "no_profile",
            )  # fmt: skip
        gone = UserError("The trained voice is not there any more.", "Train it again, or choose another.", "no_profile")
        if not _SHA256.fullmatch(request.profile):
            raise gone
        try:
            path = self._profile(request.profile)
        except SetupError:
            raise
        except (OSError, KeyError):
            raise gone from None
        if not path.is_file():
            raise gone
        return load(path)


def _pace(profile: Profile, plain: Profile) -> float:
    """How much faster than the embedded voice the speaker speaks."""
    if profile.voiced_s < _ENOUGH_S or profile.peaks_per_second <= 0 or plain.peaks_per_second <= 0:
        return 1.0
    return round(float(np.clip(profile.peaks_per_second / plain.peaks_per_second, *PACES)), 2)
