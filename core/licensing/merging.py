"""Several catalogues' answers as one list: in turns, so that none crowds out another; the same recording once, with where
else it is; and what there is of each sort."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.kit.words import marked
from core.licensing.types import Sort, Track
from core.music.composer.keys import plain

FACETS = ("provider", "genres", "moods", "instruments", "vocals", "licences", "key")
SAME_S = 2.0
"""Two entries of the same name by the same artist whose lengths differ by less are one recording."""
_MOST_VALUES = 40

Facets = dict[str, list[tuple[str, int]]]


@dataclass
class Merged:
    tracks: list[Track] = field(default_factory=list)
    also: dict[str, list[Track]] = field(default_factory=dict)
    """By ref of the entry that is shown: the same recording elsewhere."""


def in_turns(lists: Sequence[Sequence[Track]]) -> Iterator[Track]:
    """The first of each, then the second of each, and so on."""
    for place in range(max((len(each) for each in lists), default=0)):
        yield from (each[place] for each in lists if place < len(each))


def in_order(lists: Sequence[Sequence[Track]], sort: Sort) -> Iterator[Track]:
    """Popularity is counted differently everywhere: each list is put in its own order, and they take turns."""
    if sort == "popular":
        return in_turns([sorted(each, key=order_of(sort)) for each in lists])
    return iter(sorted((track for each in lists for track in each), key=order_of(sort)))


def order_of(sort: Sort) -> Callable[[Track], Any]:
    """What does not say comes last; equals stay apart by their names, so that pages never overlap."""

    def key(track: Track) -> tuple[Any, ...]:
        ending = (plain(track.title), track.ref)
        match sort:
            case "duration":
                return (track.duration_s is None, track.duration_s or 0.0, *ending)
            case "bpm":
                return (track.bpm is None, track.bpm or 0.0, *ending)
            case "popular":
                return (track.popularity is None, -(track.popularity or 0.0), *ending)
            case "newest":
                return (not track.released, tuple(-ord(each) for each in track.released), *ending)
            case _:
                return ending

    return key


def merged(tracks: Iterable[Track]) -> Merged:
    """In the order given; the first of the same recording stays."""
    found = Merged()
    by_isrc: dict[str, Track] = {}
    by_name: dict[tuple[str, str], list[Track]] = {}
    seen: set[str] = set()
    for track in tracks:
        if track.ref in seen:
            continue
        seen.add(track.ref)
        name = marked(track.title), marked(track.artist)
        first = by_isrc.get(track.isrc) if track.isrc else None
        if first is None and all(name):
            first = next((each for each in by_name.get(name, ()) if _same_length(each, track)), None)
        if first is None:
            found.tracks.append(track)
            first = track
        else:
            found.also.setdefault(first.ref, []).append(track)
        if track.isrc:
            by_isrc.setdefault(track.isrc, first)
        by_name.setdefault(name, []).append(first)
    return found


def _same_length(one: Track, other: Track) -> bool:
    if one.isrc and other.isrc and one.isrc != other.isrc:
        return False
    if one.duration_s is None or other.duration_s is None:
        return False
    return abs(one.duration_s - other.duration_s) <= SAME_S


def counted(tracks: Iterable[Track]) -> dict[str, Counter[str]]:
    """How many there are of each sort."""
    found: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    for track in tracks:
        found["provider"][track.provider] += 1
        found["licences"][track.terms.id or track.terms.kind] += 1
        if track.key:
            found["key"][track.key] += 1
        if track.vocals is not None:
            found["vocals"]["vocal" if track.vocals else "instrumental"] += 1
        for name in ("genres", "moods", "instruments"):
            found[name].update({each.casefold() for each in getattr(track, name)})
    return found


def facets(counts: Iterable[dict[str, Counter[str]]]) -> Facets:
    """Of all sources together: the commonest values of each field first."""
    total: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    for each in counts:
        for name, values in each.items():
            total[name].update(values)
    return {
        name: sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_VALUES]
        for name, values in total.items()
    }
