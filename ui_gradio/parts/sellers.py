"""Providers by the names people know, also those that only have plans or prices here."""

from __future__ import annotations

from collections.abc import Callable

from core.app import Studio

_SELLERS = {"elevenlabs": "ElevenLabs", "stability": "Stability AI"}


def titles(studio: Studio) -> Callable[[str], str]:
    known = {item.info.name: item.info.title for item in studio.registry.readiness()}
    return lambda name: known.get(name) or _SELLERS.get(name) or name.capitalize()
