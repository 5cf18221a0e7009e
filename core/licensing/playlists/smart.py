"""What the rules of a smart playlist find, for whoever looks: his own favourites, what he may hear, and the synced copy."""

from __future__ import annotations

from typing import Any

from core.kit.actor import Actor
from core.licensing.playlists.facts import of_asset, of_catalogue
from core.licensing.playlists.rules import Candidate, Rules, matches, ordered
from core.licensing.types import Track
from core.store import catalogue_kept, favourite_tracks, licensed_assets


def find(connection: Any, actor: Actor, rules: Rules) -> list[Track]:
    """Evaluated for the actor, whoever wrote the rules: a shared list of favourites shows each his own."""
    liked = {(row.provider, row.track_id): row for row in favourite_tracks.listing(connection, actor, limit=None)[0]}
    held = licensed_assets.listing(connection, actor)
    licensed = {of_catalogue(asset) for asset in held} | {(favourite_tracks.LIBRARY, asset.id) for asset in held}
    tracks: dict[tuple[str, str], Track] = {}
    if "licensed" in rules.sources:
        tracks |= {(favourite_tracks.LIBRARY, asset.id): of_asset(asset) for asset in held}
    if "favourites" in rules.sources:
        tracks |= {key: Track.of(row.track) for key, row in liked.items() if key not in tracks}
    wanted = matches(rules)

    def candidate(track: Track) -> Candidate:
        key = (track.provider, track.id)
        row = liked.get(key)
        return Candidate(
            track,
            row is not None,
            key in licensed,
            () if row is None else tuple(row.tags),
            "" if row is None else row.notes,
        )

    found = {key: one for key, track in tracks.items() if wanted(one := candidate(track))}
    if "catalogues" in rules.sources:
        for row in catalogue_kept.standing(connection, *_narrowed(rules)):
            track = Track.of(row)
            key = (track.provider, track.id)
            if wanted(one := candidate(track)):
                found[key] = one
            else:
                found.pop(key, None)  # the copy is newer than what was written down with a favourite
    return [one.track for one in ordered(rules, found.values())]


def _narrowed(rules: Rules) -> tuple[dict[str, tuple[float | None, float | None]], list[str]]:
    """What the database can leave out: more than the rules want is fine, less is not."""
    ranges: dict[str, tuple[float | None, float | None]] = {}
    providers: list[str] = []
    if rules.match == "all":
        for rule in rules.rules:
            if rule.negated:
                continue
            if rule.op == "between" and rule.field in catalogue_kept.RANGES:
                ranges[rule.field] = (rule.value[0], rule.value[1])
            if rule.field == "provider" and rule.op in ("is", "in") and not providers and rule.value is not None:
                providers = [str(one) for one in (rule.value if rule.op == "in" else [rule.value])]
    return ranges, [one.casefold() for one in providers]
