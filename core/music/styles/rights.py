"""Whose tracks a style may be learned from: the user's own, by what the library says and by what he declares."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from core.kit.actor import Actor
from core.kit.clock import now
from core.kit.errors import RightsError, UserError
from core.store import assets, voices
from core.store.assets import Asset

FEWEST, MOST = 3, 50
OWNED = ("own-work", "uploaded-own")
"""Licences by which the track is its uploader's or maker's own, to be worked on and sold as he likes."""
STATEMENT = (
    "I own these tracks, or hold all rights in them, and may have works derived from them made and used commercially. "
    "Nobody else's work or voice is copied by learning a style from them."
)


def declared(actor: Actor, agreed: bool) -> dict[str, Any]:
    """The record of it. RightsError where nobody declares."""
    if not agreed:
        raise RightsError(
            "Nobody has said that these tracks may be learned from.",
            f"Declare it (the tick box, --rights, or `rights`): “{STATEMENT}”", "no_rights",
        )  # fmt: skip
    return {
        "statement": STATEMENT, "sha256": hashlib.sha256(STATEMENT.encode()).hexdigest(), "by": actor.user_id,
        "at": now().isoformat(),
    }  # fmt: skip


def tracks(connection: Any, actor: Actor, asset_ids: Sequence[str]) -> list[Asset]:
    """The tracks, if all may be learned from. UserError or RightsError that names the first that may not and says why."""
    wanted = list(dict.fromkeys(asset_ids))
    if not FEWEST <= len(wanted) <= MOST:
        raise UserError(
            f"{len(wanted)} tracks cannot make a style.", f"Choose {FEWEST} to {MOST} different ones.", "tracks"
        )
    found = [assets.get(connection, actor, asset_id) for asset_id in wanted]
    for asset in found:
        _may(connection, actor, asset)
    return found


def _may(connection: Any, actor: Actor, asset: Asset) -> None:
    if asset.user_id != actor.user_id:
        raise RightsError(f"“{asset.name}” is somebody else's.", "Choose tracks of your own.", "not_yours")
    if asset.deleted_at is not None:
        raise UserError(f"“{asset.name}” is in the bin.", "Restore it first, or choose another.")
    spoken = any(link.role == voices.SOURCE_ROLE for link in assets.sources_of(connection, asset.id))
    if asset.kind != "music" or spoken or asset.duration_s is None:
        raise UserError(f"“{asset.name}” is no piece of music.", "A style is learned from music, never from voices.")
    if asset.licence.get("id") not in OWNED:
        raise RightsError(
            f"“{asset.name}” cannot be learned from: {asset.licence.get('title', 'its rights are unknown')} does not make "
            "it yours to have works derived from it sold.",
            "Leave it out. If it is your own work, declare that in the Library first.", "not_owned",
        )  # fmt: skip
