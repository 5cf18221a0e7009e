"""What a project is made for, and whether what is heard in it may be used so: asked while it is edited and before it is rendered."""

from __future__ import annotations

from typing import Any

from core.kit.actor import Actor
from core.rights import gate
from core.rights.gate import Use, Verdict
from core.sound.sounding import heard
from core.sound.types import Document, PlannedUse
from core.store import assets


def use_of(plan: PlannedUse, project_id: str) -> Use:
    given = plan.model_dump(exclude={"on"}) | ({"on": plan.on} if plan.on else {})
    return Use(**given, project=project_id)


def verdicts(connection: Any, actor: Actor, document: Document, use: Use) -> tuple[Verdict, ...]:
    """Whoever renders it owns what comes of it, so it is the actor who has to hold the licences. A sound that is gone is no
    question of rights."""
    ids = dict.fromkeys(clip.asset_id for track in heard(document) for clip in track.clips)
    there = [found for each in ids if (found := assets.source(connection, each)) is not None]
    return gate.before_mixing(connection, actor.user_id, there, use)


def verdict(connection: Any, actor: Actor, project_id: str, document: Document) -> Verdict | None:
    """None where nobody said what the project is for."""
    if document.planned_use is None:
        return None
    return gate.together(verdicts(connection, actor, document, use_of(document.planned_use, project_id)))


def cleared(
    connection: Any, actor: Actor, project_id: str, name: str, document: Document, *, draft: bool
) -> dict[str, Any]:
    """What a render keeps of it, under `planned_use`; nothing without a plan. RightsError for a final one that lacks something:
    a draft is for trying, so it goes through and says what it lacks."""
    found = verdict(connection, actor, project_id, document)
    if found is None or document.planned_use is None:
        return {}
    if not found.allowed and not draft:
        raise gate.refusal(name, use_of(document.planned_use, project_id), found)
    told = {"cleared": found.allowed, "missing": list(found.reasons), "steps": list(found.steps)}
    return {"planned_use": document.planned_use.model_dump(mode="json") | told}
