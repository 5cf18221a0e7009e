"""A track as a row of the synced copy: its words folded, its filters as marks, and a hash that tells whether it changed."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from core.kit.words import folded, marked
from core.licensing.matching import key_of, price_of
from core.licensing.merging import FACETS, counted
from core.licensing.types import Search, Track
from core.store import catalogue_search
from core.store.catalogue_search import Wanted
from core.store.catalogue_tracks import CopyRow
from core.store.store import Store

_FLEETING = ("preview_url", "image_url", "popularity")
"""What a catalogue tells otherwise at each question; no change of the track."""
_MARK = "zq"
"""Begins every mark, so that no word of a title is one."""
_LETTERS = {
    "provider": "p", "genres": "g", "moods": "m", "instruments": "i", "licences": "l", "vocals": "v", "key": "k",
    "commercial": "c", "to_picture": "d",
}  # fmt: skip


def mark(field: str, value: str) -> str:
    return f"{_MARK}{_LETTERS[field]}{marked(value)}"


def key_mark(key: str) -> str | None:
    found = key_of(key)
    return None if found is None else mark("key", f"{found.tonic}{found.mode}")


def row_of(track: Track) -> dict[str, Any]:
    document = track.as_dict()
    lasting = {name: value for name, value in document.items() if name not in _FLEETING}
    price = price_of(track)
    return {
        "track_id": track.id,
        "title": folded(track.title)[:300],
        "heading": _words((track.title, track.artist, track.album)),
        "words": _words((track.composer, *track.genres, *track.moods, *track.instruments, *track.tags)),
        "marks": " ".join(dict.fromkeys(_marks(track))),
        "sorts": "\n".join(f"{name}:{value}" for name, values in counted([track]).items() for value in values),
        "duration_s": track.duration_s,
        "bpm": track.bpm,
        "price": None if price is None else float(price),
        "popularity": track.popularity,
        "released": track.released,
        "document": document,
        "row_hash": hashlib.sha256(json.dumps(lasting, sort_keys=True, default=str).encode()).hexdigest(),
    }


def track_of(row: CopyRow) -> Track:
    return Track.of(row.document)


def words_of(text: str) -> tuple[str, ...]:
    """What a search looks for: letters and digits, folded, as the index has them."""
    cut = "".join(c if c.isalnum() else " " for c in folded(text))
    return tuple(dict.fromkeys(cut.split()))


def _words(parts: Iterable[str]) -> str:
    return " ".join(" ".join(words_of(part)) for part in parts if part)


def _marks(track: Track) -> Iterable[str]:
    yield mark("provider", track.provider)
    for name in ("genres", "moods", "instruments"):
        yield from (mark(name, each) for each in getattr(track, name) if marked(each))
    yield from (mark("licences", each) for each in (track.terms.kind, track.terms.id) if marked(each))
    if track.vocals is not None:
        yield mark("vocals", "vocal" if track.vocals else "instrumental")
    key = key_mark(track.key)
    if key:
        yield key
    if track.terms.commercial:
        yield mark("commercial", "yes")
    if track.terms.derivatives:
        yield mark("to_picture", "yes")


def wanted_of(search: Search, provider: str) -> Wanted:
    """A search as the index is asked."""
    groups: list[tuple[str, ...]] = [(mark("provider", provider),)]
    for name in ("genres", "moods", "instruments", "licences"):
        values = tuple(mark(name, each) for each in getattr(search, name) if marked(each))
        groups += [values] if values else []
    if search.vocals != "any":
        groups.append((mark("vocals", search.vocals),))
    key = key_mark(search.key)
    groups += [(key,)] if key else []
    groups += [(mark("commercial", "yes"),)] if search.commercial else []
    groups += [(mark("to_picture", "yes"),)] if search.to_picture else []
    return Wanted(
        words=words_of(search.text), marks=tuple(groups), bpm=(search.bpm_min, search.bpm_max),
        seconds=(search.seconds_min, search.seconds_max), price=search.price_max_usd,
        order="" if search.sort == "relevance" else search.sort,
    )  # fmt: skip


class Copy:
    """The synced copy of one catalogue, asked one search."""

    def __init__(self, store: Store, search: Search, provider: str) -> None:
        self._store = store
        wanted = wanted_of(search, provider)
        with store.db.read() as connection:
            narrower = wanted.words or wanted.marks[1:]
            if narrower and catalogue_search.alone(connection, provider):
                wanted = replace(wanted, marks=wanted.marks[1:])
        self._wanted = wanted

    def page(self, offset: int, limit: int) -> tuple[Track, ...]:
        with self._store.db.read() as connection:
            found = catalogue_search.page(connection, self._wanted, offset=offset, limit=limit)
        return tuple(Track.of(row) for row in found)

    def page_and_count(self, limit: int) -> tuple[tuple[Track, ...], int]:
        with self._store.db.read() as connection:
            found, total = catalogue_search.page_and_count(connection, self._wanted, offset=0, limit=limit)
        return tuple(Track.of(row) for row in found), total

    def sorts(self) -> dict[str, Counter[str]]:
        """How many there are of each sort, among the first few thousand."""
        with self._store.db.read() as connection:
            lines = Counter("\n".join(catalogue_search.sorts(connection, self._wanted)).split("\n"))
        found: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
        for line, number in lines.items():
            name, _, value = line.partition(":")
            if name in found:
                found[name][value] = number
        return found
