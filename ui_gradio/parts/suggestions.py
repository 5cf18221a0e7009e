"""Where the page gets its suggestions from, and how it shows them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from core.app import Studio
from core.flows.recommending.cues import Cue
from core.flows.recommending.types import Kept, Recommendation
from core.kit.actor import Actor
from core.store.jobs import Job
from ui_gradio.parts.rows import first_sound, job_row


def kept(studio: Studio, actor: Actor) -> tuple[Kept, ...]:
    return studio.recommending.kept(actor)


def for_clip(studio: Studio, actor: Actor, clip_id: str, seed: int, *, one: bool) -> tuple[Cue, ...]:
    return studio.recommending.for_clip(actor, clip_id, seed=seed, one=one)


def for_scene(studio: Studio, actor: Actor, scene_id: str) -> Recommendation:
    return studio.recommending.for_scene(actor, scene_id)


def scene_price(studio: Studio, actor: Actor, scene_id: str, provider: str) -> Decimal:
    """The most that one scene's music can cost."""
    said = for_scene(studio, actor, scene_id)
    engine = {"provider": provider} if provider else {}
    seconds = min(600.0, max(3.0, said.seconds))
    return studio.music.estimate(
        actor, mood=said.mood, genre=said.genre, intensity=said.intensity, bpm=said.bpm, seconds=seconds, **engine
    ).usd


def scene_music(studio: Studio, actor: Actor, scene_id: str, provider: str, usd: Decimal) -> Job:
    """One scene's music alone, for no more than `usd`."""
    return studio.recommending.generate(
        actor, scene_id, provider=provider or None, priority="urgent", cap_usd=usd or None
    )


def made(studio: Studio) -> Callable[[Actor, dict[str, Any]], dict[str, Any]]:
    """For the page's scripts: what became of a job for music, and its sound once it is there."""

    def made(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        job = studio.jobs.show(actor, str(data.get("job", "")))
        row = job_row(studio, job)
        return {
            "live": row["live"], "cause": f"{row['cause']} {row['remedy']}".strip(), "stage": row["stage"], "pct": row["pct"],
            "sound": None if row["live"] else first_sound(studio, actor, job),
        }  # fmt: skip

    return made


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
