"""What is known of the tracks that somebody keeps: from the library, the synced copy, or the catalogue itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.calls.direct import DirectCalls
from core.kit.actor import Actor
from core.kit.errors import StudioError, UserError
from core.kit.words import one_line
from core.licensing.catalogue import CLASSES, KIND
from core.licensing.playlists.types import LIBRARY, Play, Ref
from core.licensing.types import Terms, Track
from core.store import catalogue_kept, licensed_assets
from core.store.licensed_assets import HeardAsset
from core.store.store import Store

ASKED_AT_ONCE = 50
PATIENCE_S = 5.0
"""Where a catalogue's limits ask for a longer wait, the track is written down by its id."""
MOST_ASKED = 200
"""Tracks that one request asks catalogues for; the rest of a long list is written down by its ids and read later."""
Key = tuple[str, str]


class Facts:
    def __init__(self, store: Store, direct: DirectCalls) -> None:
        self._store = store
        self._direct = direct

    def read(self, actor: Actor, refs: Sequence[Ref]) -> tuple[dict[Key, Track], list[Ref]]:
        """What to write down of each, and those that are known not to exist. What nobody can say anything of now, its
        catalogue being down or not set up, is kept by its id and the title that came along."""
        for ref in refs:
            if not (1 <= len(ref.provider) <= 40 and 1 <= len(ref.id) <= 200):
                raise UserError(
                    f"{ref.provider[:40]!r} and {ref.id[:60]!r} name no track.",
                    "Give a provider and the track's id there.",
                )
        mine = [ref for ref in refs if ref.provider == LIBRARY]
        others = [ref for ref in refs if ref.provider != LIBRARY]
        with self._store.db.read() as connection:
            heard = licensed_assets.of_ids(connection, actor, (ref.id for ref in mine))
            copied = catalogue_kept.of_refs(connection, (ref.key for ref in others))
        known = {key: Track.of(row) for key, (row, _) in copied.items()}
        known |= {(LIBRARY, asset_id): of_asset(asset) for asset_id, asset in heard.items()}
        unknown = [ref for ref in mine if ref.key not in known]
        found, gone = self._ask(actor, [ref for ref in others if ref.key not in known])
        known |= found
        for ref in others:
            if ref.key not in known and ref.key not in gone:
                title = one_line(ref.title) or f"{ref.provider} {ref.id}"
                known[ref.key] = Track(ref.provider, ref.id, title[:200], facts={"unread": True})
        return known, unknown + [ref for ref in others if ref.key in gone]

    def _ask(self, actor: Actor, refs: Sequence[Ref]) -> tuple[dict[Key, Track], set[Key]]:
        found: dict[Key, Track] = {}
        gone: set[Key] = set()
        for provider in dict.fromkeys(ref.provider for ref in refs):
            ids = [ref.id for ref in refs if ref.provider == provider][:MOST_ASKED]
            for start in range(0, len(ids), ASKED_AT_ONCE):
                some = ids[start : start + ASKED_AT_ONCE]
                try:
                    asked = {"op": "tracks", "ids": some}
                    answer = self._direct.query(
                        actor, KIND, asked, provider=provider, cache_class=CLASSES["tracks"], patience_s=PATIENCE_S
                    )
                except StudioError as error:
                    if error.code == "no_provider":
                        raise
                    break  # down, over its limit, not set up: what it knows can be read another day
                found |= {(provider, str(row["id"])): Track.of(row) for row in answer.value.get("tracks", ())}
                gone |= {(provider, str(track_id)) for track_id in answer.value.get("gone", ())}
        return found, gone

    def now(self, connection: Any, actor: Actor, kept: Sequence[Track]) -> list[tuple[Track, Play, bool]]:
        """Of each: as it is now where that is known and as it was kept otherwise, how it is heard, whether it is gone."""
        heard = licensed_assets.of_ids(connection, actor, (one.id for one in kept if one.provider == LIBRARY))
        licensed: dict[Key, HeardAsset] = {}
        if any(one.provider != LIBRARY for one in kept):
            for asset in reversed(licensed_assets.listing(connection, actor)):
                licensed[of_catalogue(asset)] = asset
        copied = catalogue_kept.of_refs(connection, ((one.provider, one.id) for one in kept if one.provider != LIBRARY))
        found = []
        for one in kept:
            key = (one.provider, one.id)
            if one.provider == LIBRARY:
                there = heard.get(one.id)
                found.append((of_asset(there), _file(there), False) if there is not None else (one, _AWAY, True))
                continue
            row, gone = copied.get(key, (None, False))
            track = one if row is None or gone else Track.of(row)
            found.append((track, _heard(track, licensed.get(key), gone), gone))
        return found


_AWAY = Play("none", why="It is no longer in the library, or was not shared with you.")


def of_asset(asset: HeardAsset) -> Track:
    """A library asset as the track it is; one that came from a catalogue keeps its provider among its facts."""
    licence, came = asset.licence, asset.catalogue
    return Track(
        LIBRARY, asset.id, asset.name, artist=str(came.get("artist", "")), duration_s=asset.duration_s, bpm=asset.bpm,
        key=asset.key or "", genres=_one(asset.genre), moods=_one(asset.mood), instruments=tuple(map(str, asset.instruments)),
        tags=tuple(asset.tags),
        terms=Terms(
            str(came.get("terms_kind", "own")), id=str(licence.get("id", "")), title=str(licence.get("title", "")),
            url=str(licence.get("url", "") or ""), commercial=bool(licence.get("commercial")),
            attribution=str(licence.get("attribution", "") or ""),
        ),
        facts={"kind": asset.kind, "source": asset.source} | ({"catalogue": came} if came else {}),
    )  # fmt: skip


def of_catalogue(asset: HeardAsset) -> Key:
    return str(asset.catalogue.get("provider", "")), str(asset.catalogue.get("track_id", ""))


def _one(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def _file(asset: HeardAsset) -> Play:
    return Play("file", f"/media/{asset.id}", asset.id)


def _heard(track: Track, asset: HeardAsset | None, gone: bool) -> Play:
    if asset is not None:
        return _file(asset)
    if gone:
        return Play("none", why="Its catalogue no longer has it.")
    if track.preview_url.startswith(("https://", "http://")):
        return Play("preview", track.preview_url)
    unread = "Nothing is known of it yet: its catalogue could not be asked."
    return Play("none", why=unread if track.facts.get("unread") else "Its catalogue gives no preview of it.")
