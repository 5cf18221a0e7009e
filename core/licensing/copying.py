"""A track as a row of the synced copy: its words folded, its filters as marks, and a hash that tells whether it changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from core.kit.words import folded, marked
from core.licensing.matching import key_of, price_of
from core.licensing.types import Track
from core.store.catalogue_tracks import CopyRow

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
