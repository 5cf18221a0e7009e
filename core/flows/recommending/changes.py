"""Cues in a person's hands: another tempo, another end, one made two, two made one. What was chosen stays as it is; what
follows from it (the bars, how the cuts land, what else there is to choose) is counted anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from core.flows.recommending import cues as cueing
from core.flows.recommending import rules, tempo
from core.flows.recommending.cues import Cue
from core.flows.recommending.types import Kept, Recommendation
from core.kit.errors import UserError
from core.video.types import Clip, Scene

SHORTEST_S = 1.0
_TOUCHES_S = 0.05


def cue_of(number: int, values: dict[str, Any]) -> Cue:
    """From outside; one UserError that names the cue and its first value that cannot work."""
    try:
        cue = Cue.model_validate({name: value for name, value in values.items() if name in Cue.model_fields})
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UserError(f"Cue {number}, {where}: {first['msg']}.", "Correct that value.", "cue") from None
    if cue.seconds < SHORTEST_S:
        raise UserError(
            f"Cue {number} would be {max(0.0, cue.seconds):.2f} s long.", "Give it a second or more.", "cue"
        )
    return cue


def under(clip: Clip, cue: Cue) -> list[Scene]:
    """The scenes it lies under; where it touches none, the one it begins in."""
    found = [s for s in clip.scenes if s.start_s < cue.end_s - _TOUCHES_S and s.end_s > cue.start_s + _TOUCHES_S]
    return found or [min(clip.scenes, key=lambda scene: abs(scene.start_s - cue.start_s))]


def offered(clip: Clip, cue: Cue, kept: Sequence[Kept] = ()) -> Recommendation:
    """What is recommended for what it lies under, whatever was chosen."""
    return rules.for_stretch(clip, under(clip, cue), kept)


def refitted(clip: Clip, cue: Cue) -> Cue:
    """With the values it has: its scenes, its bars, and how near the cuts are to them now."""
    scenes = under(clip, cue)
    fit = tempo.landings(cue.bpm, _cuts(scenes, cue), clip.fps, cue.start_s)
    bars = cue.seconds * cue.bpm / 60 / tempo.BEATS_PER_BAR
    return cue.model_copy(
        update={"scenes": tuple(s.number for s in scenes), "bars": round(bars, 3), "landing": fit.says()}
    )


def on_the_cuts(clip: Clip, cue: Cue) -> Cue:
    """The tempo nearest to its own with which it ends with a bar, and its cuts fall on beats where they can."""
    inside = [at - cue.start_s for at in _cuts(under(clip, cue), cue)[:-1]]
    bpm, _ = tempo.filling(cue.seconds, cue.bpm, inside, clip.fps, cueing.MOST_BEND)
    return refitted(clip, cue.model_copy(update={"bpm": round(min(220.0, max(40.0, bpm)), 4)}))


def taken(clip: Clip, cue: Cue, recommendation: Recommendation) -> Cue:
    """The cue as it is recommended: mood, genre, intensity and tempo, on its cuts. Its place, key and seed stay."""
    wanted = {
        "mood": recommendation.mood, "genre": recommendation.genre, "intensity": recommendation.intensity,
        "bpm": recommendation.bpm, "under_speech": recommendation.under_speech, "why": recommendation.why,
    }  # fmt: skip
    return on_the_cuts(clip, cue.model_copy(update=wanted))


def split(clip: Clip, cue: Cue, at_s: float, kept: Sequence[Kept] = ()) -> tuple[Cue, Cue]:
    """Two cues, each as it is recommended for what it lies under."""
    if not cue.start_s + SHORTEST_S <= at_s <= cue.end_s - SHORTEST_S:
        raise UserError(
            f"It cannot be split at {at_s:.2f} s.", "Both parts need a second or more: choose a cut within it.", "cue"
        )
    first = cue.model_copy(update={"end_s": at_s, "ending": "cut"})
    second = cue.model_copy(update={"start_s": at_s})
    made = [taken(clip, each, offered(clip, each, kept)) for each in (first, second)]
    return made[0], made[1]


def joined(clip: Clip, first: Cue, second: Cue) -> Cue:
    """One cue with the first one's music, as long as both."""
    return on_the_cuts(clip, first.model_copy(update={"end_s": second.end_s, "ending": second.ending}))


def _cuts(scenes: Sequence[Scene], cue: Cue) -> list[float]:
    """The cuts within it, and its end."""
    return [*(s.start_s for s in scenes if cue.start_s + _TOUCHES_S < s.start_s < cue.end_s - _TOUCHES_S), cue.end_s]
