"""How a style fills what a request leaves open. Pure: the same request, seed and profile give the same answer."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from core.music.composer.instruments import INSTRUMENTS
from core.music.prompt import read_prompt
from core.music.types import Genre, Intensity, Material, Mood, MusicRequest

PROFILE, ID, NAME, WEIGHTS, LORA = "profile", "id", "name", "weights", "lora"
"""What `request.material.style` holds: the measured profile, the style's id and name; set here: instrument to weight; what
each model of MusicGen learned of it, by the model's name: {"file": path, "sha256": of its bytes}."""
_SLOWEST, _FASTEST = 40.0, 220.0
_JITTER = 0.01
"""Of a tempo: two pieces of one style are not beaten by the same clock, and stay within its spread."""
_FAVOURED = 4.0
"""Weight of an instrument that all tracks have, against 1 of one that none has."""
_DRIVING, _GENTLE = 0.72, 0.35
"""Of core.audio.report.energy, the median of the tracks: above or below it an intensity is chosen where the library names
none. Between them energy tells more of genre and mastering than of playing (the composer's own pieces lie at 0.48 to 0.57
whatever their intensity), and the field stays open."""


@dataclass(frozen=True)
class Steered:
    request: MusicRequest
    why: tuple[str, ...]
    """A sentence for each choice the style made; empty where everything was asked for."""


def steered(request: MusicRequest) -> Steered:
    """By `request.material.style`. What was asked for in a field or in the prompt stays."""
    profile: Mapping[str, Any] = request.material.style.get(PROFILE) or {}
    if not profile:
        return Steered(request, ())
    reading = read_prompt(request.prompt)
    chance = random.Random(f"{request.seed}:style:{request.material.style.get(ID, '')}")
    chosen: dict[str, Any] = {}
    why: list[str] = []

    def choose(field: str, said: str, choice: tuple[Any, str] | None) -> None:
        if choice is None or getattr(request, field) is not None or getattr(reading, field) is not None:
            return
        chosen[field] = choice[0]
        why.append(f"{said} {choice[1]}")

    # Each is drawn whether it is needed or not: one field asked for leaves the others as they were.
    choose("bpm", "Tempo", _tempo(profile, chance))
    choose("key", "Key", _key(profile, chance))
    if profile.get("genre") in get_args(Genre):
        choose("genre", "Genre", (profile["genre"], f"{profile['genre']}: {profile['genre_why']}."))
    if profile.get("mood") in get_args(Mood):
        choose("mood", "Mood", (profile["mood"], f"{profile['mood']}: most of its tracks are."))
    choose("intensity", "Intensity", _intensity(profile))
    style = dict(request.material.style)
    shares = {name: float(share) for name, share in (profile.get("instruments") or {}).items() if name in INSTRUMENTS}
    if shares and not request.instruments:
        style[WEIGHTS] = {name: 1.0 + (_FAVOURED - 1.0) * share for name, share in shares.items()}
        first = [INSTRUMENTS[name].title.lower() for name in list(shares)[:4]]
        why.append(f"Instruments: those of its tracks are preferred ({', '.join(first)}).")
    material = Material(melody=request.material.melody, soundfont=request.material.soundfont, style=style)
    return Steered(request.model_copy(update={**chosen, "material": material}), tuple(why))


def facts(request: MusicRequest, why: tuple[str, ...]) -> dict[str, Any]:
    """For the piece's record."""
    style = request.material.style
    return {"style": {"id": style.get(ID), "name": style.get(NAME), "why": list(why)}} if style.get(PROFILE) else {}


def _tempo(profile: Mapping[str, Any], chance: random.Random) -> tuple[float, str] | None:
    """Near that of one of its tracks, so that two groups of tempi stay two."""
    measured = sorted(float(one["bpm"]) for one in profile.get("tracks", ()) if one.get("bpm"))
    like, off = chance.random(), chance.uniform(-_JITTER, _JITTER)
    if not measured:
        return None
    bpm = measured[int(like * len(measured))] * (1 + off)
    bpm = min(max(bpm, measured[0], _SLOWEST), measured[-1], _FASTEST)
    apart = measured[-1] - measured[0] >= 1
    spread = f"from {measured[0]:.0f} to {measured[-1]:.0f}" if apart else f"all at {measured[0]:.0f}"
    return round(bpm, 1), f"{bpm:.1f} BPM: its tracks are {spread}."


def _key(profile: Mapping[str, Any], chance: random.Random) -> tuple[str, str] | None:
    keys = {str(key): int(count) for key, count in (profile.get("keys") or {}).items()}
    drawn = chance.random()
    if not keys:
        return None
    names = sorted(name for name, count in keys.items() for _ in range(count))
    key = names[int(drawn * len(names))]
    return key, f"{key}: {keys[key]} of its {len(names)} tracks whose key stands out are in it."


def _intensity(profile: Mapping[str, Any]) -> tuple[Intensity, str] | None:
    said: Intensity | None = profile.get("intensity")
    if said is not None and said in get_args(Intensity):
        return said, f"{said}: most of its tracks are."
    energy = (profile.get("figures") or {}).get("energy")
    if not energy or _GENTLE < energy["median"] < _DRIVING:
        return None
    level: Intensity = "high" if energy["median"] >= _DRIVING else "low"
    return level, f"{level}: the energy of its tracks is {energy['median']:.2f} of 1."
