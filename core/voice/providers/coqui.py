"""The other voices of the Coqui library: the speakers that come with XTTS-v2, and VITS models, each by its own licence."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.kit.errors import NotFound, SetupError, UserError
from core.models.catalogue import Weights, catalogue
from core.providers.base import Call, Made, ProviderInfo, Units
from core.voice.engine import Utterance
from core.voice.languages import language_facts
from core.voice.providers import vits_model, xtts_speaking, xtts_voices
from core.voice.providers.coqui_process import OPTIONAL_SET, XTTS, CoquiProcess
from core.voice.providers.vits_model import VitsRequest
from core.voice.providers.xtts import LICENCE, LONGEST, SPEEDS, check, made
from core.voice.providers.xtts_speaking import Spoken, XttsRequest
from core.voice.types import Voice

MODEL = "default"
VITS = "vits-"
VITS_LICENCE = "vits-output"
_SPEAKER = re.compile(r"[\w-]{1,40}")


class CoquiSpeech:
    info = ProviderInfo(
        name=xtts_voices.PROVIDER,
        title="Coqui TTS",
        kind="speech",
        resource="cpu",
        capabilities=frozenset({"seed"}),
        optional_set=OPTIONAL_SET,
        licence=LICENCE,  # of its first voices; licence_of() has each
        models=(MODEL,),
        idempotent=True,
    )
    speeds = SPEEDS
    default_model = MODEL

    def __init__(self, process: CoquiProcess) -> None:
        self.process = process

    def lacks(self) -> SetupError | None:
        """Nothing, as soon as one of its models is there."""
        lacking = self.process.lacks()
        return None if lacking is None or (self.process.uninstalled() is None and self._vits()) else lacking

    def about(self) -> str:
        own = "58 speakers of XTTS-v2, no commercial use" if self.process.lacks() is None else ""
        return ", ".join([*([own] if own else []), *(weights.title for weights in self._vits())])

    def voices(self) -> tuple[Voice, ...]:
        """Those whose weights are there."""
        own = xtts_voices.voices() if self.process.lacks() is None else ()
        return (*own, *(voice for weights in self._vits() for voice in self._of(weights)))

    def voice(self, own: str) -> Voice:
        """Also a speaker of XTTS-v2 in another language: claribel-dervla+fr."""
        if not own.startswith(VITS):
            return xtts_voices.voice_of(own)
        return next((voice for voice in self._of(_weights(own)) if voice.engine["voice"] == own), None) or _no_voice(
            own
        )

    def licence_of(self, voice: str) -> str:
        return VITS_LICENCE if voice.startswith(VITS) else LICENCE

    def longest(self, model: str) -> int:
        if model != MODEL:
            raise UserError(f"The Coqui voices have no model {model[:60]!r}.", "Each voice has its own.", "no_model")
        return LONGEST

    def maximum(self, request: Utterance) -> Units:
        return {}

    def make(self, request: Utterance, call: Call) -> Made:
        check(request, self.longest(request.model), self.speeds, self.info.title)
        vits = request.voice.startswith(VITS)
        asked = self._asked_vits(request, call) if vits else self._asked_xtts(request, call)
        speak: Any = vits_model.speak if vits else xtts_speaking.speak
        weights = _weights(request.voice).name if vits else XTTS
        spoken: Spoken = self.process.speak(speak, asked, call, weights)
        return made(spoken, asked.out, MODEL, {"weights": weights, "voice": request.voice, "seed": request.seed})

    def _asked_xtts(self, request: Utterance, call: Call) -> XttsRequest:
        speaker, language = xtts_voices.parsed(request.voice)
        language = xtts_voices.language_of(request.text, language.id)
        folder = self.process.weights()
        xtts_voices.check_readable(language)
        return XttsRequest(
            request.text, speaker.name, language, request.speed, request.seed, folder, self.process.device,
            self.process.threads, call.folder / "speech.wav",
        )  # fmt: skip

    def _asked_vits(self, request: Utterance, call: Call) -> VitsRequest:
        weights = _weights(request.voice)
        folder = self.process.weights(weights.name)
        voice = self.voice(request.voice)
        return VitsRequest(
            request.text, weights.name, str(voice.engine.get("speaker", "")), voice.language, request.speed, request.seed,
            folder, self.process.device, self.process.threads, call.folder / "speech.wav",
        )  # fmt: skip

    def _vits(self) -> list[Weights]:
        shelf = self.process.shelf
        return [
            weights
            for weights in catalogue()
            if weights.name.startswith(VITS) and shelf.state(weights).state == "ready"
        ]

    def _of(self, weights: Weights) -> Iterator[Voice]:
        """A model of several speakers has a voice for each."""
        language = weights.name.split("-")[1]
        facts = language_facts(language)
        names = _speakers(self.process.shelf.place(weights)) if "speaker_ids.json" in weights.files else [""]
        for name in names:
            own = f"{weights.name}.{name}" if name else weights.name
            yield Voice(
                id=f"{xtts_voices.PROVIDER}:{own}", name=f"{weights.title}{name and f', {name}'}",
                provider=xtts_voices.PROVIDER, tier="premium", language=language, language_name=str(facts.get("name", language)),
                accent="", gender=_gender(weights.name), style="VITS", sample_text=str(facts.get("sample", "")),
                engine={"voice": own, **({"speaker": name} if name else {})},
            )  # fmt: skip


def _gender(name: str) -> Any:
    last = name.rpartition("-")[2]
    return last if last in ("male", "female") else "neutral"


def _weights(own: str) -> Weights:
    name = own.partition(".")[0]
    return next((weights for weights in catalogue() if weights.name == name), None) or _no_voice(own)


def _no_voice(own: str) -> Any:
    raise NotFound(
        f"The Coqui models here have no voice {own[:60]!r}.", "The gallery lists those they have.", "no_voice"
    )


def _speakers(folder: Path) -> list[str]:
    """Names of the model's speakers, without those that could not stand in an id."""
    try:
        held = json.loads((folder / "speaker_ids.json").read_text(encoding="utf-8"))
        return [name for name in held if _SPEAKER.fullmatch(name)]
    except (OSError, ValueError, TypeError):
        return []
