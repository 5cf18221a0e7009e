"""What a catalogue answered, made fit to be kept and shown. It is data from outside: whatever is no text, no number or no
web address in the place where one belongs is left out, and a row without an id or a title is no track."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from core.kit.words import one_line
from core.licensing.types import Terms, Track

LONGEST_ID = 200
_NAMES, _LONG = 300, 2000
_MOST_WORDS = 60
_TEXTS = ("title", "artist", "album", "composer", "publisher")
_LISTS = ("genres", "moods", "instruments", "tags")
_NUMBERS = ("duration_s", "bpm", "popularity")
_ADDRESSES = ("page_url", "preview_url", "image_url")


def tracks_of(value: Any, provider: str) -> tuple[tuple[Track, ...], int]:
    """The tracks of an answer, and how many of its rows were none. ValueError where it is no answer at all."""
    rows = value.get("tracks") if isinstance(value, Mapping) else None
    if not isinstance(rows, list | tuple):
        raise ValueError("its answer holds no list of tracks")
    found = [track_of(row, provider) for row in rows]
    kept = tuple(each for each in found if each is not None)
    return kept, len(found) - len(kept)


def track_of(row: Any, provider: str) -> Track | None:
    if isinstance(row, Track):
        row = row.as_dict()
    if not isinstance(row, Mapping):
        return None
    track_id, title = _text(row.get("id"), LONGEST_ID + 1), _text(row.get("title"), _NAMES)
    if not track_id or len(track_id) > LONGEST_ID or not title:
        return None
    facts = row.get("facts")
    plain: dict[str, Any] = {
        "provider": provider, "id": track_id, "isrc": _text(row.get("isrc"), 20).upper().replace("-", ""),
        "key": _text(row.get("key"), 40), "released": _text(row.get("released"), 10),
        "price_usd": _price(row.get("price_usd")), "preview_only": row.get("preview_only") is True,
        "facts": dict(facts) if isinstance(facts, Mapping) else {},
    }  # fmt: skip
    plain |= {name: _text(row.get(name), _NAMES) for name in _TEXTS}
    plain |= {name: _words(row.get(name)) for name in _LISTS}
    plain |= {name: _number(row.get(name)) for name in _NUMBERS}
    plain |= {name: _address(row.get(name)) for name in _ADDRESSES}
    plain |= {name: value if isinstance(value := row.get(name), bool) else None for name in ("vocals", "explicit")}
    return replace(Track(provider, track_id, title), **plain, terms=_terms(row.get("terms")))


def _terms(row: Any) -> Terms:
    if isinstance(row, Terms):
        row = row.__dict__
    if not isinstance(row, Mapping):
        return Terms("unknown")
    texts = {
        name: _text(row.get(name), _LONG if name == "attribution" else _NAMES)
        for name in ("id", "title", "attribution")
    }
    return Terms(
        kind=_text(row.get("kind"), 40) or "unknown", url=_address(row.get("url")), commercial=row.get("commercial") is True,
        derivatives=row.get("derivatives") is not False, share_alike=row.get("share_alike") is True,
        conditions=tuple(_text(each, _LONG) for each in _list(row.get("conditions"))), **texts,
    )  # fmt: skip


def _text(value: Any, longest: int) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return one_line(value, longest)


def _words(value: Any) -> tuple[str, ...]:
    found = (_text(each, 80) for each in _list(value))
    return tuple(dict.fromkeys(each for each in found if each))[:_MOST_WORDS]


def _list(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list | tuple) else ()


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        return None
    return float(value) if value < 1e12 else None


def _price(value: Any) -> str | None:
    """A string of digits; a JSON number has lost its cents to a binary fraction and is rounded to them."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        price = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return str(price) if price.is_finite() and 0 <= price < 1_000_000 else None


def _address(value: Any) -> str:
    told = _text(value, _LONG)
    return told if told.startswith(("https://", "http://")) else ""
