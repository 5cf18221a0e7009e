"""What a job is told of the suggestion it is made from, and what a person changed in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.flows.recommending import rules
from core.flows.recommending.cues import Cue, suggested
from core.flows.recommending.types import Choice, Kept, Recommendation
from core.music.filling import OfSuggestion
from core.store import suggestions
from core.video import scene_types
from core.video.types import Clip, Scene

_SAME_BPM = 0.02
"""Tempos nearer than this, as a share, are told as one: pages and people round."""


def values_of(said: Recommendation, genre: str = "") -> dict[str, Any]:
    """Of a request for music. With a genre that somebody chose instead: as it stands among the choices; else its tempo
    is the engine's own."""
    if genre and genre != said.genre:
        for choice in said.choices:
            if choice.genre == genre:
                return _fields(choice)
        return {"mood": said.mood, "genre": genre, "intensity": said.intensity}
    return _fields(said)


def for_scene(clip_id: str, scene: Scene, said: Recommendation, made: Mapping[str, Any]) -> OfSuggestion:
    """`made`: what a person said of the piece; what is not among that is made as it is suggested."""
    kind, _, _ = scene_types.classify(scene.features)
    return _told(clip_id, scene.id, kind, _fields(said), made)


def for_cue(clip_id: str, clip: Clip, cue: Cue, kept: Sequence[Kept] = (), planned: Sequence[Cue] = ()) -> OfSuggestion:
    """Beside what would be suggested for the same scenes: in the clip's plan, or for them alone where it has no such cue."""
    under = [scene for scene in clip.scenes if scene.number in cue.scenes] or [
        scene for scene in clip.scenes if scene.start_s < cue.end_s and scene.end_s > cue.start_s
    ]
    under = under or [clip.scenes[-1]]
    kind, _, _ = scene_types.classify(rules.merged(under))
    said = next((each for each in planned if each.scenes == cue.scenes), None) or suggested(clip, under, kept)
    return _told(clip_id, under[0].id, kind, _fields(said), _fields(cue))


def _told(clip_id: str, scene_id: str, kind: str, said: Mapping[str, Any], made: Mapping[str, Any]) -> OfSuggestion:
    changed = [name for name in suggestions.FIELDS if name in made and not _same(said[name], made[name])]
    return OfSuggestion({"scene_id": scene_id, "clip_id": clip_id, "scene_type": kind, **said, "changed": changed})


def _fields(of: Choice | Recommendation | Cue) -> dict[str, Any]:
    return {name: getattr(of, name) for name in suggestions.FIELDS}


def _same(said: Any, made: Any) -> bool:
    if isinstance(said, int | float) and isinstance(made, int | float):
        return abs(made - said) <= _SAME_BPM * abs(said)
    return bool(said == made)
