"""A request in plain words, for services that read a description: what was chosen stands after what was written."""

from __future__ import annotations

from collections.abc import Iterator

from core.kit.errors import UserError
from core.music.types import MusicRequest

WORDS = frozenset({"prompt", "mood", "genre", "bpm", "key", "intensity", "instruments"})
"""Capabilities of whoever is sent this."""
_ENERGY = {"low": "low energy", "medium": "moderate energy", "high": "high energy"}


def described(request: MusicRequest, title: str, longest: int, *, bpm: bool = True) -> str:
    """UserError where nothing says what it should sound like, or where it is longer than the service reads."""
    prompt = " ".join(request.prompt.split()).rstrip(".,; ")
    chosen = [word for word in chosen_words(request, bpm=bpm) if word.casefold() not in prompt.casefold()]
    text = ", ".join([prompt, *chosen] if prompt else chosen)
    if not text:
        raise UserError(
            f"{title} needs to be told what it should sound like.", "Write a prompt, or choose a mood or a genre."
        )
    if len(text) > longest:
        raise UserError(
            f"{len(text):,} characters are too many for {title}: “{text[:40]}…”.",
            f"It reads {longest:,}, with what was chosen beside the prompt.",
        )
    return text


def chosen_words(request: MusicRequest, *, bpm: bool = True) -> Iterator[str]:
    if request.genre:
        yield request.genre
    if request.mood:
        yield request.mood
    if request.intensity:
        yield _ENERGY[request.intensity]
    yield from (name.replace("_", " ") for name in request.instruments)
    if bpm and request.bpm:
        yield f"{request.bpm:g} BPM"
    if request.key:
        yield request.key


def chosen_model(request: MusicRequest, models: tuple[str, ...], default: str, title: str) -> str:
    """UserError for one that it does not have."""
    model = request.model or default
    if model not in models:
        raise UserError(f"{title} has no model {model[:60]!r} here.", f"Choose one of: {', '.join(models)}.")
    return model


def within(seconds: float, shortest: float, longest: float, title: str) -> float:
    if not shortest <= seconds <= longest:
        raise UserError(
            f"{title} cannot make a piece of {seconds:g} seconds.", f"It makes {shortest:g} to {longest:g} seconds."
        )
    return seconds
