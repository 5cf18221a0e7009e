"""The voices somebody marked in the gallery: ids, in the order they were marked."""

from __future__ import annotations

from core.kit.actor import Actor
from core.kit.errors import UserError
from core.store import preferences
from core.store.store import Store
from core.voice.book import VoiceBook

_NAME = "voice_favourites"
_MOST = 500


class Favourites:
    def __init__(self, store: Store, book: VoiceBook) -> None:
        self._store = store
        self._book = book

    def listing(self, actor: Actor) -> list[str]:
        """Also of voices that are not there now: a service may be away, and come back."""
        with self._store.db.read() as connection:
            return list(preferences.read(connection, _NAME, [], actor.user_id))

    def add(self, actor: Actor, voice: str) -> list[str]:
        """By id or name; NotFound for a voice that is not there."""
        return self._change(actor, self._book.find(actor, voice).id, marked=True)

    def remove(self, actor: Actor, voice_id: str) -> list[str]:
        return self._change(actor, voice_id, marked=False)

    def _change(self, actor: Actor, voice_id: str, *, marked: bool) -> list[str]:
        with self._store.db.exclusive(_NAME) as connection:
            kept = [one for one in preferences.read(connection, _NAME, [], actor.user_id) if one != voice_id]
            if marked:
                kept.append(voice_id)
            if len(kept) > _MOST:
                raise UserError(f"You have {_MOST} favourite voices.", "Unmark one first.")
            preferences.write(connection, _NAME, kept, actor.user_id)
            return kept
