"""The cue sheet of a piece: which music plays when, by whom, and on which licence it stands. What broadcasters, collecting
societies and platforms ask for; as data, CSV and PDF."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from core.kit.clock import now
from core.licensing.printing import Page, pdf
from core.rights import gate, held
from core.rights.gate import Use
from core.store import assets, projects, track_licences
from core.store.assets import Asset

COLUMNS = (
    "number", "start", "end", "seconds", "title", "composer", "publisher", "artist", "isrc", "use", "catalogue", "track_id",
    "licence", "certificate", "code", "credit",
)  # fmt: skip
_MUSIC = ("music", "stem", "mix")


@dataclass(frozen=True)
class Cue:
    number: int
    start: str
    end: str
    seconds: float
    title: str
    composer: str
    publisher: str
    artist: str
    isrc: str
    use: str
    """Background, as far as anybody can tell; featured where it is heard alone."""
    catalogue: str
    track_id: str
    licence: str
    certificate: str
    code: str
    credit: str


@dataclass(frozen=True)
class CueSheet:
    title: str
    asset_id: str
    project_id: str
    duration_s: float | None
    platform: str
    commercial: bool
    cleared: bool
    reasons: tuple[str, ...]
    made_at: str
    cues: tuple[Cue, ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def sheet(connection: Any, asset: Asset, use: Use) -> CueSheet:
    """Of a mix, from the version of the project it is a render of; of anything else, the music it was made from as a whole."""
    verdict = gate.may(connection, asset, use)
    rests_on = dict(verdict.rests_on)
    placed = _placed(connection, asset)
    cues = []
    for number, (start, end, piece, role) in enumerate(placed, 1):
        facts = _facts(connection, piece, rests_on)
        cues.append(Cue(number, timecode(start), timecode(end), round(end - start, 3), use=_use(role), **facts))
    return CueSheet(
        title=asset.name, asset_id=asset.id, project_id=use.project or held.project_of(connection, asset),
        duration_s=asset.duration_s, platform=use.platform, commercial=use.commercial, cleared=verdict.allowed,
        reasons=verdict.reasons, made_at=now().isoformat(timespec="seconds"), cues=tuple(cues),
    )  # fmt: skip


def _placed(connection: Any, asset: Asset) -> list[tuple[float, float, Asset, str]]:
    """(start, end, piece, role of its track) in the order they are heard; music only."""
    config = asset.generation_config
    project, version = config.get("project"), config.get("version")
    found: list[tuple[float, float, Asset, str]] = []
    if isinstance(project, str) and isinstance(version, int) and projects.exists(connection, project):
        document = projects.document(connection, project, version)
        tracks = [track for track in document["tracks"] if not track.get("mute")]
        tracks = [track for track in tracks if track.get("solo")] or tracks
        for track in tracks:
            for clip in track.get("clips", ()):
                piece = assets.source(connection, clip["asset_id"])
                if piece is not None and piece.kind in _MUSIC and not clip.get("mute"):
                    start = float(clip.get("start_s", 0.0))
                    end = start + _length(clip, piece, (asset.duration_s or 0.0) - start)
                    found.append((start, end, piece, str(track.get("role", ""))))
    if not found:
        whole = asset.duration_s or 0.0
        for source in gate.sources(connection, asset):
            piece = assets.source(connection, source.id)
            if piece is not None and piece.kind in _MUSIC:
                found.append((0.0, whole, piece, source.role))
    return sorted(found, key=lambda each: (each[0], each[2].name))


def _length(clip: Mapping[str, Any], piece: Asset, left: float) -> float:
    """As long as it is heard: to the end of the piece where it repeats."""
    if clip.get("loop"):
        return max(0.0, left)
    if clip.get("duration_s") is not None:
        return float(clip["duration_s"])
    return max(0.0, (piece.duration_s or 0.0) - float(clip.get("offset_s") or 0.0))


def _facts(connection: Any, piece: Asset, rests_on: Mapping[str, str]) -> dict[str, str]:
    config, licence = piece.generation_config, piece.licence
    track = next(iter(held.tracks_of(licence)), None) or licence.get("catalogue") or {}
    row = track_licences.find(connection, rests_on.get(piece.id, ""))
    return {
        "title": str(track.get("title") or piece.name), "composer": str(config.get("composer") or ""),
        "publisher": str(config.get("publisher") or ""), "artist": str(track.get("artist") or ""),
        "isrc": str(config.get("isrc") or ""), "catalogue": str(track.get("provider") or config.get("provider") or ""),
        "track_id": str(track.get("track_id") or piece.id), "licence": str(licence.get("title", "")),
        "certificate": (row.certificate or row.id) if row else "", "code": row.code if row else "",
        "credit": str(row.attribution if row and row.attribution else licence.get("line") or licence.get("credit") or ""),
    }  # fmt: skip


def _use(role: str) -> str:
    return "featured" if role in ("lead", "song") else "background"


def timecode(seconds: float) -> str:
    """Hours, minutes, seconds and thousandths."""
    whole = round(seconds * 1000)
    return f"{whole // 3_600_000:02d}:{whole // 60_000 % 60:02d}:{whole // 1000 % 60:02d}.{whole % 1000:03d}"


def as_csv(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """For spreadsheets, which would run a text that begins like a formula."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows({name: _inert(value) for name, value in row.items()} for row in rows)
    return file.getvalue()


def _inert(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in tuple("=+-@\t\r") else value


def as_pdf(found: CueSheet) -> bytes:
    length = str(timedelta(seconds=round(found.duration_s))) if found.duration_s else ""
    about = [
        ("Production", found.title),
        ("Length", length),
        ("Use", f"{'commercial' if found.commercial else 'non-commercial'}, {found.platform}"),
        ("Cleared", "yes" if found.cleared else "no: " + " ".join(found.reasons)),
        ("Made", found.made_at),
    ]
    shown = ("number", "start", "end", "title", "composer", "publisher", "use", "certificate")
    rows = [[str(getattr(cue, name)) for name in shown] for cue in found.cues]
    credits = [cue.credit for cue in found.cues if cue.credit]
    codes = [f"{cue.code} ({cue.title})" for cue in found.cues if cue.code]
    notes = ["Credits: " + "; ".join(dict.fromkeys(credits))] if credits else []
    notes += ["Codes: " + "; ".join(dict.fromkeys(codes))] if codes else []
    return pdf(
        Page(f"Cue sheet: {found.title}", tuple(about), tuple(name.title() for name in shown), rows, tuple(notes))
    )
