"""What is liked: the order of the Popular view, and which piece of a template was liked best."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Literal

from core.kit.errors import UserError
from core.music.templates.types import Best, Template
from core.store.template_uses import Piece

By = Literal["use", "kept"]
ORDERS: tuple[By, ...] = ("use", "kept")
_Z = 1.96
"""95 % confidence"""


def at_least(kept: int, done: int) -> float:
    """Lower end of the Wilson score interval: 0 where nothing was made, and little where little was."""
    if done == 0:
        return 0.0
    rate, z2 = kept / done, _Z * _Z
    middle = rate + z2 / (2 * done)
    spread = _Z * math.sqrt(rate * (1 - rate) / done + z2 / (4 * done * done))
    return max(0.0, (middle - spread) / (1 + z2 / done))


def ranked(found: Iterable[Template], by: str = "use") -> list[Template]:
    """The most used first, or those of which most is kept for certain. Of equals the better rated, then by name."""
    if by not in ORDERS:
        raise UserError(f"Nothing is ordered by {by[:40]!r}.", f"Choose one of: {', '.join(ORDERS)}.")

    def place(one: Template) -> tuple[Any, ...]:
        use, kept = -one.usage_count, -one.kept_at_least
        return (*((use, kept) if by == "use" else (kept, use)), -(one.rating or 0.0), one.name.casefold(), one.id)

    return sorted(found, key=place)


def best_of(pieces: Iterable[Piece]) -> Best | None:
    """Exported or marked before rated, rated before measured, measured before merely kept; of equals the newest."""
    chosen = max(pieces, key=lambda one: (one.liked, one.rating, _score(one), one.created_at), default=None)
    if chosen is None or chosen.config.get("seed") is None:
        return None
    score = _score(chosen)
    why = (
        "exported or marked as a favourite" if chosen.liked
        else f"rated {chosen.rating} of 5" if chosen.rating
        else f"measured at {score:g}" if score
        else "kept"
    )  # fmt: skip
    config = chosen.config
    return Best(
        str(config.get("provider", "")), str(config.get("model", "")), int(config["seed"]), chosen.version, why,
        chosen.asset_id,
    )  # fmt: skip


def _score(piece: Piece) -> float:
    """As the quality measure wrote it beside the piece; 0 where nothing was measured."""
    quality = piece.config.get("quality")
    score = quality.get("score") if isinstance(quality, dict) else None
    return float(score) if isinstance(score, int | float) and math.isfinite(score) else 0.0
