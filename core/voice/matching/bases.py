"""The embedded voices that a profile is laid on, and what each is like before."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.kit.errors import UserError
from core.kit.paths import reference
from core.voice import gallery
from core.voice.languages import language_facts, script_language
from core.voice.matching.characteristics import characteristics
from core.voice.matching.profile import VERSION, Profile, load, measure
from core.voice.providers.espeak_pace import NORMAL_RATE
from core.voice.providers.espeak_process import SAMPLE_RATE, library, listing, speak

_SEMITONES, _LENGTHS = 4.0, 0.05
"""What weighs alike in the choice: so much pitch, so much (of one) in the throat's length."""


@dataclass(frozen=True)
class Calibration:
    """Measure this voice, or take the figures from the folder. Picklable, for a child."""

    voice: str
    """en-us+f5"""
    passage: str
    cache: Path | None

    @property
    def file(self) -> Path | None:
        if self.cache is None:
            return None
        told = hashlib.sha256(f"{VERSION} {listing().version} {self.passage}".encode()).hexdigest()[:16]
        return self.cache / "matching" / f"{self.voice}-{told}.json"


def spoken_by(profile: Profile, language: str, text: str = "") -> str:
    """The embedded voice nearest to the profile, in the language (or that of the text's script). The same profile has the
    same voice each time. NotFound for a language that the engine does not speak."""
    code = str(gallery.default_voice(language or script_language(text)).engine["voice"])
    gender = characteristics(profile).gender.value
    rows: list[dict[str, Any]] = reference("voices/matching")["bases"]
    rows = [row for row in rows if gender in ("unknown", row["gender"])]
    nearest = min(rows, key=lambda row: _away(profile, row))
    return f"{code}+{nearest['variant']}"


def _away(profile: Profile, row: dict[str, Any]) -> float:
    away = abs(12 * np.log2(profile.f0_hz / row["pitch_hz"])) / _SEMITONES
    if profile.tract_cm > 0:
        away += abs(np.log(profile.tract_cm / row["tract_cm"])) / _LENGTHS
    return float(away)


def calibration(voice: str, cache: Path | None = None) -> Calibration:
    code = voice.partition("+")[0]
    passages: dict[str, str] = reference("voices/matching")["passages"]
    sample = str(language_facts(code).get("sample") or "")
    return Calibration(voice, passages.get(code.partition("-")[0]) or f"{sample} {gallery.COUNTING}".strip(), cache)


def known(asked: Calibration) -> Profile | None:
    """As measured before."""
    file = asked.file
    if file is None or not file.is_file():
        return None
    try:
        return load(file)
    except UserError:
        return None  # measured again, and written over


def calibrate(asked: Calibration, progress: Callable[[str, float], None] = lambda stage, fraction: None) -> Profile:
    """For a child: about 3 s of work the first time a voice is used."""
    held = known(asked)
    if held is not None:
        return held
    progress("measuring the embedded voice", 0.1)
    found = measure([(say(asked.voice, asked.passage), SAMPLE_RATE)])
    file = asked.file
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_name(f"{file.name}.{os.getpid()}")
        found.save(part)
        os.replace(part, file)
    return found


def say(voice: str, text: str) -> NDArray[np.float32]:
    """(1, frames) at SAMPLE_RATE."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        row = {"text": text, "voice": voice, "rate": NORMAL_RATE, "pitch": 50, "range": 50, "phonemes": False}
        speak([row], folder, library().data, folder / "said.pcm")
        raw = np.frombuffer((folder / "said.pcm").read_bytes(), dtype="<i2")
    return (raw.astype(np.float32) / np.float32(32768))[None]
