"""A request as ElevenLabs' composition plan: sections with styles for music_v1, chunks for music_v2 and later."""

from __future__ import annotations

from typing import Any

from core.music.providers.wording import chosen_words
from core.music.types import MusicRequest

SHORTEST_MS, LONGEST_MS = 3_000, 120_000
"""Of one section."""
_STYLE = 200
_WHOLE_MS = 20_000
"""Under this a piece is one section."""
_SUNG = ("vocals", "singing", "spoken word")
_ENDINGS = {
    "resolve": "clear final cadence that rings out",
    "fade": "gradual fade out at the end",
    "cut": "stops dead on the last beat",
}


def wants_plan(request: MusicRequest) -> bool:
    """A bare prompt goes as it is; whoever chose more than that gets it said section by section."""
    return bool(next(chosen_words(request), None) or request.negative_prompt or request.ending != "resolve")


def plan(request: MusicRequest, model: str) -> dict[str, Any]:
    parts = sections(round(request.seconds * 1000))
    styles = _positive(request)
    unwanted = _negative(request)
    local = [_local(name, request, last=number == len(parts) - 1) for number, (name, _) in enumerate(parts)]
    if model == "music_v1":
        return {
            "positive_global_styles": styles,
            "negative_global_styles": unwanted,
            "sections": [
                {"section_name": name, "positive_local_styles": own, "negative_local_styles": [],
                 "duration_ms": length_ms, "lines": []}
                for (name, length_ms), own in zip(parts, local, strict=True)
            ],
        }  # fmt: skip
    return {
        "chunks": [
            {"text": f"[{name}]", "duration_ms": length_ms, "positive_styles": [*styles, *own],
             "negative_styles": unwanted}
            for (name, length_ms), own in zip(parts, local, strict=True)
        ]
    }  # fmt: skip


def sections(length_ms: int) -> list[tuple[str, int]]:
    """Names and lengths that add up to the whole, each of a length the service takes."""
    if length_ms < _WHOLE_MS:
        return [("Main", length_ms)]
    edge_ms = min(LONGEST_MS, max(SHORTEST_MS, length_ms // 6))
    middle_ms = length_ms - 2 * edge_ms
    count = -(-middle_ms // 60_000)
    cuts = [middle_ms * n // count for n in range(count + 1)]
    middle = [(f"Part {n + 1}", cuts[n + 1] - cuts[n]) for n in range(count)]
    return [("Intro", edge_ms), *middle, ("Outro", edge_ms)]


def _positive(request: MusicRequest) -> list[str]:
    written = [" ".join(each.split())[:_STYLE] for each in request.prompt.split(",")]
    return list(dict.fromkeys(each for each in [*written, *chosen_words(request)] if each))


def _negative(request: MusicRequest) -> list[str]:
    named = [" ".join(each.split())[:_STYLE] for each in request.negative_prompt.split(",")]
    return list(dict.fromkeys(each for each in [*named, *(_SUNG if request.instrumental else ())] if each))


def _local(name: str, request: MusicRequest, *, last: bool) -> list[str]:
    own = ["sparse opening"] if name == "Intro" else []
    return [*own, _ENDINGS[request.ending]] if last else own or ["full arrangement"]
