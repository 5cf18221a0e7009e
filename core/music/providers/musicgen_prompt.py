"""What MusicGen is told: one line of text. The model knows words alone, so the choices of a form are put into words.

The rule: the prompt as it was written, then what it does not say yet, in this order: mood and genre, intensity,
instruments, key, tempo. What the prompt names itself is not said twice.
"""

from __future__ import annotations

import re

from core.music.types import MusicRequest

_INTENSITY = {"low": "gentle and sparse", "medium": "", "high": "powerful and energetic"}
_NOTHING = "instrumental music"
LONGEST = 2000


def text_of(request: MusicRequest) -> str:
    said = request.prompt.strip()
    parts = [said] if said else []
    words = [word for word in (request.mood, request.genre) if word and not _named(word, said)]
    if words:
        parts.append(" ".join([*words, *([] if said else ["music"])]))
    intensity = _INTENSITY.get(request.intensity or "", "")
    if intensity and not _named(str(request.intensity), said):
        parts.append(intensity)
    instruments = [name.replace("_", " ").replace("-", " ") for name in request.instruments]
    instruments = [name for name in instruments if not _named(name, said)]
    if instruments:
        parts.append(f"with {_listed(instruments)}")
    if request.key and not _named(request.key, said):
        parts.append(f"in {request.key}")
    if request.bpm is not None and not re.search(r"\d\s*bpm", said, re.IGNORECASE):
        parts.append(f"{request.bpm:g} bpm")
    return ", ".join(parts) or _NOTHING


def _named(word: str, said: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", said, re.IGNORECASE) is not None


def _listed(names: list[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)
