"""The voices a person can choose from: the embedded gallery, and those of every service that is set up.

Services are asked through the metered call, which keeps their answer for a day; what was answered is also held here for
some minutes, since the page asks at every keystroke.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from core.calls.direct import DirectCalls
from core.kit.actor import Actor
from core.kit.errors import StudioError
from core.providers.registry import Registry
from core.voice import gallery
from core.voice.cloning.engine import MARK
from core.voice.cloning.own import PREFIX, OwnVoices
from core.voice.types import Voice

CATALOGUE = "voices"
"""The kind of query that lists a service's voices."""
_HELD_S = 600.0
_FAILED_S = 60.0


@runtime_checkable
class Listed(Protocol):
    """A speech engine whose voices are known beforehand."""

    def voices(self) -> Sequence[Voice]: ...


@runtime_checkable
class Blending(Protocol):
    """A speech engine that also speaks voices beyond its list, mixed from those in it."""

    def voice(self, own: str) -> Voice: ...


@runtime_checkable
class Catalogue(Protocol):
    """A query of kind `voices`: rows as the service answered them, each made a Voice."""

    def voice_of(self, row: dict[str, Any]) -> Voice: ...


@dataclass(frozen=True)
class _Held:
    voices: tuple[Voice, ...]
    until: float
    note: str = ""


class VoiceBook:
    def __init__(self, registry: Registry, direct: DirectCalls, own: OwnVoices) -> None:
        self._registry = registry
        self._direct = direct
        self._own = own
        self._held: dict[str, _Held] = {}
        self._asking: set[str] = set()
        """While one asks, which may take long, the others go on with what was known."""
        self._lock = threading.Lock()

    def others(self, actor: Actor) -> list[Voice]:
        """Those beside the embedded engine's: the actor's own, and those of services that are ready. A service that does
        not answer is left out; notes() says why. So are services' copies of voices made here: their owners have them
        already, and to all others they are none."""
        found: list[Voice] = self._own.listing(actor)
        for item in self._registry.readiness("speech"):
            engine = self._registry.get("speech", item.info.name)
            if item.ready and isinstance(engine, Listed):
                found += engine.voices()
        copies = self._own.at_services()
        off = self._registry.switched_off("speech")
        for item in self._registry.readiness(CATALOGUE):
            if item.ready and item.info.name not in off:
                found += [
                    voice for voice in self._asked(actor, item.info.name)
                    if not voice.engine.get(MARK) and (voice.provider, voice.id.partition(":")[2]) not in copies
                ]  # fmt: skip
        return found

    def _asked(self, actor: Actor, provider: str) -> tuple[Voice, ...]:
        with self._lock:
            held = self._held.get(provider)
            known = held.voices if held is not None else ()
            if (held is not None and held.until > time.monotonic()) or provider in self._asking:
                return known
            self._asking.add(provider)
        fresh = _Held(known, time.monotonic() + _FAILED_S)
        try:
            catalogue = self._registry.get(CATALOGUE, provider)
            assert isinstance(catalogue, Catalogue)
            answer = self._direct.query(actor, CATALOGUE, {}, provider=provider)
            voices = tuple(catalogue.voice_of(row) for row in answer.value)
            fresh = _Held(voices, time.monotonic() + _HELD_S, answer.note)
        except StudioError as error:
            fresh = _Held(known, time.monotonic() + _FAILED_S, error.message)
        finally:
            with self._lock:
                self._asking.discard(provider)
                self._held[provider] = fresh
        return fresh.voices

    def notes(self) -> dict[str, str]:
        """By provider: why its list is missing or old."""
        with self._lock:
            return {provider: held.note for provider, held in self._held.items() if held.note}

    def forget(self) -> None:
        """After a key was changed or a voice made."""
        with self._lock:
            self._held.clear()

    def has_gallery(self, engine: str) -> bool:
        """Whether it has voices for everybody, and not only those that somebody made."""
        known = {info.name for info in self._registry.known(CATALOGUE)} | {gallery.PROVIDER}
        return engine in known or isinstance(self._registry.get("speech", engine), Listed)

    def voices(
        self, actor: Actor, language: str = "", gender: str = "", tier: str = "", search: str = ""
    ) -> list[Voice]:
        return gallery.voices(language, gender, tier, search, extra=self.others(actor))

    def find(self, actor: Actor, wanted: str) -> Voice:
        """By id or name. NotFound names near matches. An id that a service does not list (its list is a day old, or
        cannot be had) is taken at its word: the service itself says whether it has it."""
        text = " ".join(wanted.split())
        for voice in gallery.curated():  # by far the most asked for, and nobody else has to be asked
            if text.casefold() in (voice.id.casefold(), voice.name.casefold()):
                return voice
        if text.startswith(PREFIX):
            return self._own.find(actor, text)
        provider, colon, own = text.partition(":")
        made_here = self._own.at_services().get((provider, own)) if colon else None
        if made_here is not None:  # under the service's id it would speak past the consent and the owner
            return self._own.find(actor, PREFIX + made_here)
        engines = {item.info.name: item.info for item in self._registry.readiness("speech")}
        others = self.others(actor)
        if colon and provider in engines and provider != gallery.PROVIDER:
            exact = next((voice for voice in others if voice.id == f"{provider}:{own}"), None)
            if exact is not None:
                return exact
            engine = self._registry.get("speech", provider)
            if isinstance(engine, Blending):
                return engine.voice(own)
            listed = isinstance(engine, Listed)
            if not (listed and any(voice.provider == provider for voice in others)):
                return Voice(
                    id=f"{provider}:{own}", name=f"{engines[provider].title}, {own}", provider=provider, tier="premium",
                    language="en", language_name="English", accent="", gender="neutral", style="",
                )  # fmt: skip
        return gallery.find_voice(wanted, extra=others)
