"""What the library has already that is near to what is asked for: offered before something is bought."""

from __future__ import annotations

import math
from dataclasses import dataclass

from core.kit.actor import Actor
from core.music.types import MusicRequest
from core.store import assets
from core.store.assets import Asset
from core.store.store import Store

_LOOKED_AT = 500
_NEAR = 0.5
_WEIGHTS = {"genre": 3.0, "mood": 2.0, "intensity": 1.0, "key": 1.0, "bpm": 2.0, "prompt": 3.0, "seconds": 1.0}
_SMALL = 3
"""Letters a word needs to count."""


@dataclass(frozen=True)
class Likeness:
    asset: Asset
    share: float
    """0 to 1, of what was asked for."""
    why: tuple[str, ...]
    """What fits, in words."""


def alike(store: Store, actor: Actor, request: MusicRequest, limit: int) -> list[Likeness]:
    """The nearest kept pieces of music, most alike first; none where nothing is near."""
    with store.db.read() as connection:
        kept, _ = assets.search(connection, actor, kinds=("music",), limit=_LOOKED_AT)
    found = [likeness(asset, request) for asset in kept]
    near = [each for each in found if each.share >= _NEAR]
    return sorted(near, key=lambda each: -each.share)[:limit]


def likeness(asset: Asset, request: MusicRequest) -> Likeness:
    """Only what was asked for counts; what a piece does not tell of itself speaks neither for nor against it by half."""
    fits: list[tuple[str, float, float]] = []
    for name in ("genre", "mood", "intensity", "key"):
        wanted, has = getattr(request, name), getattr(asset, name)
        if wanted:
            fits.append((f"{has}", _WEIGHTS[name], 0.25 if has is None else float(has == wanted)))
    if request.bpm:
        near = 0.25 if asset.bpm is None else max(0.0, 1 - abs(math.log2(asset.bpm / request.bpm)) / math.log2(1.15))
        fits.append((f"{asset.bpm or 0:g} BPM", _WEIGHTS["bpm"], near))
    words = _words(request.prompt)
    if words:
        had = _words(str(asset.generation_config.get("prompt", "")) + " " + asset.name)
        fits.append(("the same words", _WEIGHTS["prompt"], len(words & had) / len(words)))
    if fits and asset.duration_s:
        near = max(0.0, 1 - abs(math.log2(asset.duration_s / request.seconds)))
        fits.append((f"{asset.duration_s:.0f} s", _WEIGHTS["seconds"], near))
    whole = sum(weight for _, weight, _ in fits)
    share = sum(weight * fit for _, weight, fit in fits) / whole if whole else 0.0
    return Likeness(asset, round(share, 3), tuple(text for text, _, fit in fits if fit >= 0.75))


def _words(text: str) -> set[str]:
    return {word for word in text.casefold().replace(",", " ").replace(".", " ").split() if len(word) >= _SMALL}
