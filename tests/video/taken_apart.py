"""A clip as if it had been taken apart, for tests of what comes after."""

from __future__ import annotations

from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.clock import new_id
from core.store import clips
from tests.flows.recommending.test_rules import KINDS
from tests.flows.recommending.test_rules import clip as clip_of_scenes

_IN_COLUMNS = frozenset({"id", "number", "start_s", "end_s", "type"})


def put(studio: Studio, *kinds: str, actor: Actor = LOCAL, seconds: float = 4.0) -> tuple[str, list[str]]:
    """Scenes of these kinds, each a second longer than the one before: (id of the clip, their ids)."""
    clip = clip_of_scenes(*((seconds + number, KINDS[kind]) for number, kind in enumerate(kinds)))
    whole = clip.model_dump(mode="json")
    rows = [
        (
            {name: scene[name] for name in _IN_COLUMNS - {"id"}}
            | {"facts": {name: value for name, value in scene.items() if name not in _IN_COLUMNS}},
            b"\xff\xd8",
        )
        for scene in whole.pop("scenes")
    ]
    values = {
        "asset_id": new_id("asset"), "name": "A film", "job_id": new_id("job"), "seconds": clip.seconds, "facts": whole,
        "user_id": actor.user_id, "organisation_id": actor.organisation_id,
    }  # fmt: skip
    with studio.store.db.write() as connection:
        return clips.add(connection, values, rows)
