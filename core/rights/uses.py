"""What left the studio with a catalogue's track in it: a row each, written when the file was handed out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy.engine import Connection

from core.kit.actor import Actor
from core.rights import held
from core.rights.gate import Source, Use, Verdict
from core.store import assets, track_uses
from core.store.assets import Asset


def tracks_in(verdict: Verdict) -> Iterator[tuple[Source, Mapping[str, str]]]:
    """Every catalogue's track the piece was made from, those under open licences too."""
    for source in verdict.sources:
        named = source.licence.get("catalogue")
        for track in held.tracks_of(source.licence) or ([named] if named else []):
            yield source, track


def record(connection: Connection, actor: Actor, asset: Asset, use: Use, verdict: Verdict) -> int:
    """Of what is published; what stays private is no use that anybody asks for. Answers how many tracks."""
    if not use.public:
        return 0
    count = 0
    rests_on = dict(verdict.rests_on)
    project = use.project or held.project_of(connection, asset)
    for source, track in tracks_in(verdict):
        live = assets.source(connection, source.id)
        track_uses.add(
            connection, actor,
            {
                "provider": track["provider"], "track_id": track["track_id"], "title": track["title"] or source.name,
                "artist": track.get("artist", ""), "genre": live.genre if live else None,
                "mood": live.mood if live else None, "asset_id": source.id, "output_asset_id": asset.id,
                "output_name": asset.name, "project_id": project, "licence_id": rests_on.get(source.id),
                "platform": use.platform, "channel": use.channel, "territory": use.territory,
                "commercial": use.commercial, "used_on": use.on.isoformat(),
            },
        )  # fmt: skip
        count += 1
    return count
