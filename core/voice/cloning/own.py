"""A user's own voices as the gallery and the speaking service see them: the record, and the engine that answers for it."""

from __future__ import annotations

from typing import Any

from core.kit.actor import Actor
from core.kit.errors import UserError
from core.providers.registry import Registry
from core.store import voices
from core.store.store import Store
from core.store.voices import VoiceRow
from core.voice.languages import language_facts
from core.voice.types import Gender, Voice

PREFIX = "clone:"
SPEECH = "speech"


class OwnVoices:
    def __init__(self, store: Store, registry: Registry) -> None:
        self._store = store
        self._registry = registry

    def listing(self, actor: Actor) -> list[Voice]:
        """Those that can be used now."""
        with self._store.db.read() as connection:
            rows = [row for row in voices.listing(connection, actor, active=True) if row.engines]
        ready = self._ready()
        found = [(row, self._engines(row, ready)) for row in rows]
        return [_voice(row, engines) for row, engines in found if engines]

    def find(self, actor: Actor, voice_id: str) -> Voice:
        """By `clone:ID`. NotFound for one that was deleted; UserError for one that cannot be used, saying why."""
        with self._store.db.read() as connection:
            row = voices.get(connection, actor, voice_id.removeprefix(PREFIX))
        if not row.engines:  # one that learns anew speaks meanwhile with what it has learned
            raise UserError(
                f"The voice {row.name!r} is {row.status}.", "Train it first: studio clone train, or on the page."
            )
        if not row.active:
            raise UserError(f"The voice {row.name!r} is switched off.", "Switch it on under Clone.", "voice_off")
        ready = self._ready()
        engines = self._engines(row, ready)
        if not engines:
            unchosen = [name for name, _ in ready if name in row.engines]
            if unchosen:
                raise UserError(
                    f"The voice {row.name!r} would be spoken by {unchosen[0]}, which bills what is said, and was not chosen.",
                    f"Make {unchosen[0]} the engine of the voice that is asked first.", "engine_not_chosen",
                )  # fmt: skip
            learned = ", ".join(row.engines) or "none"
            raise UserError(
                f"No engine that learned the voice {row.name!r} is ready ({learned}).",
                "Status says what is missing; or train the voice again with another engine.", "no_engine",
            )  # fmt: skip
        return _voice(row, engines)

    def at_services(self) -> dict[tuple[str, str], str]:
        """Ids of everybody's voices, by engine and its id of the copy."""
        with self._store.db.read() as connection:
            return voices.at_services(connection)

    def _ready(self) -> list[tuple[str, bool]]:
        """(name, whether it is paid) of the speech engines that are ready, in their order."""
        known = {item.info.name: item for item in self._registry.readiness(SPEECH)}
        order = [known[name] for name in self._registry.order(SPEECH)]
        return [(item.info.name, item.info.paid) for item in order if item.ready]

    @staticmethod
    def _engines(row: VoiceRow, ready: list[tuple[str, bool]]) -> list[str]:
        """First the chosen one, then those that cost nothing. A paid one that nobody chose is never slipped in."""
        able = [(name, paid) for name, paid in ready if name in row.engines]
        return [name for name, _ in able if name == row.engine] + [
            name for name, paid in able if name != row.engine and not paid
        ]


def _voice(row: VoiceRow, engines: list[str]) -> Voice:
    said: dict[str, Any] = {name: fact.get("value") for name, fact in row.characteristics.items()}
    gender: Gender = said["gender"] if said.get("gender") in ("male", "female") else "neutral"
    language = row.language or "en"
    needs = [{"engine": name, **_needs(row.engines[name])} for name in engines]
    return Voice(
        id=PREFIX + row.id, name=row.name, provider=engines[0], tier="custom", language=language,
        language_name=language_facts(language).get("name", language), accent=str(said.get("accent") or ""), gender=gender,
        style=row.description[:40], age=str(said.get("age_range") or ""), sample_text=row.sample_text,
        engine={**needs[0], "own": row.id, "language": row.language, "also": needs[1:], "licence": row.licence, "version": row.sample_version},
    )  # fmt: skip


def _needs(learned: dict[str, Any]) -> dict[str, str]:
    return {name: str(learned[name]) for name in ("voice", "profile") if learned.get(name)}
