"""The own catalogue's tracks: the files somebody may see, with what the licences held for them say today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from core.kit.actor import Actor
from core.licensing.types import Terms, Track
from core.rights.scope import standing
from core.store import own_tracks, track_licences
from core.store.assets import Asset
from core.store.own_tracks import CATALOGUE, MOST, OWN
from core.store.store import Store
from core.store.track_licences import ANY_TRACK, TrackLicence

_COUNTING = ("valid", "expiring")


class OwnShelf:
    def __init__(self, store: Store) -> None:
        self._store = store

    def tracks(self, asking: Mapping[str, Any]) -> list[Track]:
        """`asking`: the actor, as core.licensing.asking writes it. The newest first; the same bytes once."""
        actor = Actor(
            str(asking["user_id"]), str(asking.get("organisation_id") or ""), is_admin=asking.get("is_admin") is True,
            teams=tuple(str(each) for each in asking.get("teams") or ()),
        )  # fmt: skip
        with self._store.db.read() as connection:
            found = own_tracks.listing(connection, actor)
            held = track_licences.listed(connection, actor, provider=OWN, limit=MOST)
        of: dict[str, list[TrackLicence]] = defaultdict(list)
        for licence in held:
            of[licence.track_id].append(licence)
        # A piece of one's own before the same recording of somebody else's.
        found.sort(key=lambda each: each.user_id != actor.user_id)
        tracks: dict[str, Track] = {}
        for asset in found:
            track_id = str(asset.generation_config[CATALOGUE].get("track_id") or "")
            if track_id and track_id not in tracks:
                tracks[track_id] = _track(asset, track_id, of[track_id] + of[ANY_TRACK])
        return list(tracks.values())


def _track(asset: Asset, track_id: str, held: list[TrackLicence]) -> Track:
    named = asset.generation_config[CATALOGUE]
    return Track(
        provider=OWN, id=track_id, title=str(named.get("title") or asset.name), artist=str(named.get("artist") or ""),
        composer=str(asset.generation_config.get("composer") or ""),
        publisher=str(asset.generation_config.get("publisher") or ""),
        isrc=str(asset.generation_config.get("isrc") or ""),
        duration_s=asset.duration_s, bpm=asset.bpm, key=asset.key or "",
        genres=(asset.genre,) if asset.genre else (), moods=(asset.mood,) if asset.mood else (),
        instruments=tuple(asset.instruments), tags=tuple(asset.tags), released=asset.created_at.date().isoformat(),
        terms=_terms(held), facts={"asset_id": asset.id},
    )  # fmt: skip


def _terms(held: list[TrackLicence]) -> Terms:
    counting = [each for each in held if standing(each) in _COUNTING]
    if not counting:
        said = (
            "No licence that is entered for it holds today."
            if held
            else "No licence is entered for it yet: confirm what its paper says, or enter it."
        )
        return Terms(OWN, id=OWN, title="Own licensed music", derivatives=False, conditions=(said,))
    return Terms(
        OWN, id=OWN, title="Own licensed music",
        commercial=any(each.commercial for each in counting),
        derivatives=any(each.derivatives for each in counting),
        attribution=next((each.attribution for each in counting if each.attribution), ""),
        conditions=tuple(_said(each) for each in counting),
    )  # fmt: skip


def _said(licence: TrackLicence) -> str:
    where = f" for {', '.join(licence.platforms)}" if licence.platforms else ""
    until = f" until {licence.ends_on}" if licence.ends_on else " without an end"
    return f"Licence {licence.certificate or licence.id} holds{where}{until}."
