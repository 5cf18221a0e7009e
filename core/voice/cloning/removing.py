"""The end of a voice: what is deleted, what a service may still hold, what remains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.calls.direct import DirectCalls
from core.kit.actor import Actor
from core.kit.clock import now
from core.kit.errors import NotFound, StudioError
from core.providers.registry import Registry
from core.rights import consent as consents
from core.store import assets, audit, teams, voices
from core.store.store import Store, drop
from core.store.voices import VoiceRow

REMOVAL = "voice_removal"
"""The kind of query that deletes a service's copy of a voice."""


@dataclass(frozen=True)
class Gone:
    """What deleting a voice left behind."""

    voice_id: str
    files: int
    """References, consent recording and profiles that were deleted."""
    remaining: tuple[tuple[str, str], ...]
    """(id, name) of the finished pieces it speaks in."""
    left: dict[str, str]
    """By service: why its copy could not be deleted. Deleting the voice once more tries again."""


def remove(
    store: Store, registry: Registry, direct: DirectCalls, actor: Actor, voice_id: str, *, withdraw: bool
) -> Gone:  # fmt: skip
    with store.db.read() as connection:
        row = _find(connection, actor, voice_id)
    left = _services(registry, direct, actor, row)
    with store.db.write() as connection:
        row = _find(connection, actor, voice_id)
        files = voices.files_of(connection, voice_id)
        gone = voices.take_out(connection, [file.id for file in files])
        for asset_id in assets.drafts_among(connection, assets.made_from(connection, voice_id)):
            blob = assets.remove(connection, asset_id)
            gone += [] if blob is None else [blob]
        teams.unshare(connection, "voice", [voice_id])
        takes_back = withdraw and not row.licence.get("withdrawn")
        voices.change(
            connection, voice_id, deleted_at=row.deleted_at or now(), active=False, characteristics={}, sample_text="",
            engines={name: {"voice": row.engines[name].get("voice", "")} for name in left},
            licence=consents.withdrawn(row.licence) if takes_back else row.licence,
        )  # fmt: skip
        audit.add(
            connection, actor, "voice.deleted", "voice", voice_id, name=row.name, files=len(files), left=sorted(left)
        )
        if takes_back:
            audit.add(connection, actor, "consent.withdrawn", "voice", voice_id, name=row.name)
        remaining = assets.pieces_among(connection, assets.made_from(connection, voice_id))
    drop(store, gone)
    return Gone(voice_id, len(files), tuple(remaining), left)


def _find(connection: Any, actor: Actor, voice_id: str) -> VoiceRow:
    """Also one that is deleted already: a service's copy may be left, or the consent be withdrawn later."""
    row = voices.find(connection, voice_id)
    if row is None or (row.user_id != actor.user_id and not actor.is_admin):
        raise NotFound(
            f"There is no voice {voice_id[:60]!r} of yours.", "List yours with: studio clone list", "no_voice"
        )
    return row


def _services(registry: Registry, direct: DirectCalls, actor: Actor, row: VoiceRow) -> dict[str, str]:
    """Copies at services, asked to be deleted; answers why where one was not."""
    left = {}
    known = {info.name for info in registry.known(REMOVAL)}
    for name, learned in row.engines.items():
        if not learned.get("voice") or name not in known:
            continue
        try:
            direct.query(actor, REMOVAL, {"voice": learned["voice"]}, provider=name)
        except StudioError as error:
            left[name] = error.message
    return left
