"""The audit trail, read: everybody his own, administrators all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.kit.actor import Actor
from core.kit.errors import UserError
from core.store import audit, users
from core.store.store import Store

MOST = 1000
_WORDS = {
    "sign_in.succeeded": "signed in", "sign_in.failed": "failed to sign in", "sign_out.here": "signed out",
    "sign_out.everywhere": "signed out everywhere", "user.added": "added a user", "user.disabled": "disabled a user",
    "user.enabled": "let a user in again", "user.tier": "changed a user's tier", "user.admin": "changed who administers",
    "user.password": "changed a password", "token.created": "made a token", "token.revoked": "revoked a token",
    "team.created": "made a team", "team.invited": "invited to a team", "team.joined": "joined a team",
    "team.invitation_withdrawn": "withdrew an invitation", "team.role": "changed a role",
    "team.removed": "put somebody out of a team", "team.left": "left a team", "team.deleted": "deleted a team",
    "share.given": "shared", "share.ended": "stopped sharing", "asset.binned": "moved to the bin",
    "asset.restored": "restored from the bin", "asset.purged": "deleted for good", "project.deleted": "deleted a project",
    audit.PURCHASE: "bought",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    at: datetime
    user_id: str
    user: str
    action: str
    words: str
    noun: str
    subject_id: str
    detail: dict[str, Any]
    address: str


class Audit:
    def __init__(self, store: Store) -> None:
        self._store = store

    def list(
        self,
        actor: Actor,
        *,
        user_id: str | None = None,
        actions: Sequence[str] = (),
        since: datetime | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> list[Line]:
        """Newest first, with the purchases from the ledger."""
        if not 1 <= limit <= MOST or not 0 <= offset <= 1_000_000:
            raise UserError(f"A page of {limit} from {offset} is not possible.", f"Ask for 1 to {MOST} lines.")
        of = user_id if actor.is_admin else actor.user_id
        with self._store.db.read() as connection:
            found = audit.listing(connection, user_id=of, actions=actions, since=since, limit=limit, offset=offset)
            known = users.names(connection)
        return [
            Line(
                one.created_at, one.user_id, known.get(one.user_id, one.user_id), one.action,
                _WORDS.get(one.action, one.action), one.noun, one.subject_id, one.detail, one.address,
            )
            for one in found
        ]  # fmt: skip
