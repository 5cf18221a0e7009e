"""Where the page gets its suggestions from, and how it shows them."""

from __future__ import annotations

from typing import Any

from core.app import Studio
from core.flows.recommending import cues, rules
from core.flows.recommending.cues import Cue
from core.flows.recommending.types import Kept, Recommendation
from core.kit.actor import Actor
from core.store.jobs import Job


def kept(_studio: Studio, _actor: Actor) -> tuple[Kept, ...]:
    """What this user kept before."""
    return ()


def for_clip(studio: Studio, actor: Actor, clip_id: str, seed: int, *, one: bool) -> tuple[Cue, ...]:
    return cues.plan(studio.video.clip(actor, clip_id)[1], seed=seed, one=one, kept=kept(studio, actor))


def for_scene(studio: Studio, actor: Actor, scene_id: str) -> Recommendation:
    _, clip, scene = studio.video.scene(actor, scene_id)
    return rules.for_scene(clip, scene, kept(studio, actor))


def scene_music(studio: Studio, actor: Actor, scene_id: str, provider: str) -> Job:
    """One scene's music alone."""
    said = for_scene(studio, actor, scene_id)
    values: dict[str, Any] = {"provider": provider} if provider else {}
    return studio.music.compose(
        actor, priority="urgent", mood=said.mood, genre=said.genre, intensity=said.intensity, bpm=said.bpm,
        seconds=max(3.0, said.seconds), name=f"Scene music: {said.mood} {said.genre}", **values,
    )  # fmt: skip


def told(found: Recommendation) -> dict[str, Any]:
    """A recommendation as the page shows it, with its alternatives."""
    return {
        "what": f"{found.mood.capitalize()} {found.genre}, {found.bpm:.1f} BPM, {found.intensity} intensity",
        "why": found.why, "landing": found.landing, "sure": round(100 * found.confidence), "speech": found.under_speech,
        "learned": list(found.learned),
        "choices": [
            {"mood": each.mood, "genre": each.genre, "intensity": each.intensity, "bpm": each.bpm,
             "share": round(100 * each.share), "why": each.why}
            for each in found.choices
        ],
    }  # fmt: skip
