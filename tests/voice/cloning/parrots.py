"""Engines that learn and speak in no time, for what lies around them: the records, the money, the rights, the failures."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import soundfile

from core.kit.errors import StudioError
from core.providers.base import Call, Found, Made, Output, ProviderInfo, Units
from core.voice.cloning.engine import KIND, PROFILE, Lesson
from core.voice.cloning.removing import REMOVAL
from core.voice.engine import Utterance

RATE = 16_000


class Teacher:
    """Learns into a file, or at a "service" where the voice gets an id."""

    def __init__(self, name: str, *, remote: bool = False) -> None:
        self.info = ProviderInfo(name=name, title=name.title(), kind=KIND, resource="net" if remote else "cpu")
        self.remote = remote
        self.lessons: list[Lesson] = []
        self.fault: StudioError | None = None

    def maximum(self, request: Lesson) -> Units:
        return {}

    def make(self, request: Lesson, call: Call) -> Made:
        self.lessons.append(request)
        assert all(Path(path).is_file() for path in request.recordings)
        if self.fault:
            raise self.fault
        facts = {"characteristics": {"gender": {"value": "female", "confidence": 0.9}}, "quality_score": 0.8}
        if self.remote:
            return Made((), facts=facts | {"voice": f"{self.info.name}-{len(self.lessons)}"})
        out = call.folder / "profile.bin"
        out.write_bytes(f"{request.name}, lesson {len(self.lessons)}".encode())
        return Made((Output(PROFILE, out, KIND),), facts=facts)


class Parrot:
    """Speaks a tone whose length follows the text."""

    speeds = (0.5, 2.0)
    default_model = "default"

    def __init__(self, name: str, *, paid: bool = False, licence: str = "own-work") -> None:
        units = ("characters",) if paid else ()
        self.info = ProviderInfo(
            name=name,
            title=name.title(),
            kind="speech",
            units=units,
            licence=licence,
            resource="net" if paid else "cpu",
        )
        self.asked: list[Utterance] = []
        self.faults: list[StudioError] = []

    def longest(self, model: str) -> int:
        return 200

    def maximum(self, request: Utterance) -> Units:
        return {"characters": Decimal(len(request.text))} if self.info.units else {}

    def make(self, request: Utterance, call: Call) -> Made:
        self.asked.append(request)
        if self.faults:
            raise self.faults.pop(0)
        frames = np.arange(int(RATE * 0.05 * len(request.text)))
        out = call.folder / "speech.wav"
        soundfile.write(out, 0.3 * np.sin(2 * np.pi * 220 * frames / RATE).astype(np.float32), RATE)
        return Made((Output("primary", out, "voiceover"),), units=self.maximum(request))


class Remover:
    """Deletes a service's copy, or says why not."""

    def __init__(self, name: str) -> None:
        self.info = ProviderInfo(name=name, title=name.title(), kind=REMOVAL, form="query", resource="net")
        self.removed: list[str] = []
        self.fault: StudioError | None = None

    def maximum(self, request: dict[str, str]) -> Units:
        return {}

    def query(self, request: dict[str, str], call: Call) -> Found:
        if self.fault:
            raise self.fault
        self.removed.append(request["voice"])
        return Found({})
