"""Clips whose scenes are known, without looking at a film: rows as a taking apart leaves them."""

from __future__ import annotations

from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.clock import now
from core.store import clips
from core.store import jobs as job_rows
from core.video.types import Clip, Features, Scene

FEATURES = Features(
    lufs=-20, energy=0.5, speech=0, centroid_hz=2000, motion=0.6, motion_heights_s=0.3, brightness=0.6, contrast=0.5,
    warmth=0.1, saturation=0.5, flat=0.1, face=0, face_height=0, cuts_per_minute=20, position=0.5,
)  # fmt: skip
RULE = {
    "name": "Music for every clip",
    "trigger": {"type": "event", "event": "scenes_processed"},
    "actions": [{"type": "generate_music_for_scenes", "config": {"useRecommendations": True, "provider": "composer"}}],
}


def apart(studio: Studio, name: str = "holiday", actor: Actor = LOCAL, scenes: int = 2) -> str:
    """Id of a clip of three-second scenes, the job that found them done a moment ago."""
    job = studio.jobs.submit(actor, "scenes", {"asset_id": "asset_x"}, title=f"Scenes of {name}")
    found = [
        Scene(number=n + 1, start_s=3.0 * n, end_s=3.0 * n + 3, first_frame=72 * n, frames=72, opened="cut", features=FEATURES,
              type="action", confidence=0.8, why="it moves")
        for n in range(scenes)
    ]  # fmt: skip
    whole = Clip(seconds=3.0 * scenes, fps=24, width=640, height=360, scenes=())
    values = {
        "asset_id": "asset_x", "name": name, "job_id": job.id, "seconds": whole.seconds,
        "facts": whole.model_dump(mode="json", exclude={"scenes"}), "user_id": actor.user_id, "organisation_id": "",
    }  # fmt: skip
    columns = {"number", "start_s", "end_s", "type"}
    rows = [
        (each.model_dump(include=columns) | {"facts": each.model_dump(mode="json", exclude={*columns, "id"})}, b"jpeg")
        for each in found
    ]
    with studio.store.db.write() as connection:
        clip_id, ids = clips.add(connection, values, rows)
        result = {"clip_id": clip_id, "asset_id": "asset_x", "scenes": ids}
        job_rows.change(connection, job.id, status=job_rows.DONE, finished_at=now(), result=result)
    return clip_id


def batches_of(studio: Studio, actor: Actor = LOCAL) -> list[job_rows.Job]:
    return [job for job in studio.jobs.list(actor, limit=100, roots_only=True) if job.kind == "batch"]
