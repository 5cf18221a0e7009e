"""Licensed music as everyone looks for it: search, one track, more like it, music for a scene, and what goes with what
somebody keeps: tastes put to the search, the nearest first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from core.calls.direct import DirectCalls
from core.kit.actor import Actor
from core.kit.errors import UserError
from core.licensing.catalogue import KIND
from core.licensing.checked import tracks_of
from core.licensing.matching import search_of
from core.licensing.nearness import Suggested, Taste, nearest, shared, taste_of
from core.licensing.searching import DEADLINE_S, FoundTracks, Searching
from core.licensing.types import Track
from core.providers.registry import Registry
from core.store import assets
from core.store.assets import Asset
from core.store.store import Store

__all__ = ["Catalogues", "FoundTracks"]
MOST = 50
ENOUGH = 4
"""Times as many tracks as are shown are looked at, before the search is wide enough."""
_KEPT = 200
_STARS = 4


class Advice(Protocol):
    """What is recommended for a scene."""

    @property
    def mood(self) -> str: ...
    @property
    def genre(self) -> str: ...
    @property
    def bpm(self) -> float: ...
    @property
    def seconds(self) -> float: ...
    @property
    def under_speech(self) -> bool: ...


class Catalogues(Searching):
    def __init__(
        self, store: Store, registry: Registry, direct: DirectCalls, errors_log: Path,
        advice: Callable[[Actor, str], Advice], *, deadline_s: float = DEADLINE_S,
    ) -> None:  # fmt: skip
        super().__init__(store, registry, direct, errors_log, deadline_s=deadline_s)
        self._advice = advice
        self.favourites: Callable[[Actor], list[Track]] = lambda actor: []
        """What somebody marked as a favourite in the catalogues; filled by core.app."""

    def similar(self, actor: Actor, provider: str, track_id: str, limit: int = 10) -> tuple[Suggested, ...]:
        """By its own catalogue where that can, else by what is known of it, in every catalogue."""
        limit = _most(limit)
        info = self._registry.get(KIND, provider).info
        track = self.track(actor, provider, track_id)
        taste = taste_of(track)
        if "similar" in info.capabilities:
            answer = self._asking.ask(actor, info, {"op": "similar", "id": track_id})
            others = [each for each in tracks_of(answer.value, provider)[0] if each.id != track_id]
            return nearest(taste, others, limit)
        return self._by(actor, taste, limit, but={track.ref})

    def like(self, actor: Actor, asset_id: str, limit: int = 10) -> tuple[Suggested, ...]:
        """Licensed music near to a piece of the library, by what was measured and told of it."""
        with self._store.db.read() as connection:
            asset = assets.get(connection, actor, asset_id)
        if not asset.sounds:
            raise UserError(f"“{asset.name}” has no sound.", "Choose something that can be heard.", "no_sound")
        origin = (asset.generation_config or {}).get("catalogue") or {}
        return self._by(
            actor, _of_asset(asset), _most(limit), but={f"{origin.get('provider')}:{origin.get('track_id')}"}
        )

    def for_scene(self, actor: Actor, scene_id: str, limit: int = 10, **narrower: Any) -> tuple[Suggested, ...]:
        """By the mood, genre, tempo and length that are recommended for it; instrumental where people speak. `narrower`:
        fields of a search that hold besides."""
        advice = self._advice(actor, scene_id)
        told = narrower | ({"vocals": "instrumental"} if advice.under_speech and "vocals" not in narrower else {})
        taste = Taste(
            (advice.genre,), (advice.mood,), bpm=advice.bpm, seconds=advice.seconds,
            vocals=False if advice.under_speech else None,
        )  # fmt: skip
        return self._by(actor, taste, _most(limit), standing=told)

    def suggested(self, actor: Actor, limit: int = 10) -> tuple[Suggested, ...]:
        """By what somebody keeps: favourites and well rated music of the library and of the catalogues."""
        with self._store.db.read() as connection:
            found, _ = assets.search(connection, actor, kinds=("music",), limit=_KEPT)
        mine = [
            each for each in found if each.user_id == actor.user_id and (each.favourite or (each.rating or 0) >= _STARS)
        ]
        liked = self.favourites(actor)
        tastes = [_of_asset(each) for each in mine] + [taste_of(each) for each in liked]
        if not tastes:
            return ()
        return self._by(actor, shared(tastes), _most(limit), but={each.ref for each in liked})

    def _by(
        self, actor: Actor, taste: Taste, limit: int, *, but: set[str] | None = None, standing: Mapping[str, Any] | None = None
    ) -> tuple[Suggested, ...]:  # fmt: skip
        held = {"page_size": 50} | dict(standing or {})
        search_of(held)
        found: dict[str, Track] = {}
        for search in taste.searches(**held):
            for each in self.search(actor, search).tracks:
                if each.ref not in (but or ()):
                    found.setdefault(each.ref, each)
            if len(found) >= ENOUGH * limit:
                break
        return nearest(taste, found.values(), limit)


def _of_asset(asset: Asset) -> Taste:
    return Taste(
        (asset.genre,) if asset.genre else (), (asset.mood,) if asset.mood else (), tuple(asset.instruments or ())[:3],
        asset.bpm, asset.key or "", asset.duration_s,
    )  # fmt: skip


def _most(limit: int) -> int:
    return max(1, min(MOST, limit))
