"""What a licensed track rests on in a piece: the licence among those its owner holds that covers the use, or what is missing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.engine import Connection

from core.rights.scope import Planned, lacks
from core.store import assets, track_licences, track_uses
from core.store.assets import Asset
from core.store.track_uses import TrackUse

HELD = "held"
"""In the licence record of an asset: it may be used as far as a licence that somebody holds goes, and no further."""
PREVIEW = "catalogue-preview"
OWN = "own"
"""In place of a catalogue: files with papers of their own."""


@dataclass(frozen=True)
class Clearance:
    allowed: bool
    reasons: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    """What would clear it, one sentence each."""
    licence_id: str | None = None
    credits: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    """What the platform has to be given with the piece."""


def clear(
    connection: Connection, owner: str, provider: str, track_id: str, name: str, use: Planned, *, attribution: str = ""
) -> Clearance:
    """Against every licence that `owner` holds for the track, or for its whole catalogue. The first that covers it is what it
    rests on: one for this very track before one for the catalogue, one that was used for this piece before others."""
    licences = track_licences.holding(connection, owner, provider, track_id)
    earlier = track_uses.published(connection, provider, track_id, use.output_id, use.platform)
    before = {each.licence_id for each in earlier}
    licences.sort(key=lambda each: (each.id not in before, each.track_id != track_id, not each.ends_on))
    name = name or next((each.title for each in licences if each.title and each.track_id == track_id), track_id)
    missing: list[str] = []
    for licence in licences:
        uses = track_uses.on_licence(connection, licence.id) if licence.single_use else ()
        why = lacks(licence, use, uses, earlier=earlier)
        if not why:
            credit = licence.attribution or attribution
            code = (f"{licence.code} for {name!r}",) if licence.code else ()
            return Clearance(True, (), (), licence.id, (credit,) if credit else (), code)
        missing.append(
            f"The licence {licence.certificate or licence.id} of {name!r} does not cover this: {'; '.join(why)}."
        )
    if not licences:
        missing = [f"Nobody here holds a licence for {name!r} ({provider})."]
    return Clearance(False, tuple(missing), (_step(provider, name, use),))


def covered(connection: Connection, use: TrackUse, on: date, *, but: Collection[str] = ()) -> bool:
    """Whether some licence of its owner, none of `but`, covers on that day what was published."""
    again = Planned(
        platform=use.platform, public=True, commercial=use.commercial, territory=use.territory, on=on,
        output_id=use.output_asset_id, project=use.project_id, channel=use.channel,
        changed=use.asset_id != use.output_asset_id,
    )  # fmt: skip
    return any(
        not lacks(each, again, track_uses.on_licence(connection, each.id) if each.single_use else ())
        for each in track_licences.holding(connection, use.user_id, use.provider, use.track_id)
        if each.id not in but
    )


def _step(provider: str, name: str, use: Planned) -> str:
    where = f"for {use.platform}" if use.public else "for private use"
    how = f"{'commercial ' if use.commercial else ''}use {where}"
    bought = "Extend its licence or get another" if provider == OWN else f"License it at {provider}"
    return f"{name!r}: {bought} for {how}, and enter it under Licensing; or replace the track."


def step_for_preview(track: Mapping[str, str], name: str, use: Planned) -> str:
    step = _step(track["provider"], track["title"] or name, use).partition("; or replace")[0]
    return f"{step}. Then bring in its full file, and put it in the preview's place."


def is_preview(licence: Mapping[str, Any]) -> bool:
    return licence.get("id") == PREVIEW


def record(
    provider: str, track_id: str, title: str, *, licence_title: str, artist: str = "", url: str = "",
    attribution: str = "", preview: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """The licence record of a track from a catalogue whose licence has to be held. What it may be used for stands in the
    licences, not here: the flags are as wide as any licence may be, and a preview's are as narrow as can be."""
    note = (
        "A preview, to try it: what is made with it may not leave the studio for an audience."
        if preview
        else "May be used as far as the licence goes that is entered for it under Licensing."
    )
    return {
        "id": PREVIEW if preview else "catalogue-licence",
        "publish": not preview,
        "credit": attribution,
        "ends": "",
        "title": f"Preview, {licence_title}" if preview else licence_title,
        "royalty_free": False,
        "commercial": not preview,
        "attribution": False,
        "share_alike": False,
        "note": note,
        "url": url,
        HELD: not preview,
        "catalogue": {"provider": provider, "track_id": track_id, "title": title, "artist": artist},
    }


def tracks_of(licence: Mapping[str, Any]) -> list[Mapping[str, str]]:
    """{provider, track_id, title, artist} of each track whose licence has to be held for it: one of a catalogue's track, none
    of anything else, and several of something made from several, which speaks for them once they were purged."""
    if licence.get(HELD):
        return [licence["catalogue"]]
    return list(licence.get("tracks", ()))


def project_of(connection: Connection, asset: Asset) -> str:
    """The project a piece is a render of."""
    render = _render(connection, asset)
    return "" if render is None else str(render.generation_config["project"])


def plan_of(connection: Connection, asset: Asset) -> Mapping[str, Any] | None:
    """The use that was planned for the project when the piece was rendered."""
    render = _render(connection, asset)
    return None if render is None else render.generation_config.get("planned_use")


def _render(connection: Connection, asset: Asset) -> Asset | None:
    """The piece itself; of what was made from one piece alone (mastered, cut, a stem), that piece."""
    seen: set[str] = set()
    while asset.id not in seen:
        seen.add(asset.id)
        named = asset.generation_config.get("project")
        if isinstance(named, str) and named:
            return asset
        links = assets.sources_of(connection, asset.id)
        source = assets.source(connection, links[0].source_id) if len(links) == 1 else None
        if source is None:
            return None
        asset = source
    return None
