"""A voice's new name, told to the services that hold a copy of it. The name here never waits for theirs."""

from __future__ import annotations

from core.calls.direct import DirectCalls
from core.kit.actor import Actor
from core.kit.errors import StudioError
from core.providers.registry import Registry
from core.store import voices
from core.store.store import Store
from core.store.voices import VoiceRow

RENAMING = "voice_renaming"
"""The kind of query that renames a service's copy of a voice."""
NOT_RENAMED = "not_renamed"


def rename(store: Store, registry: Registry, direct: DirectCalls, actor: Actor, row: VoiceRow) -> VoiceRow:
    """A service that does not take the name is noted with the voice, until it does."""
    able = {info.name: info.title for info in registry.known(RENAMING)}
    failed: dict[str, StudioError] = {}
    asked = {
        name: str(learned["voice"]) for name, learned in row.engines.items() if name in able and learned.get("voice")
    }
    for name, copy in asked.items():
        request = {"voice": copy, "name": row.name, "description": row.description}
        try:
            direct.query(actor, RENAMING, request, provider=name)
        except StudioError as error:
            message = f"At {able[name]} the voice keeps its old name or description: {error.message}"
            failed[name] = StudioError(message, "Save the name once more to try again.", NOT_RENAMED)
    if not asked:
        return row
    with store.db.write() as connection:
        row = voices.get(connection, actor, row.id, hold=True)
        notes = dict((row.error or {}).get("engines", {}))
        notes = {name: note for name, note in notes.items() if name not in asked or note.get("code") != NOT_RENAMED}
        notes |= {name: error.as_dict() for name, error in failed.items()}
        others = {name: value for name, value in (row.error or {}).items() if name != "engines"}
        voices.change(connection, row.id, error=(others | ({"engines": notes} if notes else {})) or None)
        return voices.get(connection, actor, row.id)
