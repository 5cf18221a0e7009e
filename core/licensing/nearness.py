"""How near a track is to what somebody has or wants, by what catalogues tell: tempo, key, genre, mood, length, vocals."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.kit.words import marked
from core.licensing.matching import key_of
from core.licensing.types import Search, Track

WEIGHTS = {"genres": 2.0, "moods": 1.5, "bpm": 1.5, "key": 0.7, "seconds": 0.5, "vocals": 0.7, "instruments": 0.8}
_UNKNOWN = 0.6
"""A track that does not tell is neither near nor far."""
_TEMPO = 0.12
"""Of an octave: so far apart, two tempos count as half apart."""


@dataclass(frozen=True)
class Taste:
    """What is looked for. Empty: no matter."""

    genres: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    bpm: float | None = None
    key: str = ""
    seconds: float | None = None
    vocals: bool | None = None

    def searches(self, **standing: object) -> list[Search]:
        """From the narrowest question to the widest, so that there is always something to choose from."""
        span: dict[str, object] = (
            {} if self.bpm is None else {"bpm_min": round(self.bpm * 0.92, 1), "bpm_max": round(self.bpm * 1.08, 1)}
        )
        tried: list[dict[str, object]] = [
            {"genres": self.genres, "moods": self.moods, **span}, {"genres": self.genres, **span},
            {"moods": self.moods, **span}, {"genres": self.genres}, {"moods": self.moods}, span,
        ]  # fmt: skip
        told: list[dict[str, object]] = []
        for each in tried:
            kept = {name: value for name, value in each.items() if value}
            if kept and kept not in told:
                told.append(kept)
        return [Search.model_validate(each | standing) for each in told]


@dataclass(frozen=True)
class Suggested:
    track: Track
    distance: float
    """0: all that is known agrees; 1: nothing does."""
    why: str


def taste_of(track: Track) -> Taste:
    return Taste(
        track.genres[:3], track.moods[:3], track.instruments[:3], track.bpm, track.key, track.duration_s, track.vocals
    )


def shared(tastes: Sequence[Taste]) -> Taste:
    """What several have in common: the commonest words, the middle tempo."""

    def most(name: str) -> tuple[str, ...]:
        counted = Counter(word.casefold() for each in tastes for word in getattr(each, name))
        return tuple(word for word, _ in counted.most_common(3))

    tempos = sorted(each.bpm for each in tastes if each.bpm is not None)
    return Taste(most("genres"), most("moods"), most("instruments"), tempos[len(tempos) // 2] if tempos else None)


def nearest(taste: Taste, tracks: Iterable[Track], limit: int) -> tuple[Suggested, ...]:
    found = [Suggested(each, *compared(taste, each)) for each in tracks]
    return tuple(sorted(found, key=lambda each: (each.distance, each.track.ref))[:limit])


def compared(taste: Taste, track: Track) -> tuple[float, str]:
    """(distance, why in words)."""
    total = weights = 0.0
    near: list[str] = []
    for name, away, said in _differences(taste, track):
        total, weights = total + WEIGHTS[name] * away, weights + WEIGHTS[name]
        if away <= 0.25 and said:
            near.append(said)
    return round(total / weights, 3) if weights else 1.0, ", ".join(near) or "nothing very near"


def _differences(taste: Taste, track: Track) -> Iterable[tuple[str, float, str]]:
    for name in ("genres", "moods", "instruments"):
        wanted = {marked(each): each for each in getattr(taste, name)}
        having = {marked(each) for each in getattr(track, name)}
        if wanted:
            both = sorted(wanted[each] for each in set(wanted) & having)
            yield name, 0.0 if both else (1.0 if having else _UNKNOWN), " and ".join(both)
    if taste.bpm:
        if track.bpm:
            octaves = abs(math.log2(track.bpm / taste.bpm))
            octaves = min(octaves, abs(octaves - 1) + 0.05)  # half and double tempo are danced to alike
            yield "bpm", octaves / (octaves + _TEMPO), f"{track.bpm:.0f} BPM beside {taste.bpm:.0f}"
        else:
            yield "bpm", _UNKNOWN, ""
    wanted_key, key = key_of(taste.key), key_of(track.key)
    if wanted_key is not None:
        alike = key is not None and len(set(key.scale) & set(wanted_key.scale)) / 7
        yield "key", _UNKNOWN if key is None else 1 - float(alike), f"{track.key} beside {taste.key}"
    if taste.seconds:
        there = track.duration_s
        short = 0.0 if there is None else max(0.0, 1 - there / taste.seconds)
        yield "seconds", _UNKNOWN if there is None else short, "long enough" if there else ""
    if taste.vocals is not None:
        same = track.vocals == taste.vocals
        words = "vocal" if track.vocals else "instrumental"
        yield "vocals", _UNKNOWN if track.vocals is None else float(not same), words
