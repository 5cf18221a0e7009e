"""What an engine of music gets and gives, whoever is behind it.

An engine takes a MusicRequest and answers Made with one Output of role `primary` and kind `music` (any format that
core.audio.files decodes), and what came beside it: stems, MIDI. It says by `info.capabilities` which fields it obeys,
and by told() in which words of its own; nothing else of a request reaches it. What it does not know of its own sound
(loudness, tempo, key) is measured afterwards (core.music.receiving).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from core.music.types import MusicRequest
from core.providers.base import Provider, ProviderInfo

KIND = "music"
CONTROLS = (
    "prompt", "mood", "genre", "bpm", "key", "seconds", "intensity", "instruments", "seed", "loopable", "ending",
    "negative_prompt", "instrumental", "temperature", "top_k", "top_p", "guidance", "steps", "melody", "strength",
    "style", "soundfont",
)  # fmt: skip
"""Fields of a MusicRequest that an engine may obey or not."""
_NAMED = {"seconds": "duration"}
"""Where the capability has another name than the field."""
_USUAL: dict[str, Any] = {"loopable": False, "ending": "resolve", "instrumental": True, "instruments": (), "prompt": "",
                          "negative_prompt": ""}  # fmt: skip
"""What a field holds when nobody asked for anything by it."""


class MusicEngine(Provider, Protocol):
    """Of form `make` or `job` (core.providers.base)."""

    @property
    def default_model(self) -> str: ...

    def lengths(self, model: str) -> tuple[float, float]:
        """Shortest and longest piece, in seconds. UserError for a model that the engine does not have."""
        ...

    def told(self, request: MusicRequest) -> Mapping[str, Any]:
        """What will be sent, by the engine's own names: shown before anything is bought. Pure. UserError where the
        request cannot be put into its words."""
        ...


STREAM = "stream"
"""In the capabilities of an engine whose music can be heard while it makes it."""


def obeyed(info: ProviderInfo) -> frozenset[str]:
    """Fields of a MusicRequest that this engine obeys."""
    return frozenset(name for name in CONTROLS if _NAMED.get(name, name) in info.capabilities)


def ignored(info: ProviderInfo, request: MusicRequest) -> tuple[str, ...]:
    """Fields that somebody set and this engine does not know. Said before anything is made, never dropped in silence."""
    known = obeyed(info)
    return tuple(
        name for name in CONTROLS if name not in known and getattr(request, name) not in (None, _USUAL.get(name))
    )
