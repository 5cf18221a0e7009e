"""The child's part of speaking with a matched voice: a file of the base voice in, a levelled file and its likeness out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.kit.errors import UserError
from core.voice.levelled import LevelledFile
from core.voice.matching.laying import lay
from core.voice.matching.likeness import LABEL, likeness
from core.voice.matching.profile import Profile, measure

_HEARD_S = 20.0
"""Of long speech, for the likeness."""
_WINDOW_S = 120.0


@dataclass(frozen=True)
class LayRequest:
    spoken: Path
    out: Path
    profile: Profile
    base: Profile


@dataclass(frozen=True)
class Laid:
    duration_s: float
    likeness: dict[str, Any]
    """As Likeness.as_dict(); where too little is spoken to be measured only `label` and `sentence`."""


def make(request: LayRequest, progress: Callable[[str, float], None]) -> Laid:
    from core.audio import files

    spoken = files.decode(request.spoken, mono=True)
    laid, rate = lay(
        spoken.samples, spoken.sample_rate, request.profile, request.base,
        lambda fraction: progress("matching the voice", 0.8 * fraction),
    )  # fmt: skip
    progress("measuring", 0.8)
    with LevelledFile(request.out, rate, 0.0) as out:
        size = round(_WINDOW_S * rate)
        # The last window takes a short rest with it: a second of sound has no loudness of its own.
        starts = range(0, max(1, laid.shape[1] - size // 4), size)
        for number, start in enumerate(starts):
            out.add(laid[:, start : None if number == len(starts) - 1 else start + size])
    made = files.decode(request.out, mono=True)
    seconds = made.samples.shape[1] / rate
    return Laid(seconds, _likeness(request, (spoken.samples, spoken.sample_rate), (made.samples, rate)))


def _likeness(request: LayRequest, before: Any, after: Any) -> dict[str, Any]:
    heard = []
    for samples, rate in (before, after):
        try:
            heard.append(measure([(samples[:, : round(_HEARD_S * rate)], rate)]))
        except UserError:
            return {"label": LABEL, "sentence": f"{LABEL}: the text is too short to measure how near it came."}
    return likeness(heard[0], heard[1], request.profile).as_dict()
