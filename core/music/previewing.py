"""A preview: a draft of at most ten seconds on the embedded engine, whichever the piece itself is for; where that is not
ready, on the cheapest that is. One rule for the page and every path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.kit.errors import SetupError, StudioError, UserError
from core.music.engines import EMBEDDED, Engines
from core.music.types import MusicRequest
from core.store.jobs import Job

PREVIEW_S = 10.0
_OF_THE_PIECE = frozenset({"provider", "quality", "model", "best_of", "min_score", "fresh"})
"""Says who makes the piece, and how often: a preview has its own answer to that."""


@dataclass(frozen=True)
class Preview:
    job: Job
    engine: str
    usd: Decimal
    """The most it can cost."""


def asked(values: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in values.items() if name not in _OF_THE_PIECE}
    return kept | {"draft": True, "stems": False}


def chosen(engines: Engines, request: MusicRequest) -> tuple[str, float, Decimal]:
    """Engine, seconds to ask of it, and the most that costs. The embedded one is asked for the whole piece: of a draft it
    plays the ten seconds that are most itself. UserError for what it cannot make, SetupError where nobody can."""
    wrong: UserError | None = None
    able: list[tuple[str, float, Decimal]] = []
    for state in engines.in_order():
        name = state.info.name
        seconds = request.seconds if name == EMBEDDED else min(PREVIEW_S, request.seconds)
        short = request.model_copy(update={"seconds": seconds})
        if not state.ready:
            continue
        try:
            engines.check(name, short)
            usd = engines.quote(name, short).usd
        except StudioError as error:
            wrong = error if isinstance(error, UserError) and name == EMBEDDED else wrong
            continue
        if name == EMBEDDED:
            return name, seconds, usd
        able.append((name, seconds, usd))
    if able:
        return min(able, key=lambda each: each[2])
    raise wrong or SetupError("No engine that is ready can make a preview of this.", "Run: studio doctor", "no_preview")
