"""A text read by the embedded voice, as a ruler: what it sounds like, and exactly when each word begins and ends."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.voice.languages import script_language
from core.voice.pronunciation import dictionary
from core.voice.providers.espeak_process import SAMPLE_RATE, library, listing, speak
from core.voice.sentences import sentence_spans
from core.voice.wording import BLOCK, words

Word = tuple[int, int, float, float]
"""Places in the text of the first character and past the last; seconds at which it begins and ends."""
USUAL_RATE = 175
"""Words a minute: what the engine speaks when it is not told."""
RATES = (80, 450)
_OTHER_NAMES = {"zh": "cmn", "fil": "tl", "iw": "he", "in": "id", "no": "nb"}
_QUIET = 0.006
"""Of a segment's peak."""


@dataclass(frozen=True)
class Reading:
    mono: NDArray[np.float32]
    """At SAMPLE_RATE of the engine."""
    words: tuple[Word, ...]


def engine_voice(language: str, text: str = "") -> str:
    """What the engine calls the voice of an ISO 639-1 or BCP 47 code, or of what the text is written in; else English."""
    codes = {voice.code for voice in listing().voices}
    named = {name: voice.code for voice in listing().voices for name in voice.languages}
    wanted = language.lower().replace("_", "-") or script_language(text)
    while wanted:
        code = _OTHER_NAMES.get(wanted, wanted)
        if code in codes or code in named:
            return code if code in codes else named[code]
        wanted = wanted.rpartition("-")[0]
    return "en-us"


def read(text: str, voice: str, rate: int) -> Reading:
    """Sentence by sentence in a process of its own. A voice that makes no sound for the text gives no words."""
    spans = [span for span in sentence_spans(text) if text[span.start : span.end].strip()]
    said = [dictionary({}).speak(text[span.start : span.end]) for span in spans]
    setting = {"voice": voice, "rate": int(np.clip(rate, *RATES)), "pitch": 50, "range": 50}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pcm = folder / "reading.pcm"
        plan = [{"text": piece.text, "phonemes": False, **setting} for piece in said]
        spoke = speak(plan, folder, library().data, pcm)
        raw = np.fromfile(pcm, dtype="<i2") if pcm.exists() else np.zeros(0, dtype="<i2")
    found: list[Word] = []
    at = 0
    for span, piece, one in zip(spans, said, spoke, strict=True):
        level = np.abs(raw[at : at + one.frames].astype(np.int32))
        loud = np.flatnonzero(level > max(8.0, _QUIET / 2 * float(level.max(initial=0))))
        if loud.size:
            blocks = level[: level.size // BLOCK * BLOCK].reshape(-1, BLOCK).max(axis=1, initial=0)
            quiet = blocks <= max(8.0, _QUIET * float(level.max()))
            sentence = text[span.start : span.end]
            for word in words(sentence, piece.places, one.words, int(loud[0]), int(loud[-1]) + 1, quiet):
                begins, ends = (at + word.begins) / SAMPLE_RATE, (at + max(word.begins, word.finishes)) / SAMPLE_RATE
                found.append((span.start + word.start, span.start + word.end, begins, ends))
        at += one.frames
    return Reading(raw.astype(np.float32) / np.float32(32768), tuple(found))
