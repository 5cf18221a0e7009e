"""Our words as Soundraw's lists, by data/reference/music/soundraw.yaml."""

from __future__ import annotations

import re
from typing import Any

from core.kit.errors import UserError
from core.kit.paths import reference
from core.music.prompt import read_prompt
from core.music.types import MusicRequest

TITLE = "Soundraw"


def chosen(request: MusicRequest, length_s: int) -> dict[str, Any]:
    """moods, genres, themes, tempo and energy_levels. What the user chose wins over what the prompt says. UserError
    where neither finds a word of theirs."""
    known = reference("music/soundraw")
    read = read_prompt(request.prompt)
    mood, genre = request.mood or read.mood, request.genre or read.genre
    found: dict[str, Any] = {
        "moods": list(known["moods"].get(mood, ())),
        "genres": list(known["genres"].get(genre, ())),
        "themes": list(dict.fromkeys([*known["themes_of_genres"].get(genre, ()), *_themes(request.prompt, known)])),
    }
    if not any(found.values()):
        raise UserError(
            f"{TITLE} takes no free text, and nothing here is a mood, genre or theme of its lists.",
            "Choose a mood or a genre.",
        )
    bpm = request.bpm or read.bpm
    if bpm:
        slow, quick = known["tempo"]
        found["tempo"] = ["low" if bpm < slow else "normal" if bpm <= quick else "high"]
    found["energy_levels"] = _energy(known, request.intensity or read.intensity or "medium", length_s)
    return {name: value for name, value in found.items() if value}


def _themes(prompt: str, known: dict[str, Any]) -> list[str]:
    said = set(re.findall(r"[a-z]+", prompt.lower()))
    return [theme for theme, words in known["themes"].items() if said & set(words)]


def _energy(known: dict[str, Any], intensity: str, length_s: int) -> list[dict[str, Any]]:
    """Without a gap or an overlap, in whole seconds, from 0 to the end."""
    levels = known["energy"][intensity]
    if length_s < known["arc_from_s"]:
        levels = levels[1:2]
    edges = [round(length_s * n / len(levels)) for n in range(len(levels) + 1)]
    return [{"start": edges[n], "end": edges[n + 1], "energy": level} for n, level in enumerate(levels)]
