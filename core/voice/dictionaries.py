"""Whose words are said how: one's own dictionary, and a project's, which wins in what is spoken for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.kit.actor import Actor
from core.store import preferences, projects
from core.store.store import Store
from core.voice.pronunciation import dictionary
from core.voice.types import speech_request


class Dictionaries:
    def __init__(self, store: Store) -> None:
        self._store = store

    def read(self, actor: Actor, project_id: str = "") -> dict[str, str]:
        """The actor's own, or the project's."""
        with self._store.db.read() as connection:
            if project_id:
                projects.get(connection, actor, project_id)
            whose = preferences.EVERYONE if project_id else actor.user_id
            return dict(preferences.read(connection, preferences.words_of(project_id), {}, whose))

    def write(self, actor: Actor, words: dict[str, str], project_id: str = "") -> None:
        """Checked by speaking nothing with it. A project's is changed by those who may change the project."""
        speech_request(text="check", pronunciations=words)
        dictionary(words)
        with self._store.db.write() as connection:
            if project_id:
                projects.to_edit(connection, actor, project_id)
            whose = preferences.EVERYONE if project_id else actor.user_id
            preferences.write(connection, preferences.words_of(project_id), words, whose)

    def counting(self, actor: Actor, values: Mapping[str, Any]) -> dict[str, str]:
        """For a request: the actor's own words, and over them those of the project it names, upper and lower case being
        one."""
        own, project_id = self.read(actor), str(values.get("project_id") or "")
        if not project_id:
            return own
        over = self.read(actor, project_id)
        named = {word.casefold() for word in over}
        return {word: said for word, said in own.items() if word.casefold() not in named} | over
