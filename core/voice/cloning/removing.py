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
"""The kind of query that deletes a service's copies of a voice: `voice`, the service's id or "", and `of`, the studio's id
of a voice where all its copies are to go, also one whose making was never confirmed."""


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
    with store.db.write() as connection:
        row = _find(connection, actor, voice_id)
        # First of all it is gone: a lesson that ends from here on keeps nothing, and takes its copy back itself.
        voices.change(connection, voice_id, deleted_at=row.deleted_at or now(), active=False)
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
            connection, voice_id, characteristics={}, sample_text="",
            engines={name: _copies(row, name) for name in left},
            licence=consents.withdrawn(row.licence) if takes_back else row.licence,
        )  # fmt: skip
        audit.add(
            connection, actor, "voice.deleted", "voice", voice_id, name=row.name, files=len(files), left=sorted(left)
        )
        if takes_back:
            audit.add(connection, actor, "consent.withdrawn", "voice", voice_id, name=row.name)
        remaining = assets.pieces_among(connection, _speaking(connection, voice_id))
    drop(store, gone)
    return Gone(voice_id, len(files), tuple(remaining), left)


def _find(connection: Any, actor: Actor, voice_id: str) -> VoiceRow:
    """Also one that is deleted already: a service's copy may be left, or the consent be withdrawn later."""
    row = voices.find(connection, voice_id, hold=True)
    if row is None or (row.user_id != actor.user_id and not actor.is_admin):
        raise NotFound(
            f"There is no voice {voice_id[:60]!r} of yours.", "List yours with: studio clone list", "no_voice"
        )
    return row


def _speaking(connection: Any, voice_id: str) -> list[str]:
    """Everything it is heard in: pieces, and what was made of those."""
    found: dict[str, None] = {}
    pending = [voice_id]
    while pending:
        for asset_id in assets.made_from(connection, pending.pop()):
            if asset_id not in found:
                found[asset_id] = None
                pending.append(asset_id)
    return list(found)


def _services(registry: Registry, direct: DirectCalls, actor: Actor, row: VoiceRow) -> dict[str, str]:
    """Copies at services, asked to be deleted; answers why where one was not. Every service that was ever asked to learn
    it counts: it may have made a copy that nobody heard of."""
    able = {info.name for info in registry.known(REMOVAL)}
    left = {}
    for name in sorted({*row.engines, *row.services} & able):
        copies = _copies(row, name)
        requests = [{"voice": copies["voice"], "of": row.id}, *({"voice": each} for each in copies["older"])]
        reasons = (refused(registry, direct, actor, name, request) for request in requests)
        reason = next((each for each in reasons if each), "")
        if reason:
            left[name] = reason
    return left


def clear(store: Store, registry: Registry, direct: DirectCalls, actor: Actor, voice_id: str) -> None:
    """Of a voice that was deleted meanwhile: the services once more. What one refuses is noted, for the next deletion."""
    with store.db.read() as connection:
        row = voices.find(connection, voice_id)
    if row is None:
        return
    left = _services(registry, direct, actor, row)
    with store.db.write() as connection:
        voices.change(connection, voice_id, engines={name: _copies(row, name) for name in left})


def _copies(row: VoiceRow, name: str) -> dict[str, Any]:
    learned = row.engines.get(name, {})
    return {"voice": str(learned.get("voice") or ""), "older": [str(each) for each in learned.get("older", ())]}


def refused(registry: Registry, direct: DirectCalls, actor: Actor, name: str, request: dict[str, str]) -> str:
    """Why the service did not delete it; "" where it did, or where nobody can ask it."""
    if name not in {info.name for info in registry.known(REMOVAL)}:
        return ""
    try:
        direct.query(actor, REMOVAL, request, provider=name)
    except StudioError as error:
        return error.message
    return ""


def tidy(store: Store, registry: Registry, direct: DirectCalls, actor: Actor, voice_id: str) -> None:
    """Delete what a new lesson put out of use. What a service refuses stays noted, and goes with the voice at the latest."""
    with store.db.read() as connection:
        row = voices.find(connection, voice_id)
    for name, learned in {} if row is None else row.engines.items():
        gone = [
            each for each in learned.get("older", ()) if not refused(registry, direct, actor, name, {"voice": each})
        ]
        if not gone:
            continue
        with store.db.write() as connection:
            now_held = voices.find(connection, voice_id, hold=True)
            if now_held is None or name not in now_held.engines:
                continue
            kept = dict(now_held.engines[name])
            older = [each for each in kept.pop("older", ()) if each not in gone]
            engine = kept | ({"older": older} if older else {})
            voices.change(connection, voice_id, engines=now_held.engines | {name: engine})
